"""A number is written in one way, in sentences and pictures, in Python and in the browser."""

import math
import re
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from d2l_attention import show_heatmaps
from d2l_attention.descriptions import significant
from d2l_attention.explorers.still import numbers_text
from d2l_attention.number_text import number_text

from .node import run_js

WRITTEN = [
    (0.0, "0.00"), (-0.0, "0.00"), (-0.001, "0.00"), (0.001, "0.00"), (1e-45, "0.00"),
    (0.125, "0.13"), (-0.125, "−0.13"), (0.1249999, "0.13"), (0.12499, "0.12"),
    (0.375, "0.38"), (0.374994, "0.37"), (2.5, "2.50"), (-1.5, "−1.50"), (-99.5, "−99.50"),
    (99.994, "99.99"), (99.995, "100"), (100.0, "100"), (123.456, "123"), (-1234.5, "−1235"),
    (65504.0, "65504"), (999_999.4, "999999"), (999_999.5, "1.00e6"), (1_000_000.0, "1.00e6"),
    (-1_225_000.0, "−1.23e6"), (3.4e38, "3.40e38"), (1.7e308, "1.70e308"),
    (math.inf, "∞"), (-math.inf, "−∞"), (math.nan, "NaN"),
]  # fmt: skip
PATTERN = re.compile(r"−?(\d{1,2}\.\d\d|[1-9]\d{2,5}|[1-9]\.\d\de\d+|∞)|NaN")
any_float32 = st.floats(width=32)
# Halves of the last digit, and their neighbours; what is near 100 and near a million.
ties = st.builds(
    lambda n, unit, ulps: float(torch.tensor(n * unit).view(torch.int32).add(ulps).view(torch.float32)),
    st.integers(-30_000, 30_000), st.sampled_from([0.005, 0.125, 0.5, 5e-6, 50.0]),
    st.integers(-2, 2),
)  # fmt: skip
numbers = any_float32 | ties | st.floats(-200, 200) | st.floats(9e5, 1.1e6)


@pytest.mark.parametrize("x, text", WRITTEN)
def test_numbers_as_they_are_written(x, text):
    assert number_text(x) == text


def test_more_digits_are_for_what_is_below_100():
    x = 0.123456
    assert [number_text(x, n) for n in range(6)] == [
        "0", "0.1", "0.12", "0.123", "0.1235", "0.12346"
    ]  # fmt: skip
    assert (number_text(123.456, 4), number_text(99.99999, 4)) == ("123", "100")


@given(numbers)
@example(99.995)
@example(999_999.499999)
def test_what_is_written_is_the_number_rounded(x):
    text = number_text(x)
    assert PATTERN.fullmatch(text)
    if not math.isfinite(x):
        return
    value = float(text.replace("−", "-"))
    assert text.startswith("−") == (value < 0)
    unit = 0.01 if abs(value) < 100 else 1 if abs(value) < 1e6 else abs(value) / 100
    assert abs(value - x) <= unit / 2 + 5e-6 + 1e-12 * abs(x)
    assert value == 0 or number_text(-x).removeprefix("−") == text.removeprefix("−")


@given(st.integers(-511, 511))
def test_what_differs_in_the_last_bits_is_written_alike(eighths):
    x = torch.tensor(eighths / 8)  # below 64 a float32 has more than five decimals
    neighbours = [x, x.nextafter(torch.tensor(math.inf)), x.nextafter(torch.tensor(-math.inf))]
    assert len({number_text(y.item()) for y in neighbours}) == 1


def compare_with_the_browser(xs, folder):
    words = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    cases = [
        [words.get(repr(x), repr(x)), digits, number_text(x, digits)]
        for x in xs
        for digits in (2, 3, 4)
    ]
    assert run_js("numbers.test.js", cases, folder) == 1


@settings(max_examples=4, deadline=None)
@given(st.lists(numbers, min_size=200, max_size=400))
def test_the_browser_writes_drawn_numbers_alike(xs):
    with tempfile.TemporaryDirectory() as folder:
        compare_with_the_browser(xs, Path(folder))


def test_the_browser_writes_many_numbers_alike(tmp_path):
    generator = torch.Generator().manual_seed(0)
    bits = torch.randint(-(2**31), 2**31, (4000,), generator=generator, dtype=torch.int64)
    patterns = bits.to(torch.int32).view(torch.float32)  # every kind of float32
    sizes = 10 ** (14 * torch.rand(4000, generator=generator) - 6)
    ties = torch.arange(-2000, 2000) / 200
    xs = torch.cat([patterns, sizes, ties, 1000 * ties, 1e5 * ties]).tolist()
    compare_with_the_browser(xs + [x for x, _text in WRITTEN], tmp_path)


def test_sentences_and_pictures_write_numbers_alike():
    X = torch.tensor([[123.456, -0.125], [torch.inf, torch.nan]])
    assert numbers_text(X) == "123, −0.13, ∞, NaN"
    sentence = show_heatmaps(X, "Keys", "Queries").sentence
    assert "from −0.13 to 123." in sentence and "1 → 0 (∞)" in sentence


def test_numbers_with_two_digits_that_count():
    xs = (0.012345, -1234.0, math.inf, -math.inf, math.nan)
    assert [significant(x) for x in xs] == ["0.012", "−1.2e+03", "∞", "−∞", "NaN"]
