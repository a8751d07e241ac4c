"""The candidates and how each is fitted: two simple rules and boosted trees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from risk_engine.cohorts.inputs import FeatureLike, FloatArray
from risk_engine.cohorts.learners import Learner, Linear, Trees, threads
from risk_engine.config.cohort import Estimator
from risk_engine.errors import InputError

#: Simplest first: where a later one is not shown to be better, an earlier one runs.
WORDS = {
    "prior_events": "the count of earlier events",
    "logistic": "logistic regression",
    "lightgbm": "boosted trees",
}
#: Inverse penalty on standardised coefficients. Windows of one count are nearly collinear: with a
#: weak penalty their coefficients take opposite signs, and reasons with them.
PENALTY = 0.001
_CONSTRAINT = {"increasing": 1, "decreasing": -1, "none": 0}


def fit(
    name: str,
    values: FloatArray,
    label: FloatArray,
    *,
    features: Sequence[FeatureLike],
    estimator: Estimator,
    seed: int,
) -> Learner:
    """Fit one candidate.

    Parameters
    ----------
    name
        A key of `WORDS`.
    values, label
        Rows by features (NaN where missing), and 0 or 1 a row; both classes present.
    features
        One a column of `values`, in its order.

    Raises
    ------
    InputError
        ``COHORT_RULE`` when prior_events has no feature that counts.
    """
    if name == "prior_events":
        return _fit_prior_events(values, label, counted=_counting(features))
    if name == "logistic":
        return _fit_logistic(values, label)
    return _fit_trees(values, label, features=features, estimator=estimator, seed=seed)


def _fit_trees(
    values: FloatArray,
    label: FloatArray,
    *,
    features: Sequence[FeatureLike],
    estimator: Estimator,
    seed: int,
) -> Trees:
    import lightgbm

    constraints = [_CONSTRAINT[f.direction] if estimator.monotone else 0 for f in features]
    parameters = {
        "objective": "binary",
        "num_leaves": estimator.num_leaves,
        "learning_rate": estimator.learning_rate,
        "min_data_in_leaf": estimator.min_child_samples,
        "monotone_constraints": constraints,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "num_threads": threads(values),
        "verbosity": -1,
    }
    names = [feature.column for feature in features]
    data = lightgbm.Dataset(values, label=label, feature_name=names, params=parameters)
    return Trees(lightgbm.train(parameters, data, num_boost_round=estimator.n_estimators))


def _fit_logistic(values: FloatArray, label: FloatArray) -> Linear:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    pipeline = make_pipeline(imputer, StandardScaler(), LogisticRegression(C=PENALTY))
    imputer, scaler, regression = pipeline.fit(values, label)
    slope = regression.coef_[0] / scaler.scale_
    width = values.shape[1]
    absent, absent_slope = np.zeros(width), np.zeros(width)
    absent[imputer.indicator_.features_] = scaler.mean_[width:]
    absent_slope[imputer.indicator_.features_] = slope[width:]
    return Linear(
        fill=imputer.statistics_,
        centre=scaler.mean_[:width],
        slope=slope[:width],
        absent=absent,
        absent_slope=absent_slope,
        base=float(regression.intercept_[0]),
    )


def _fit_prior_events(values: FloatArray, label: FloatArray, *, counted: FloatArray) -> Linear:
    """Rank by a plain sum of counts; only the scale to a probability is fitted."""
    from sklearn.linear_model import LogisticRegression

    centre = np.nan_to_num(values).mean(axis=0)
    total = (np.nan_to_num(values) - centre) @ counted
    regression = LogisticRegression().fit(total[:, None], label)
    # more events always rank higher: the rule is stated beforehand, not learnt
    slope = max(float(regression.coef_[0, 0]), 1e-6)
    nothing = np.zeros(values.shape[1])
    return Linear(
        nothing, centre, slope * counted, nothing, nothing, float(regression.intercept_[0])
    )


def _counting(features: Sequence[FeatureLike]) -> FloatArray:
    """Mark the features whose sum is the rule: counts over a year, or all counts without one."""
    # more of what protects (attendance regained, order completed) is no sign of risk
    counts = [f.measure == "count" and f.direction != "decreasing" for f in features]
    year = [c and f.column.endswith("_1y") for c, f in zip(counts, features, strict=True)]
    chosen = year if any(year) else counts
    if not any(chosen):
        raise InputError(
            "the rule prior_events needs a feature that counts events; none was given",
            hint="add a feature with measure: count, or take prior_events out of rules",
            code="COHORT_RULE",
        )
    return np.array(chosen, dtype=np.float64)
