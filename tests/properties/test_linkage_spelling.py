"""What holds of a name whatever stands in its field."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from risk_engine.linkage.spelling import first, last, sound, split_full, words

#: Any code point there is, lone surrogates too: extracts are not always sound.
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)
LATIN = re.compile(r"[a-z]+")


@given(ANYTHING)
def test_words_are_latin_and_stay_as_they_are(text):
    found = words(text)
    assert all(LATIN.fullmatch(word) for word in found)
    assert words(" ".join(found)) == found


@given(ANYTHING)
def test_a_name_is_known_in_all_its_forms_or_in_none(text):
    for spelled in (first(text), last(text)):
        if spelled.name is None:
            assert (spelled.root, spelled.sound, spelled.parts) == (None, None, ())
        else:
            assert LATIN.fullmatch(spelled.name)
            assert LATIN.fullmatch(spelled.root)
            assert LATIN.fullmatch(spelled.sound)
            assert "".join(spelled.parts).startswith(spelled.name)


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=12))
def test_every_name_has_a_sound_that_hears_no_capitals_and_no_doubled_letters(name):
    assert sound(name)
    assert last(name.upper()).sound in {None, sound(name)}


@given(ANYTHING)
def test_splitting_a_whole_name_loses_no_word_but_a_suffix(text):
    whole = words(text.replace(",", " "))
    given_name, surname = split_full(text)
    kept = sorted(words(f"{given_name or ''} {surname or ''}"))
    if len(text) <= 100:  # longer ones are cut
        lost = list(whole)
        for word in kept:
            lost.remove(word)
        assert set(lost) <= {"jr", "snr", "sr", "jnr"}
