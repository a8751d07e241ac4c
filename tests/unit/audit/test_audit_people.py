"""The audit of people, end to end on tables whose answer is known."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.audit import RESULT_COLUMNS, audit_people, by_group
from risk_engine.errors import InputError

AS_OF = pd.Timestamp("2026-11-23")
SIZES = {
    "Asian": (60, 1000),
    "Black": (9, 200),
    "Mixed": (0, 150),
    "White": (200, 10_000),
    "Not stated": (5, 100),
}


def run(policy, parts, **more):
    extra = {"origin_scores": None, "residents": None, **more}
    return audit_people(**parts, policy=policy, as_of=AS_OF, **extra)


def rows(results, metric="rri", attribute="ethnicity"):
    chosen = results[(results["metric"] == metric) & (results["attribute"] == attribute)]
    return chosen.set_index("group")


@pytest.fixture(scope="module")
def results(policy, tables):
    return run(policy, tables(SIZES))


def test_columns_and_order_of_groups(results):
    assert tuple(results.columns) == RESULT_COLUMNS
    assert list(rows(results).index) == ["Asian", "Black", "Mixed", "White", "Other", "Unknown"]


def test_figures_by_hand(results):
    asian = rows(results).loc["Asian"]
    assert asian["value"] == pytest.approx(3.0)
    assert (asian["selected"], asian["at_risk"], asian["rate"]) == (60, 1000, 0.06)
    assert asian["reference_rate"] == pytest.approx(0.02)
    assert asian["n"] == pytest.approx(20)
    assert asian["verdict"] == "fail"
    assert asian["deciding"]


def test_three_states_and_the_reasons(results):
    verdict = rows(results)["verdict"].to_dict()
    assert verdict == {
        "Asian": "fail",
        "Black": "cannot tell",
        "Mixed": "cannot tell",
        "White": "reference",
        "Other": "cannot tell",
        "Unknown": "cannot tell",
    }
    why = rows(results)["why"]
    assert why["Asian"].startswith(
        "People recorded as Asian are more likely to be on the list than people recorded as White:"
        " 3.0 times as often (3.0, "
    )
    assert "60 of 1,000 eligible against 20 of 1,000), beyond the agreed 1.25." in why["Asian"]
    assert "likely" not in why["Other"]
    assert why["Mixed"].startswith(
        "Cannot tell: none of the 150 people recorded as Mixed ethnicity"
    )
    assert "no people recorded as Other ethnicity" in why["Other"]
    assert "not recorded for 100 of the eligible (5 of them listed)" in why["Unknown"]


def test_more_likely_only_where_the_interval_excludes_one(results):
    finite = results[results["low"].notna() & (results["verdict"] != "reference")]
    says = finite["why"].str.contains("more likely|less likely")
    excludes = (finite["low"] > 1) | (finite["high"] < 1)
    assert not (says & ~excludes).any()


def test_a_clear_pass(policy, tables):
    parity = run(policy, tables({"Asian": (300, 10_000), "White": (300, 10_000)}))
    assert rows(parity).loc["Asian", "verdict"] == "pass"
    assert "chance alone could give this, within the agreed 1.25." in rows(parity)["why"]["Asian"]


def test_unknown_ethnicity_bounds_hold_the_ratio(results):
    asian = rows(results).loc["Asian"]
    assert asian["bound_low"] < asian["value"] < asian["bound_high"]
    assert asian["bound_high"] == pytest.approx((65 / 1005) / (200 / 10_095))


def test_missing_validation_list_cannot_be_told(results):
    later = results[(results["metric"] == "tpr_ratio") & (results["verdict"] != "reference")]
    assert set(later["verdict"]) == {"cannot tell"}
    assert set(later["attribute"]) == {"ethnicity", "sex", "age_band"}


def test_later_cases_missed_more_often_fail(policy, tables):
    parts = tables({"Black": (40, 400), "White": (400, 1000)})
    origin = parts["scores"].assign(label=1)
    row = rows(run(policy, parts, origin_scores=origin), "tpr_ratio").loc["Black"]
    assert row["value"] == pytest.approx(0.25)
    assert row["verdict"] == "fail"
    assert (
        "to whom the outcome later happened are less likely to have been on the list" in row["why"]
    )


def test_people_without_the_outcome_do_not_count_among_later_cases(policy, tables):
    parts = tables({"Black": (40, 400), "White": (400, 1000)})
    origin = parts["scores"].assign(label=[1] * 100 + [0] * 300 + [1] * 1000)
    row = rows(run(policy, parts, origin_scores=origin), "tpr_ratio").loc["Black"]
    assert (row["selected"], row["at_risk"]) == (40, 100)


def test_residents_are_printed_beside_and_never_decide(policy, tables):
    residents = pd.DataFrame(
        {"group": ["White", "Asian", "Asian"], "residents": [1_000_000, 30_000, 20_000]}
    )
    found = rows(run(policy, tables(SIZES), residents=residents), "rri_residents")
    assert found.loc["Asian", "value"] == pytest.approx((60 / 50_000) / (200 / 1_000_000))
    assert not found["deciding"].any()
    assert "120 of 100,000 residents" not in found.loc["Asian", "why"]
    assert "1.2 of 1,000 residents against 20 of 100,000" in found.loc["Asian", "why"]


def test_age_bands_at_the_date_of_the_list(policy, tables):
    parts = tables({"White": (2, 4)})
    parts["people"]["birth_month"] = pd.to_datetime(
        ["2008-12-01", "2008-11-01", None, "1990-01-01"]
    )
    found = rows(run(policy, parts), attribute="age_band")["at_risk"]
    assert found[["14-17", "18-20", "Other ages", "Unknown"]].tolist() == [1, 1, 1, 1]


def test_a_scored_person_nobody_knows_counts_as_unknown(policy, tables):
    parts = tables({"White": (3, 10)})
    parts["people"] = parts["people"].iloc[:6]
    parts["protected"] = parts["protected"].iloc[:6]
    found = rows(run(policy, parts))["at_risk"]
    assert (found["White"], found["Unknown"]) == (6, 4)


@pytest.mark.parametrize("sizes", [{}, {"White": (1, 1)}, {"Asian": (1, 1)}, {"White": (0, 500)}])
def test_next_to_nothing_never_passes(policy, sizes, tables):
    found = run(policy, tables(sizes))
    assert set(found["verdict"]) <= {"cannot tell", "reference"}


def test_a_person_twice_is_refused_without_naming_anybody(policy, tables):
    parts = tables({"White": (1, 3)})
    parts["scores"] = pd.concat([parts["scores"]] * 2)
    with pytest.raises(InputError, match="3 rows") as error:
        run(policy, parts)
    assert "p0000" not in str(error.value)


def test_a_missing_column_is_named(policy, tables):
    parts = tables({"White": (1, 3)})
    parts["protected"] = parts["protected"].drop(columns="recorded_at")
    with pytest.raises(InputError, match="recorded_at"):
        run(policy, parts)


def test_inputs_are_not_changed(policy, tables):
    parts = tables({"White": (1, 30), "Black": (1, 30)})
    before = {name: frame.copy() for name, frame in parts.items()}
    run(policy, parts, origin_scores=parts["scores"].assign(label=1))
    for name, frame in parts.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_rates_by_group(policy, tables):
    parts = tables({"Black": (10, 40), "White": (20, 60)})
    origin = parts["scores"].assign(label=[1] * 20 + [0] * 80)
    table = by_group(**parts, origin_scores=origin, policy=policy, as_of=AS_OF)
    table = table[table["attribute"] == "ethnicity"].set_index("group")
    assert table.loc["Black"].drop("attribute").astype(float).to_dict() == pytest.approx(
        {
            "n": 40,
            "selected": 10,
            "selection_rate": 0.25,
            "tpr": 0.5,
            "fpr": 0.0,
            "precision": 1.0,
            "observed": 0.5,
        }
    )
    assert table["tpr"].isna().to_dict() == {"Black": False, "White": True}


def test_rates_by_group_of_nothing(policy, tables):
    parts = tables({})
    assert by_group(**parts, origin_scores=None, policy=policy, as_of=AS_OF).empty
