"""Settings mean the same however they are laid out, and every fault is found on its own line."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from risk_engine.config import Duration, EventFilter, HotspotSpec, content_hash, load_model
from risk_engine.config.base import expand
from risk_engine.errors import ConfigError

WORD = st.from_regex(r"[a-z]{3,8}", fullmatch=True)
KNOWN = set(HotspotSpec.model_fields)
SPEC = st.fixed_dictionaries(
    {"name": st.just("spots")},
    optional={
        "history": st.sampled_from(["90d", "3y", "6mo"]),
        "rank_draws": st.integers(50, 500),
        "placed": st.fixed_dictionaries(
            {}, optional={"squares": st.integers(1, 5000), "smoothing_share": st.floats(0, 1)}
        ),
        "lists": st.fixed_dictionaries({"force_area": st.integers(1, 99)}),
    },
)


def load(model, text):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.yaml"
        path.write_text(text, encoding="utf-8")
        return load_model(model, path, shown="file.yaml")


def dumped(value, *, flow):
    yaml, stream = YAML(typ="safe"), io.StringIO()
    yaml.default_flow_style = flow
    yaml.dump(value, stream)
    return stream.getvalue()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 100), st.sampled_from(["d", "w", "mo", "y"]), st.sampled_from(["", " "]))
def test_a_duration_reads_what_it_writes(count, unit, gap):
    duration = Duration.parse(f"{count}{gap}{unit}")
    assert Duration.parse(str(duration)) == duration
    assert duration.days == count * {"d": 1, "w": 7, "mo": 30, "y": 365}[unit]
    assert duration.words.startswith("the last ")


@settings(max_examples=30, deadline=None)
@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_variables_is_left_alone(text):
    assert expand(text) == text


@settings(max_examples=30, deadline=None)
@given(SPEC, st.booleans())
def test_layout_and_order_change_nothing(spec, flow):
    plain = load(HotspotSpec, dumped(spec, flow=False))
    other = load(HotspotSpec, dumped(dict(reversed(spec.items())), flow=flow))
    assert plain == other == HotspotSpec.model_validate(spec)
    assert content_hash(plain) == content_hash(other)


@settings(max_examples=30, deadline=None)
@given(SPEC, SPEC)
def test_equal_hashes_mean_equal_settings(one, other):
    one, other = HotspotSpec.model_validate(one), HotspotSpec.model_validate(other)
    assert (content_hash(one) == content_hash(other)) is (one == other)


@settings(max_examples=30, deadline=None)
@given(st.lists(WORD.filter(lambda word: word not in KNOWN), unique=True, max_size=6), st.data())
def test_every_unknown_key_is_found_on_its_line(unknown, data):
    keys = data.draw(st.permutations(["name", *unknown]))
    text = "".join(f"{key}: {'spots' if key == 'name' else 1}\n" for key in keys)
    if not unknown:
        assert load(HotspotSpec, text).name == "spots"
        return
    with pytest.raises(ConfigError) as caught:
        load(HotspotSpec, text)
    found = {fault.where: fault.line for fault in caught.value.faults}
    assert found == {key: line for line, key in enumerate(keys, start=1) if key != "name"}


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(WORD, st.lists(st.text("0123456789abc.-", min_size=1), min_size=1), max_size=3)
)
def test_attribute_values_are_the_text_that_was_quoted(attributes):
    text = dumped({"attributes": attributes}, flow=True)
    assert load(EventFilter, text).attributes == attributes


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 3))
def test_a_number_that_is_a_code_keeps_its_zeros(number, zeros):
    written = "0" * zeros + str(number)
    assert load(EventFilter, f"attributes: {{code: {written}}}\n").attributes == {"code": [written]}
