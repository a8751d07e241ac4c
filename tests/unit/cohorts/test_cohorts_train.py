import json

import numpy as np
import pandas as pd
import pytest

from risk_engine.cohorts import choose_features, train_and_score
from risk_engine.cohorts.comparison import choose
from risk_engine.cohorts.inputs import labels
from risk_engine.cohorts.model import NOTHING_RECORDED, OUT_OF_RANGE, abstention
from risk_engine.errors import ConfigError, InputError, IntegrityError


def run(frames, *, features, laid, spec, phrase, seed=1):
    train, score = frames
    return train_and_score(
        train, score, features=features, schedule=laid, spec=spec, seed=seed, phrase=phrase
    )


@pytest.fixture(scope="module")
def result(cohort_frames, features, laid, spec, in_words):
    return run(cohort_frames, features=features, laid=laid, spec=spec, phrase=in_words)


def test_scores_table(result, cohort_frames, spec):
    scores = result.scores
    assert list(scores.columns) == [
        "person_id", "as_of", "outcome", "probability", "low", "high", "rank", "selected",
        "abstain", "reasons", "protective", "area_code",
    ]  # fmt: skip
    assert sorted(scores["person_id"]) == sorted(cohort_frames[1]["person_id"])
    assert scores["rank"].tolist() == list(range(1, len(scores) + 1))
    assert scores["selected"].sum() == spec.listing.top
    assert (scores["probability"].diff().dropna() <= 1e-12).all()
    assert (
        (scores["low"] <= scores["probability"]) & (scores["probability"] <= scores["high"])
    ).all()
    per_area = scores[scores["selected"]].groupby("area_code").size()
    assert (per_area >= spec.listing.per_area_minimum).all()
    assert scores["reasons"].map(len).max() <= 3
    assert scores["protective"].map(len).max() <= 2
    assert scores["reasons"].iloc[0]


def test_contributions_add_up_to_the_score(result, cohort_frames):
    score = cohort_frames[1].set_index("person_id").loc[result.shap["person_id"]]
    total = result.shap.drop(columns=["person_id", "as_of"]).sum(axis=1)
    np.testing.assert_allclose(total, result.model.margin(score), atol=1e-6)
    np.testing.assert_allclose(result.model.predict(score), result.scores["probability"])
    assert result.shap["person_id"].tolist() == result.scores["person_id"].tolist()


def test_metrics_are_plain_and_complete(result, laid):
    metrics = json.loads(json.dumps(result.metrics, allow_nan=False))
    assert metrics["champion"] == result.champion
    assert [origin["date"] for origin in metrics["origins"]] == [
        origin.date.isoformat() for origin in laid.origins
    ]
    for origin in metrics["origins"]:
        assert set(origin["models"]) == {"prior_events", "logistic", "lightgbm"}
        for model in origin["models"].values():
            assert model["auc"]["low"] <= model["auc"]["value"] <= model["auc"]["high"]
    assert metrics["n_train"] == 500 * len(laid.training)
    assert metrics["base_rate"] == pytest.approx(metrics["positives"] / metrics["n_train"])
    assert metrics["warnings"] == []
    assert metrics["why_champion"].startswith("Chosen: ")


def test_past_list_is_the_latest_validation_date(result, laid, cohort_frames, spec):
    past = result.origin_scores
    assert list(past.columns) == ["person_id", "as_of", "score", "selected", "label"]
    assert past["as_of"].eq(laid.origins[0].date).all()
    assert past["selected"].sum() == spec.listing.top
    train = cohort_frames[0]
    then = train[train["as_of"] == laid.origins[0].date].set_index("person_id")
    assert past.set_index("person_id")["label"].eq(then["label"]).all()


def test_comparisons_are_paired_and_antisymmetric(result):
    table = result.comparisons.set_index(["origin", "model", "versus", "metric"])
    forward = result.comparisons.query("model == 'lightgbm' and versus == 'logistic'")
    for row in forward.itertuples(index=False):
        back = table.loc[(row.origin, "logistic", "lightgbm", row.metric)]
        assert row.value == pytest.approx(-back["value"])
        assert row.low == pytest.approx(-back["high"])
        own = table.loc[(row.origin, "lightgbm", "", row.metric), "value"]
        other = table.loc[(row.origin, "logistic", "", row.metric), "value"]
        assert row.value == pytest.approx(own - other)


def test_same_result_whatever_the_order_of_rows_and_features(
    result, cohort_frames, features, laid, spec, in_words
):
    train, score = (frame.sample(frac=1, random_state=5) for frame in cohort_frames)
    again = run((train, score), features=features[::-1], laid=laid, spec=spec, phrase=in_words)
    pd.testing.assert_frame_equal(again.scores, result.scores, check_exact=True)
    pd.testing.assert_frame_equal(again.shap, result.shap, check_exact=True)
    pd.testing.assert_frame_equal(again.comparisons, result.comparisons, check_exact=True)
    assert again.metrics == result.metrics


def test_inputs_are_left_as_they_were(cohort_frames, features, laid, spec, in_words):
    before = [frame.copy() for frame in cohort_frames]
    run(cohort_frames, features=features, laid=laid, spec=spec, phrase=in_words)
    for frame, copy in zip(cohort_frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_labels_known_later_do_not_reach_an_earlier_date(cohort_frames, laid):
    train, _ = cohort_frames
    origin = laid.origins[0]
    late = train.assign(
        label_known_at=train["label_known_at"].mask(train["label"].eq(1), origin.date)
    )
    assert labels(late, known_before=origin.date).sum() == 0
    assert labels(late, known_before=laid.as_of).sum() == train["label"].sum()


def test_trees_run_only_where_they_beat_the_rules(new_spec, new_frames, features, laid, in_words):
    spec = new_spec(estimator={"n_estimators": 60, "min_child_samples": 20})
    train, score = new_frames(spec, people=800)
    rng = np.random.default_rng(2)
    for frame in (train, score):  # a U-shaped signal: no line and no count can follow it
        frame["person.all.kinds_1y"] = rng.normal(0, 1, len(frame))
    train["label"] = (
        rng.random(len(train)) < np.where(train["person.all.kinds_1y"].abs() > 1.5, 0.6, 0.02)
    ).astype(int)
    train["label_known_at"] = (train["as_of"] + pd.Timedelta(days=1)).where(train["label"].eq(1))
    found = run((train, score), features=features, laid=laid, spec=spec, phrase=in_words)
    assert found.champion == "lightgbm"
    assert "Against logistic regression: better" in found.metrics["why_champion"]
    assert found.importance["feature"].iloc[0] == "person.all.kinds_1y"


def test_noise_leaves_the_simplest_rule_running(new_frames, features, laid, spec, in_words):
    noise = new_frames(spec, people=400, strength=0.0, base=-2.0)
    found = run(noise, features=features, laid=laid, spec=spec, phrase=in_words)
    assert found.champion == "prior_events"


def test_a_leak_is_called_out(cohort_frames, features, laid, spec, in_words):
    train, score = (frame.copy() for frame in cohort_frames)
    train["person.all.kinds_1y"] = train["label"].astype(float)
    found = run((train, score), features=features, laid=laid, spec=spec, phrase=in_words)
    assert any("implausibly good" in w and "AUC" in w for w in found.metrics["warnings"])
    assert any("of the importance" in w for w in found.metrics["warnings"])


def test_a_list_of_nearly_everybody_is_called_out(
    cohort_frames, features, laid, new_spec, in_words
):
    spec = new_spec(list={"top": 400})
    found = run(cohort_frames, features=features, laid=laid, spec=spec, phrase=in_words)
    assert any("more than half" in w for w in found.metrics["warnings"])


def test_people_of_whom_nothing_is_known_are_not_scored(
    cohort_frames, features, laid, spec, in_words
):
    train, score = (frame.copy() for frame in cohort_frames)
    columns = [feature.column for feature in features]
    score.loc[0, columns] = np.nan
    score.loc[1, columns[0]] = 500.0
    found = run((train, score), features=features, laid=laid, spec=spec, phrase=in_words)
    rows = found.scores.set_index("person_id").loc[score["person_id"].iloc[:2]]
    assert rows["abstain"].tolist() == [True, True]
    assert rows["reasons"].tolist() == [[NOTHING_RECORDED], [OUT_OF_RANGE]]
    assert rows[["probability", "low", "high"]].isna().all(axis=None)
    assert not rows["selected"].any()
    assert sorted(rows["rank"]) == [499, 500]
    assert found.metrics["abstained"] == {NOTHING_RECORDED: 1, OUT_OF_RANGE: 1}


def test_far_outside_is_more_than_a_little_beyond():
    low, high = np.array([0.0, 1.0, np.nan]), np.array([4.0, 1.0, np.nan])
    values = np.array([[8.0, 1, 5], [8.1, 1, np.nan], [-4.0, 9, 0], [np.nan, np.nan, np.nan]])
    assert abstention(values, lowest=low, highest=high).tolist() == [
        "", OUT_OF_RANGE, "", NOTHING_RECORDED,
    ]  # fmt: skip


def test_three_positives_run_the_simplest_rule(cohort_frames, features, laid, spec, in_words):
    train, score = (frame.copy() for frame in cohort_frames)
    keep = train[train["label"].eq(1)].groupby("as_of").head(3).index
    train["label"] = train.index.isin(keep).astype(int)
    train["label_known_at"] = train["label_known_at"].where(train["label"].eq(1))
    found = run((train, score), features=features, laid=laid, spec=spec, phrase=in_words)
    assert found.metrics["calibration"]["method"] == "none"
    assert "3 of 500" in found.metrics["calibration"]["why"]
    assert found.champion in {"prior_events", "logistic"}


def test_no_outcome_at_the_validation_dates(cohort_frames, features, laid, spec, in_words):
    train, score = (frame.copy() for frame in cohort_frames)
    dates = [origin.date for origin in laid.origins]
    # the outcomes of the validation dates only; the later training dates keep theirs
    train.loc[train["as_of"].isin(dates), ["label", "label_known_at"]] = [0, pd.NaT]
    found = run((train, score), features=features, laid=laid, spec=spec, phrase=in_words)
    assert found.champion == "prior_events"
    assert "Too few outcomes" in found.metrics["why_champion"]
    assert found.metrics["overall"]["lightgbm"]["auc"]["value"] is None


def no_outcomes(train, _score):
    train["label"], train["label_known_at"] = 0, pd.NaT


def everybody(train, _score):
    train["label"], train["label_known_at"] = 1, train["as_of"]


def twice(train, _score):
    train.loc[1, "person_id"] = train.loc[0, "person_id"]


def infinite(train, _score):
    train.loc[1, "person.missing_persons.missing_1y"] = np.inf


def words(_train, score):
    score["person.missing_persons.missing_1y"] = "many"


def odd_label(train, _score):
    train.loc[0, "label"] = 2


def label_without_date(train, _score):
    train.loc[train["label"].eq(1), "label_known_at"] = pd.NaT


def no_column(train, _score):
    del train["person.missing_persons.missing_1y"]


def no_date(train, _score):
    train.loc[train["as_of"] == train["as_of"].min(), "as_of"] -= pd.Timedelta(days=1)


def other_date(_train, score):
    score["as_of"] += pd.Timedelta(days=1)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (no_outcomes, "COHORT_ONE_CLASS"),
        (everybody, "COHORT_ONE_CLASS"),
        (twice, "COHORT_DUPLICATES"),
        (infinite, "COHORT_VALUES"),
        (words, "COHORT_VALUES"),
        (odd_label, "COHORT_LABELS"),
        (label_without_date, "COHORT_LABELS"),
        (no_column, "COHORT_COLUMNS"),
        (no_date, "COHORT_DATES"),
        (other_date, "COHORT_DATES"),
    ],
)
def test_refused_in_words(damage, code, cohort_frames, features, laid, spec, in_words):
    train, score = (frame.copy() for frame in cohort_frames)
    damage(train, score)
    with pytest.raises(InputError) as caught:
        run((train, score), features=features, laid=laid, spec=spec, phrase=in_words)
    assert caught.value.code == code
    assert "p0000" not in str(caught.value)


def test_nobody_to_score(cohort_frames, features, laid, spec, in_words):
    train, score = cohort_frames
    with pytest.raises(InputError) as caught:
        run((train, score.iloc[:0]), features=features, laid=laid, spec=spec, phrase=in_words)
    assert caught.value.code == "COHORT_NOBODY"


@pytest.mark.parametrize("name", ["age", "area_code", "person.police.ethnicity", "person.x.sex"])
def test_protected_and_eligibility_columns_are_refused(
    name, cohort_frames, features, laid, spec, in_words
):
    barred = type(features[0])(name, "as anything")
    with pytest.raises(IntegrityError) as caught:
        run(cohort_frames, features=[*features, barred], laid=laid, spec=spec, phrase=in_words)
    assert caught.value.code == "COHORT_PROTECTED"


@pytest.mark.parametrize("many", [0, 2])
def test_no_feature_or_one_twice(many, cohort_frames, features, laid, spec, in_words):
    with pytest.raises(InputError) as caught:
        run(cohort_frames, features=[features[0]] * many, laid=laid, spec=spec, phrase=in_words)
    assert caught.value.code == "COHORT_FEATURES"


def test_features_are_chosen_by_glob(features, new_spec):
    spec = new_spec(
        features={"include": ["person.police.*", "person.all.kinds"], "exclude": ["*.missing"]}
    )
    assert [f.column for f in choose_features(features, spec=spec)] == [
        "person.police.victim_1y",
        "person.police.victim_3y",
        "person.police.recency_3y",
        "person.all.kinds_1y",
    ]
    with pytest.raises(ConfigError, match="none of 6 features"):
        choose_features(features, spec=new_spec(features={"include": ["place.*"]}))


def test_a_beaten_candidate_never_runs():
    rows = [
        ("a", "", 0.20, 0.10, 0.30),
        ("b", "", 0.30, 0.20, 0.40),
        ("a", "b", -0.10, -0.15, -0.05),
        ("b", "a", 0.10, 0.05, 0.15),
    ]
    table = pd.DataFrame(rows, columns=["model", "versus", "value", "low", "high"]).replace(
        {"a": "prior_events", "b": "logistic"}
    )
    table = table.assign(origin=pd.NaT, metric="average_precision")
    assert choose(table, ["prior_events", "logistic"])[0] == "logistic"
    table.loc[table["value"] == 0.10, "low"] = -0.01
    assert choose(table, ["prior_events", "logistic"])[0] == "prior_events"
