"""What the command line prints: the story of a run, on a terminal or as plain lines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console as Rich
from rich.status import Status

if TYPE_CHECKING:  # the rooms behind these are slow to import and only their shape is needed
    from risk_engine.pipeline import Week
    from risk_engine.release import Decision


class Console:
    """Prints lines; with `as_json` lines go to standard error and one object to standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._stream = sys.stderr if as_json else sys.stdout
        self._rich = Rich(file=self._stream, highlight=False, soft_wrap=True)
        self._status: Status | None = None

    def say(self, text: str) -> None:
        """Print one line."""
        self._rich.print(text, markup=False)

    def start(self, stage: str) -> None:
        """Show that a stage is under way (on a terminal only)."""
        if self._rich.is_terminal:
            self._status = self._rich.status(stage)
            self._status.start()

    def done(self, stage: str, sentence: str) -> None:
        """Print what a stage did."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        self.say(f"{stage:<12}{sentence}")

    def week(self, week: Week) -> None:
        """Print what was made, what is refused and why, and what to do next."""
        self.gate(week.run.run_id, week.gate)
        self.say(f"{'report':<12}{week.report}")
        self.say(f"{'run':<12}{week.run.run_id} · {week.cost}")

    def gate(self, run_id: str, decision: Decision) -> None:
        """Print the gate's decision and the next step."""
        if decision.allowed:
            self.say(f"{'gate':<12}OPEN: nothing is missing")
            self.say(f"{'next':<12}risk-engine release {run_id}")
            return
        things = (
            "1 thing is" if len(decision.missing) == 1 else f"{len(decision.missing)} things are"
        )
        self.say(f"{'gate':<12}NOT YET: {things} missing")
        for reason in decision.missing:
            self.say(f"{'':<12}- {reason}")
        for step in decision.next_steps(run_id):
            self.say(f"{'next':<12}{step}")

    def result(self, value: dict[str, Any]) -> None:
        """Print the one JSON object, if it was asked for."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, indent=2, sort_keys=True, default=str) + "\n")
