"""The command line: one module a group of verbs, one function a verb, thin."""

from risk_engine.cli.entry import app, main

__all__ = ["app", "main"]
