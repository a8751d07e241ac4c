"""The chapters of a run, one module a subject; `risk_engine.pipeline` tells them in order.

A chapter takes the desk, reads the tables it needs from the run folder, writes the ones it makes
and returns its facts.
"""
