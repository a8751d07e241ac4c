"""Why two identities were linked, or not: the weight taken apart into what each field says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from risk_engine.linkage.training import Model, odds, probabilities

#: Names of the fields in words.
WORDS = {
    "first_name": "first name",
    "last_name": "last name",
    "birth_date": "birth date",
}
START = "starting point"
RARITY = "how rare the values are"


@dataclass(frozen=True)
class Part:
    """What one thing adds to the weight of a pair.

    Attributes
    ----------
    what
        The field in words, `START` or `RARITY`.
    found
        The level that the comparison came to, in the words of the specification; empty where no
        field was compared.
    log2
        Log2 Bayes factor: by how many doublings it raises (or lowers) the odds of one person.
    """

    what: str
    found: str
    log2: float


def parts(pair: Mapping[str, Any], model: Model) -> list[Part]:
    """Take the weight of a pair apart; the parts add up to it.

    Parameters
    ----------
    pair
        ``weight`` and ``level_<field>`` as `scoring.Scored.pairs` has them.
    model
        The one that the pair was scored with.

    Returns
    -------
    list of Part
        The starting point (the odds that two identities drawn at random are one person), one part a
        field in the order of the model, and what is due to how rare the values are: agreeing on a
        common value counts less than on a rare one. That last one is the rest of the weight, to the
        four digits that weights are kept to.
    """
    found = [Part(START, "", odds(model.prior))]
    for field, levels in _levels(model).items():
        number = int(pair[f"level_{field}"])
        what = WORDS.get(field, field)
        if number < 0:
            found.append(Part(what, _missing(field), 0.0))
            continue
        when = levels[len(levels) - 1 - number]
        m, u = model.parameters[field, when]
        found.append(Part(what, when, float(np.log2(m / u))))
    rest = float(pair["weight"]) - sum(part.log2 for part in found)
    return [*found, Part(RARITY, "", rest)]


def _levels(model: Model) -> dict[str, list[str]]:
    """Return the levels of each field, from most to least alike."""
    found: dict[str, list[str]] = {}
    for field, when in model.parameters:
        found.setdefault(field, []).append(when)
    return found


def _missing(field: str) -> str:
    if field == "last_name":
        return "not compared: missing, or counted with the first name"
    return "not compared: missing"


@dataclass(frozen=True)
class Around:
    """The compared pairs of one identity, by what became of them.

    Attributes
    ----------
    links
        Joined to others of the person.
    weak
        With others of the person, below the threshold: these joined nothing.
    ruled_out
        With others of the person, although the pair by itself is ruled out.
    not_joined
        Strong enough, but with somebody else: refused, held back, or open to several.
    """

    links: pd.DataFrame
    weak: pd.DataFrame
    ruled_out: pd.DataFrame
    not_joined: pd.DataFrame


def around(node: int, pairs: pd.DataFrame, members: set[int], threshold: float) -> Around:
    """Sort the pairs of an identity by what became of them, strongest first.

    Parameters
    ----------
    node
        The identity.
    pairs
        Its compared pairs (`scoring.Scored.pairs`).
    members
        Nodes of the person that it belongs to.
    threshold
        Match probability from which pairs are joined.

    Returns
    -------
    Around
        Each frame as `pairs`, with ``other`` (the other node) and ``probability``.
    """
    other = pairs["right"].where(pairs["left"] == node, pairs["left"])
    told = pairs.assign(
        other=other, probability=probabilities(pairs["weight"].to_numpy(np.float64))
    ).sort_values(["weight", "other"], ascending=[False, True], ignore_index=True)
    inside, ruled_out = told["other"].isin(members), told["evidence"] < 0
    strong = (told["weight"] >= odds(threshold)) & ~ruled_out
    return Around(
        links=told[inside & strong],
        weak=told[inside & ~strong & ~ruled_out],
        ruled_out=told[inside & ruled_out],
        not_joined=told[~inside & strong],
    )
