import json

import numpy as np
import pytest

from risk_engine.cohorts import Model
from risk_engine.cohorts.calibration import calibrate
from risk_engine.cohorts.candidates import WORDS, fit
from risk_engine.cohorts.inputs import matrix
from risk_engine.cohorts.learners import Linear
from risk_engine.cohorts.model import training_range
from risk_engine.errors import IntegrityError


def fitted(name, frames, features, spec):
    train, _ = frames
    columns = tuple(feature.column for feature in features)
    values, label = matrix(train, columns), train["label"].to_numpy(float)
    values[:, -1] = np.nan  # a feature that training never saw
    learner = fit(name, values, label, features=features, estimator=spec.estimator, seed=1)
    calibration = calibrate(learner.margin(values), label)
    return Model(name, columns, learner, calibration, *training_range(values))


@pytest.mark.parametrize("name", list(WORDS))
def test_saved_as_strict_json_and_scores_the_same(name, cohort_frames, features, spec):
    model, score = fitted(name, cohort_frames, features, spec), cohort_frames[1]
    text = json.dumps(model.as_json(), allow_nan=False)
    again = Model.from_json(json.loads(text))
    np.testing.assert_array_equal(again.predict(score), model.predict(score))
    np.testing.assert_array_equal(again.contributions(score), model.contributions(score))
    np.testing.assert_array_equal(
        again.calibration.interval(again.margin(score)),
        model.calibration.interval(model.margin(score)),
    )
    assert again.abstention(score).tolist() == model.abstention(score).tolist()
    assert json.dumps(again.as_json(), allow_nan=False) == text
    assert not any(person in text for person in score["person_id"])


def test_contributions_that_do_not_add_up_are_refused(cohort_frames, features, spec):
    class Wrong(Linear):
        def margin(self, values):
            return super().margin(values) + 1e-3

    model = fitted("logistic", cohort_frames, features, spec)
    broken = model.learner
    wrong = Wrong(
        broken.fill, broken.centre, broken.slope, broken.absent, broken.absent_slope, broken.base
    )
    spoiled = Model(
        model.name, model.columns, wrong, model.calibration, model.lowest, model.highest
    )
    with pytest.raises(IntegrityError) as caught:
        spoiled.contributions(cohort_frames[1])
    assert caught.value.code == "COHORT_ADDITIVITY"
