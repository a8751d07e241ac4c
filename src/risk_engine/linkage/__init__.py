"""Records of all partners into people: Splink, stable keyed pseudonyms, linkage quality.

Names, birth dates and addresses stop here: what goes on is a pseudonym, a birth month and a home.
"""

from risk_engine.linkage.keys import read_key
from risk_engine.linkage.learn import learn
from risk_engine.linkage.link import Linked, link
from risk_engine.linkage.memory import Memory
from risk_engine.linkage.people import protect
from risk_engine.linkage.quality import pairwise
from risk_engine.linkage.reading import TextTable, read_tables
from risk_engine.linkage.table import LinkedTable, columns_of, link_table, merged
from risk_engine.linkage.training import Model
from risk_engine.linkage.training import load as load_model

__all__ = [
    "Linked",
    "LinkedTable",
    "Memory",
    "Model",
    "TextTable",
    "columns_of",
    "learn",
    "link",
    "link_table",
    "load_model",
    "merged",
    "pairwise",
    "protect",
    "read_key",
    "read_tables",
]
