"""One person's name as many desks write it: what is one name, and what stays two."""

from __future__ import annotations

import pytest

from risk_engine.linkage.names import roots
from risk_engine.linkage.spelling import LONGEST, Spelled, first, last, sound, split_full, words

NOTHING = Spelled(None, None, None, ())


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("O\N{RIGHT SINGLE QUOTATION MARK}Brien", "obrien"),
        ("O'Brien", "obrien"),
        ("O Brien", "obrien"),
        ("Ó Briain", "obriain"),
        ("Mc Donald", "mcdonald"),
        ("MacDonald", "macdonald"),
        ("St. John", "stjohn"),
        ("al-Hassan", "hassan"),
        ("El Amrani", "amrani"),
        ("bin Laden", "laden"),
        ("Van", "van"),
        ("van der Berg", "berg"),
        ("VAN DER BERG", "berg"),
        ("de la Cruz", "cruz"),
        ("D\N{RIGHT SINGLE QUOTATION MARK}Arcy", "darcy"),
        ("Łukasiewicz", "lukasiewicz"),
        ("Größe", "grosse"),
        ("Smith-Jones", "smithjones"),
        ("Smith Jones", "smithjones"),
        ("Smith Jr.", "smith"),
        ("Mr Smith", "smith"),
        ("Master", "master"),
        ("Иванова", "ivanova"),
        ("Nguyễn", "nguyen"),
        ("Ng", "ng"),
        ("O", "o"),
    ],
)
def test_surnames_are_brought_to_one_form(written, name):
    assert last(written).name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Mary-Kate", "marykate"),
        ("MARY KATE", "marykate"),
        ("Mr. John", "john"),
        ("Miss", None),
        ("Jose\N{COMBINING ACUTE ACCENT}e", "josee"),
        ("Renée", "renee"),
        ("Anna2", "anna"),
        ("محمد", "mhmd"),
        ("مُحَمَّد", "muhamad"),
        ("דָּוִד", "david"),
        ("\N{RIGHT-TO-LEFT MARK}محمد\N{RIGHT-TO-LEFT MARK}", "mhmd"),
        ("अनिता", "anita"),
        ("王小明", "wangxiaoming"),
        ("Πέτρος", "petros"),
        ("\N{MATHEMATICAL BOLD SCRIPT CAPITAL A}nna", "anna"),
        ("Anna 😀", "anna"),
    ],
)
def test_first_names_are_brought_to_one_form(written, name):
    assert first(written).name == name


@pytest.mark.parametrize(
    "written",
    [None, "", "  ", "?", "??", "-", "😀", "👩🏽‍🚒🔥", "1\ufe0f\u20e3", "12345", "½", "\ud800",
     "Not Known", "UNKNOWN", "n/a", "N.K.", "xxx", "refused", "Anon.", "tbc"],
)  # fmt: skip
def test_what_names_nobody_is_no_name(written):
    assert first(written) == last(written) == NOTHING


@pytest.mark.parametrize(
    "same",
    [
        "Mohammed Muhammad Mohamud Maxamed Mohamad Muhammed",
        "Youssef Yusuf Yousef",
        "Abdi Cabdi",
        "Omar Cumar",
        "Farah Faarax",
        "Kadir Qadir Khadir",
        "Kowalczyk Kovalchik",
        "Szymański Szymanski Shymanski",
        "Huang Hwang Wong",
        "Zhang Chang Cheung",
        "Zeng Tseng Tsang",
        "Liang Leung",
        "Xin Hsin",
        "Nguyễn Nguyen",
        "Sean Shaun",
        "Ahmed Ahmad",
        "Iyad Eyad",
    ],
)
def test_spellings_of_one_name_sound_alike(same):
    assert len({last(name).sound for name in same.split()}) == 1


@pytest.mark.parametrize(
    "different",
    ["Mohammed Mahmoud Ahmed", "Khan Chan", "Smith Schmidt", "Ali Ala Eli Lee", "Patel Batel"],
)
def test_sound_is_wide_but_not_boundless(different):
    assert len({last(name).sound for name in different.split()}) > 1


@pytest.mark.parametrize("name", ["h", "x", "hh", "xh", "w", "y", "ah", "c", "q"])
def test_the_shortest_names_still_sound(name):
    assert sound(name)


@pytest.mark.parametrize(
    ("written", "root"),
    [
        ("Bob", "robert"),
        ("Bobby", "robert"),
        ("Muhammad", "mohammed"),
        ("Muhammad Ali", "mohammed"),
        ("Kasia", "catherine"),
        ("Mary Ann", "mary"),
        ("Maryann", "maryann"),
        ("Zoltan", "zoltan"),
    ],
)
def test_nicknames_and_spellings_share_a_root(written, root):
    assert first(written).root == root


def test_a_surname_is_its_own_root():
    assert last("Bob").root == "bob"


@pytest.mark.parametrize(
    ("written", "split"),
    [
        ("Anna Berg", ("Anna", "Berg")),
        ("BERG, Anna", ("Anna", "BERG")),
        ("BERG, Anna van der", ("Anna", "van der BERG")),
        ("Anna van der Berg", ("Anna", "van der Berg")),
        ("Omar bin Laden", ("Omar", "bin Laden")),
        ("Juan Carlos de la Cruz", ("Juan Carlos", "de la Cruz")),
        ("John Smith Jr", ("John", "Smith")),
        ("John Smith, Jr.", ("John", "Smith")),
        ("SMITH, John, Jr", ("John,", "SMITH")),
        ("van Berg", ("van", "Berg")),
        ("Cher", ("Cher", None)),
        ("Berg,", (None, "Berg")),
        (", Anna", ("Anna", None)),
        (",", (None, None)),
        ("Jr", (None, None)),
        ("   ", (None, None)),
        (None, (None, None)),
    ],
)
def test_whole_names_are_split(written, split):
    assert split_full(written) == split


@pytest.mark.parametrize("whole", ["Dr Anna Maria van der Berg", "VAN DER BERG, Anna Maria (Dr)"])
def test_both_orders_of_a_whole_name_give_one_person(whole):
    given, surname = split_full(whole)
    assert (first(given).name, last(surname).name) == ("annamaria", "berg")


def test_names_of_any_length_are_cut():
    for long in ("a" * 200, "ab " * 200, "王" * 200):
        assert len(first(long).name) == len(last(long).name) == LONGEST
        assert sound(first(long).name)


def test_words_of_a_cut_name_are_whole_up_to_the_limit():
    assert words("ab " * 200) == ["ab"] * 80


def test_forms_are_written_as_they_are_compared():
    assert all(words(form) == [form] for form in roots())
    assert roots()["mohamed"] == roots()["muhammad"] == "mohammed"
    assert set(roots().values()) <= set(roots())
