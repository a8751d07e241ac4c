"""Records of all partners into people: Splink, stable keyed pseudonyms, linkage quality.

Names, birth dates and addresses stop here: what goes on is a pseudonym, a birth month and a home.
"""

from risk_engine.linkage.keys import read_key
from risk_engine.linkage.link import Linked, link
from risk_engine.linkage.people import protect

__all__ = ["Linked", "link", "protect", "read_key"]
