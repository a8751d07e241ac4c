"""Linkage error by group, on people whose records are known: found, missed and mixed up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk_engine.audit import RESULT_COLUMNS, audit_linkage, linkage_by_group, overall
from risk_engine.audit.clustered import Rates, poisson_draws
from risk_engine.audit.linkcases import LinkErrors
from risk_engine.audit.linkerrors import groups_of_true_people, known_records, tally
from risk_engine.errors import InputError

AS_OF = pd.Timestamp("2026-11-23")


def world(parts):
    """Build tables from ``(group, [records under each pseudonym of one true person])``."""
    rows = [
        (f"t{i:05d}", f"p{i:05d}-{j}", group)
        for i, (group, sizes) in enumerate(parts)
        for j, size in enumerate(sizes)
        for _ in range(size)
    ]
    records = pd.DataFrame(rows, columns=["true_person", "person_id", "group"], dtype="str")
    records.insert(0, "record_id", [f"r{i:06d}" for i in range(len(rows))])
    persons = records.drop_duplicates("person_id")
    return {
        "links": records[["record_id", "person_id"]].assign(method="deterministic"),
        "protected": pd.DataFrame(
            {
                "person_id": persons["person_id"],
                "characteristic": "ethnicity",
                "value": persons["group"],
                "source": "self",
                "recorded_at": pd.Timestamp("2024-01-01"),
            }
        ),
        "people": persons[["person_id"]].assign(birth_month=pd.Timestamp("2010-06-01")),
        "labels": records[["record_id", "true_person"]],
    }


def audited(policy, tables, **more):
    return audit_linkage(**{**tables, **more}, policy=policy, as_of=AS_OF)


def described(policy, tables, **more):
    table = linkage_by_group(**{**tables, **more}, policy=policy, as_of=AS_OF)
    return table.set_index(["attribute", "group"])


def rows(results, metric, attribute="ethnicity"):
    chosen = results[(results["metric"] == metric) & (results["attribute"] == attribute)]
    return chosen.set_index("group")


def allowing(policy, **change):
    return policy.model_copy(update={"linkage": policy.linkage.model_copy(update=change)})


@pytest.fixture(scope="module")
def halved():
    """White people whole; every Black person of four records in two halves."""
    return world([("White", [4])] * 300 + [("White", [3, 1])] * 10 + [("Black", [2, 2])] * 100)


# --- counts by hand ------------------------------------------------------------------------------


def test_what_was_found_of_a_person_by_hand():
    tables = world([("White", [3, 1]), ("White", [2]), ("White", [1])])
    counts = tally(known_records(tables["links"], tables["labels"]))
    assert counts["records"].tolist() == [4, 2, 1]
    assert counts["pairs"].tolist() == [6, 1, 0]
    assert counts["found"].tolist() == [3, 1, 0]
    assert counts["joined"].tolist() == [3, 1, 0]
    assert counts["together"].tolist() == [(9 + 1) / 4, 2, 1]


def test_a_pair_of_two_people_counts_half_with_each():
    tables = world([("White", [2]), ("White", [1])])
    tables["links"]["person_id"] = "one"
    counts = tally(known_records(tables["links"], tables["labels"]))
    assert counts["joined"].tolist() == [1 + 1, 1]
    assert counts["found"].sum() / counts["joined"].sum() == pytest.approx(1 / 3)


def test_rates_by_hand(policy):
    table = described(policy, world([("Black", [3, 1]), ("Black", [2]), ("White", [2])]))
    black = table.loc[("ethnicity", "Black")]
    assert black["recall"] == pytest.approx(4 / 7)
    assert black["record_recall"] == pytest.approx((2.5 + 2) / 6)
    assert black["precision"] == 1
    assert (black["records"], black["true_people"]) == (6, 2)
    assert black["recall_low"] < black["recall"] < black["recall_high"]


def test_records_that_are_not_labelled_or_not_linked_stay_out(policy):
    tables = world([("Black", [2, 1]), ("White", [2])])
    labels = tables["labels"].iloc[[0, 1, 3, 4]]
    labels = pd.concat([labels, pd.DataFrame({"record_id": ["gone"], "true_person": ["t00000"]})])
    assert described(policy, tables, labels=labels)["recall"].loc[("ethnicity", "Black")] == 1


def test_one_large_person_carries_the_pairs_but_not_the_records(policy):
    table = described(policy, world([("Black", [40]), *[("Black", [1, 1])] * 20]))
    black = table.loc[("ethnicity", "Black")]
    assert black["recall"] == pytest.approx(780 / 800)
    assert black["record_recall"] == pytest.approx((40 + 20) / 80)


def test_shares_by_hand_and_by_source(policy):
    tables = world([("Black", [4]), *[("White", [1])] * 6])
    tables["links"]["method"] = ["single"] * 9 + ["unlinkable"]
    tables["links"]["weak"] = pd.array([True, None, *[False] * 8], dtype="boolean")
    tables["links"]["source"] = ["police"] * 6 + ["health"] * 4
    table = described(policy, tables, labels=None)
    assert table["unlinkable"][("ethnicity", "White")] == pytest.approx(1 / 6)
    assert table["weak"][("ethnicity", "Black")] == pytest.approx(1 / 4)
    assert table["weak"][("source", "police")] == pytest.approx(1 / 6)
    assert table["unlinkable"][("source", "health")] == pytest.approx(1 / 4)
    assert table["recall"].isna().all()
    assert "source" not in set(audited(policy, tables)["attribute"])


# --- groups --------------------------------------------------------------------------------------


def test_a_true_person_is_in_the_group_of_most_of_its_records():
    known = pd.DataFrame(
        {"true_person": list("aaabbcc"), "person_id": ["1", "2", "2", "3", "1", "4", "5"]}
    ).astype("category")
    value = pd.Series({"1": "White", "2": "Asian", "3": "Unknown", "4": "Mixed", "5": "Black"})
    found = groups_of_true_people(known, value)
    assert found.to_dict() == {"a": "Asian", "b": "White", "c": "Black"}


def test_people_nobody_recorded_are_unknown_and_compared_with_nobody(policy, halved):
    lost = halved["protected"][halved["protected"]["value"] != "Black"]
    found = rows(audited(policy, halved, protected=lost), "link_recall")
    assert found.loc["Unknown", "verdict"] == "cannot tell"
    assert np.isnan(found.loc["Unknown", "value"])
    assert "Ethnicity is not recorded for 600 pairs of records" in found.loc["Unknown", "why"]
    assert not found["deciding"].any()


def test_all_of_one_group_cannot_be_told(policy):
    found = audited(policy, world([("White", [3])] * 50))
    assert set(found["verdict"]) <= {"cannot tell", "reference"}
    named = rows(found, "link_recall")
    assert list(named.index) == ["Asian", "Black", "Mixed", "White", "Other"]
    assert named.loc["Asian", "why"] == (
        "Cannot tell: no pairs of records that truly are one person are known of people recorded "
        "as Asian."
    )


# --- verdicts ------------------------------------------------------------------------------------


def test_a_group_with_half_its_links_missing_fails_and_is_adjudicated(policy, halved):
    results = audited(policy, halved)
    black = rows(results, "link_recall").loc["Black"]
    assert black["rate"] == pytest.approx(1 / 3)
    assert black["value"] == pytest.approx(100 * (1 / 3 - (1800 + 30) / 1860))
    assert black["verdict"] == "fail"
    assert black["high"] < -2
    assert black["why"].startswith(
        "Of the pairs of records that truly are one person, 33.3 in 100 were found for people "
        "recorded as Black against 98.4 in 100 for people recorded as White: a difference of "
        "\N{MINUS SIGN}65.1 points ("
    )
    assert black["why"].endswith("lower by more than the agreed 2 points.")
    answer = overall(results)
    assert answer.blocking == []
    assert "linkage/ethnicity/link_recall/Black" in answer.to_adjudicate


def test_the_policy_may_let_linkage_decide(policy, halved):
    answer = overall(audited(allowing(policy, deciding=True), halved))
    assert "linkage/ethnicity/link_recall/Black" in answer.blocking


def test_the_tolerance_is_the_policys(policy, halved):
    found = rows(audited(allowing(policy, points=90), halved), "link_recall")
    assert found.loc["Black", "verdict"] == "pass"
    assert found.loc["Black", "why"].endswith("not lower by more than the agreed 90 points.")


def test_a_group_found_as_well_passes(policy):
    found = audited(policy, world([("White", [3])] * 600 + [("Black", [3])] * 400))
    assert rows(found, "link_recall").loc["Black", "verdict"] == "pass"
    assert "chance alone could give this" in rows(found, "link_recall").loc["Black", "why"]


def test_few_people_all_found_are_not_certain(policy):
    tables = world([("White", [3])] * 600 + [("Black", [6])] * 4)
    found = rows(audited(policy, tables), "link_recall")
    assert found.loc["Black", "value"] == 0
    assert found.loc["Black", "low"] < -20
    assert found.loc["Black", "verdict"] == "cannot tell"


def test_nothing_found_is_a_failure_and_not_an_empty_cell(policy):
    found = audited(policy, world([("White", [3])] * 300 + [("Black", [1, 1])] * 100))
    assert rows(found, "link_recall").loc["Black", "verdict"] == "fail"
    assert rows(found, "link_precision").loc["Black", "verdict"] == "cannot tell"


def test_wrong_links_of_one_group_fail_on_precision(policy):
    tables = world([("White", [3])] * 400 + [("Black", [2])] * 200)
    black = tables["links"].index[1200:]
    merged = [f"m{i // 4:04d}" for i in range(len(black))]
    tables["links"].loc[black, "person_id"] = merged
    persons = pd.Series(merged).unique()
    more = {"person_id": persons, "birth_month": pd.Timestamp("2010-06-01")}
    tables["people"] = pd.concat([tables["people"].iloc[:400], pd.DataFrame(more)])
    said = tables["protected"].iloc[[0] * len(persons)].assign(person_id=persons, value="Black")
    tables["protected"] = pd.concat([tables["protected"].iloc[:400], said])
    found = audited(policy, tables)
    assert rows(found, "link_precision").loc["Black", "rate"] == pytest.approx(1 / 3)
    assert rows(found, "link_precision").loc["Black", "verdict"] == "fail"
    assert rows(found, "link_recall").loc["Black", "verdict"] == "pass"


def test_unlinkable_records_of_one_group_fail(policy):
    tables = world([("White", [2])] * 2000 + [("White", [1])] * 40 + [("Black", [1])] * 400)
    tables["links"]["method"] = ["deterministic"] * 4000 + ["unlinkable"] * 80 + ["single"] * 360
    row = rows(audited(policy, tables, labels=None), "unlinkable").loc["Black"]
    assert (row["selected"], row["at_risk"], row["verdict"]) == (40, 400, "fail")
    assert row["value"] == pytest.approx(0.1 / (40 / 4040))
    assert row["why"].startswith(
        "Records of people recorded as Black are more likely to hold too little to be linked than "
        "those of people recorded as White: 10 times as often (10, "
    )
    assert "100 of 1,000 records against 9.9 of 1,000 records)" in row["why"]


def test_more_likely_only_where_the_interval_excludes_one(policy, halved):
    links = halved["links"].assign(weak=np.arange(len(halved["links"])) % 20 == 0)
    found = rows(audited(policy, halved, links=links), "weak").loc["Black"]
    assert found["low"] < 1 < found["high"]
    assert "likely" not in found["why"]
    assert "1.0 times as often as those of people recorded as White" in found["why"]


# --- what may be missing -------------------------------------------------------------------------


def test_without_labels_neither_recall_nor_precision_is_compared(policy, halved):
    found = audited(policy, halved, labels=None)
    assert tuple(found.columns) == RESULT_COLUMNS
    assert set(found["metric"]) == {"unlinkable"}
    assert set(found["subject"]) == {"linkage"}


def test_without_labels_a_deciding_linkage_cannot_be_told(policy, halved):
    found = rows(audited(allowing(policy, deciding=True), halved, labels=None), "link_recall")
    assert found.loc[found["deciding"], "verdict"].eq("cannot tell").all()
    assert found["deciding"].sum() == 4


def test_empty_labels_cannot_be_told(policy, halved):
    labels = halved["labels"].iloc[:0]
    found = audited(policy, halved, labels=labels)
    assert set(rows(found, "link_recall")["verdict"]) == {"cannot tell", "reference"}
    table = described(policy, halved, labels=labels)
    assert table["recall"].isna().all()
    assert table["recall_low"].isna().all()


def test_no_links_at_all(policy):
    found = audited(policy, world([]))
    assert set(found["verdict"]) <= {"cannot tell", "reference"}
    assert described(policy, world([])).empty


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("links", lambda f: f.drop(columns="method"), "AUDIT_COLUMNS"),
        ("links", lambda f: pd.concat([f, f]), "AUDIT_KEY"),
        ("labels", lambda f: f.drop(columns="true_person"), "AUDIT_COLUMNS"),
        ("labels", lambda f: pd.concat([f, f]), "AUDIT_KEY"),
    ],
)
def test_odd_tables_are_refused(policy, halved, table, change, code):
    with pytest.raises(InputError) as caught:
        audited(policy, {**halved, table: change(halved[table])})
    assert caught.value.code == code
    assert "r0000" not in str(caught.value)


# --- intervals -----------------------------------------------------------------------------------


def test_records_of_one_person_count_as_one_where_they_are_all_alike():
    group = np.zeros(10, dtype=np.intp)
    alike = Rates.of(np.repeat([4.0, 0.0], 5), np.full(10, 4.0), group, groups=1)
    assert alike.effect[0] == pytest.approx(10 / 9 * 40 / 10)
    apart = Rates.of(np.full(10, 2.0), np.full(10, 4.0), group, groups=1)
    assert apart.effect[0] == 1


def test_where_all_are_found_a_group_says_as_much_as_it_has_people():
    rates = Rates.of(np.array([40.0, 2.0]), np.array([40.0, 2.0]), np.zeros(2, int), groups=2)
    assert (rates.at_risk / rates.effect)[0] == 2
    low, high = rates.interval(confidence=0.95)
    assert low[0] == pytest.approx(2 / (2 + 1.959964**2))  # Wilson at n = 2, all selected
    assert high[0] == 1
    assert np.isnan(low[1])


def test_newcombes_published_difference():
    # Newcombe 1998, table II (a): 56/70 - 48/80, method 10 without continuity correction
    rates = Rates(np.array([56.0, 48.0]), np.array([70.0, 80.0]), np.ones(2))
    low, high = rates.difference(1, confidence=0.95)
    assert (low[0], high[0]) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_people_who_add_the_same_are_drawn_together_with_the_same_spread():
    people = pd.DataFrame({"found": [1.0] * 300 + [0.0] * 100, "pairs": 1.0})
    group = np.repeat([0, 1], [200, 200])
    sums = poisson_draws(people, group, groups=2, draws=4_000, seed=1)
    assert sums.shape == (4_000, 2, 2)
    assert sums.mean(axis=0) == pytest.approx(np.array([[200, 200], [100, 200]]), rel=0.01)
    assert sums.var(axis=0) == pytest.approx(np.array([[200, 200], [100, 200]]), rel=0.1)


def people_with_lost_records(generator, count, share):
    """People of 2 to about 10 records (one in fifty of five times as many), some of them lost."""
    records = 1 + generator.geometric(0.5, count)
    records = np.where(generator.random(count) < 0.02, 5 * records, records)
    own = generator.beta(6 * share, 6 * (1 - share), count)
    kept = (records - generator.binomial(records, own)).astype(float)
    pairs = records * (records - 1) / 2
    found = kept * (kept - 1) / 2
    parts = {"records": records * 1.0, "pairs": pairs, "found": found, "joined": found}
    return pd.DataFrame(parts | {"together": (kept**2 + records - kept) / records})


@pytest.mark.parametrize("size", [6, 50, 300])
def test_the_interval_holds_the_truth_and_seldom_passes_falsely(size):
    """Group and reference lose 3 % of records alike: the difference is none."""
    generator, above, below, tries = np.random.default_rng(size), 0, 0, 80
    for seed in range(tries):
        counts = [people_with_lost_records(generator, n, 0.03) for n in (size, 600)]
        group = pd.Series(["Black"] * size + ["White"] * 600)
        errors = LinkErrors.of(pd.concat(counts, ignore_index=True), group, expected=(), seed=seed)
        low, high = errors.difference("link_recall", "White", confidence=0.95)
        above, below = above + (low[0] > 0), below + (high[0] < 0)
    assert above <= 0.15 * tries
    assert below <= 0.10 * tries


# --- order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_row_order_and_the_names_of_true_people_play_no_part(policy, halved, seed):
    tables = {**halved, "links": halved["links"].assign(weak=False, source="police")}
    mixed = {
        name: frame.sample(frac=1, random_state=seed + i)
        for i, (name, frame) in enumerate(tables.items())
    }
    mixed["labels"] = mixed["labels"].assign(true_person=mixed["labels"]["true_person"] + "x")
    pd.testing.assert_frame_equal(audited(policy, tables), audited(policy, mixed))
    pd.testing.assert_frame_equal(described(policy, tables), described(policy, mixed))
