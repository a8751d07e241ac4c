"""The strategic needs assessment: offences, victims, places and times of twelve months.

To the offence definition in force, for the force area and each local area, beside the year before
where that may be compared; small numbers are protected before anything leaves the room.
"""

from risk_engine.needs.assess import Assessment, assess
from risk_engine.needs.coverage import Month
from risk_engine.needs.window import Window

__all__ = ["Assessment", "Month", "Window", "assess"]
