"""Dates as people write them: the words, the parts, the same ones for a seed, and the padding."""

import datetime
import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from d2l_attention.dates import FIRST, ISO_VOCABULARY, LAST, STYLES, encode, make_dates, write_date

FIFTH = datetime.date(2026, 3, 5)


@pytest.mark.parametrize(
    ("language", "style", "written"),
    [
        ("es", "full", "jueves, 5 de marzo de 2026"),
        ("es", "long", "5 de marzo de 2026"),
        ("es", "medium", "5 mar 2026"),
        ("es", "short", "05/03/2026"),
        ("en", "full", "Thursday, March 5, 2026"),
        ("en", "long", "March 5, 2026"),
        ("en", "medium", "Mar 5, 2026"),
        ("en", "short", "03/05/2026"),
    ],
)
def test_a_date_is_written_as_in_its_language(language, style, written):
    assert write_date(FIFTH, language, style).written == written


def test_each_token_has_its_part():
    date = write_date(FIFTH, "es", "full")
    assert date.tokens == ["jueves", "5", "de", "marzo", "de", "20", "26"]
    assert date.parts == ["", "day", "", "month", "", "year", "year"]
    assert date.iso == "2026-03-05"
    assert write_date(FIFTH, "en", "medium").tokens == ["mar", "5", "20", "26"]


@given(st.dates(FIRST, LAST), st.sampled_from(["en", "es"]), st.sampled_from(STYLES))
def test_the_parts_hold_the_date(date, language, style):
    written = write_date(date, language, style)
    parts = {"year": "", "month": "", "day": ""}
    for token, part in zip(written.tokens, written.parts, strict=True):
        if part:
            parts[part] += token
    assert (int(parts["year"]), int(parts["day"])) == (date.year, date.day)
    if style == "short":
        assert int(parts["month"]) == date.month
    assert written.iso == f"{date.year}-{date.month:02}-{date.day:02}"


def test_marks_belong_to_words():
    assert write_date(FIFTH, "hi", "long").tokens == ["5", "मार्च", "20", "26"]
    assert write_date(FIFTH, "ta", "long").tokens[:2] == ["5", "மார்ச்"]


def test_of_a_datetime_the_day_is_written():
    moment = datetime.datetime(2026, 3, 5, 17, 30)
    assert write_date(moment, "en", "full") == write_date(FIFTH, "en", "full")
    with pytest.raises(TypeError, match="date must be a datetime.date, not str"):
        write_date("2026-03-05", "en", "full")


def test_an_unknown_style_is_named():
    with pytest.raises(ValueError, match="style is 'tiny', but must be one of full, long"):
        write_date(FIFTH, "en", "tiny")


@pytest.mark.slow
def test_a_seed_draws_the_same_days_in_every_process_and_language():
    code = "from d2l_attention.dates import *; print([d.iso for d in make_dates(9, 'es', seed=4)])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    days = [date.iso for date in make_dates(9, "en", seed=4)]
    assert run.stdout.strip() == str(days)
    assert days != [date.iso for date in make_dates(9, "en", seed=5)]


def test_no_day_comes_twice():
    dates = make_dates(2000, "es")
    assert len({date.iso for date in dates}) == 2000
    with pytest.raises(ValueError, match="number is 73050, but there are 73049 days"):
        make_dates(73050)


def test_padding_and_valid_lengths():
    numbers, valid_lens = encode([["a"], [], ["b", "a"]], ["a", "b"], length=3)
    assert numbers.tolist() == [[1, 0, 0], [0, 0, 0], [2, 1, 0]]
    assert valid_lens.tolist() == [1, 0, 2]
    assert numbers.dtype == valid_lens.dtype == torch.int64


def test_the_iso_form_has_ten_known_tokens():
    numbers, valid_lens = encode(["2026-03-05"], ISO_VOCABULARY)
    assert "".join(ISO_VOCABULARY[n - 1] for n in numbers[0].tolist()) == "2026-03-05"
    assert valid_lens.tolist() == [10]


def test_what_cannot_be_encoded_is_named():
    with pytest.raises(ValueError, match="the token 'c' is not in the vocabulary"):
        encode(["abc"], "ab")
    with pytest.raises(ValueError, match="length is 1, but the longest sequence has 2 tokens"):
        encode(["ab"], "ab", length=1)
