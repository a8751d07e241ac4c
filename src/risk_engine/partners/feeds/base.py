"""What every check of a drop is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from risk_engine.partners.feeds.model import Observation, Severity
from risk_engine.partners.feeds.profile import View


class Check(ABC):
    """One check of a drop.

    Attributes
    ----------
    code
        Stable name, for scripts.
    looks_at
        What it compares, in words.
    severity
        The most it may do.
    needs_peers
        Whether it compares with other drops and therefore needs enough of them.
    """

    code: ClassVar[str]
    looks_at: ClassVar[str]
    severity: ClassVar[Severity] = "hold"
    needs_peers: ClassVar[bool] = True

    @abstractmethod
    def not_applicable(self, view: View) -> str:
        """Say why the check cannot look at this drop; empty where it can."""

    @abstractmethod
    def look(self, view: View) -> list[Observation]:
        """Return what is unusual."""
