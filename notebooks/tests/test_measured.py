"""A number of this run is compared by its bounds, a time by its form, and everything else as it is."""

import re
from pathlib import Path

import pytest
from small_notebooks import stream
from tools.files import Book, read
from tools.measured import comparable, has_measured, out_of_bounds
from tools.outputs import same

from d2l_attention.runs import RANGES

BOOK = Book(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize(
    "one, another",
    [
        ("read: 0.996 (≥ 0.98)", "read: 1.000 (≥ 0.98)"),
        ("read: 0.014 (≤ 0.2)", "read: 0.2 (≤ 0.2)"),
        ("share 99.6% (≥ 98%)", "share 98% (≥ 98%)"),
        ("slope −0.53 (−0.7 … −0.4)", "slope -0.61 (−0.7 … −0.4)"),
        ("off by 2e-07 (≤ 1e-5)", "off by 3.1e-06 (≤ 1e-5)"),
        ("sum:   4 (≥ 1),\n  9 (≥ 1)", "sum: 12 (≥ 1),\n 9 (≥ 1)"),
        ("tanh ~61 ms", "tanh  ~7.25 ms"),
        ("takes ~15× as long", "takes ~6.5× as long"),
    ],
)
def test_runs_that_say_the_same(one, another):
    assert comparable(one) == comparable(another) != one
    assert has_measured(one) and not list(out_of_bounds(one + another))


@pytest.mark.parametrize(
    "one, another",
    [
        ("read: 0.996 (≥ 0.98)", "read: 0.97 (≥ 0.98)"),
        ("read: 0.996 (≥ 0.98)", "read: 0.996 (≥ 0.97)"),
        ("read: 0.996 (≥ 0.98)", "lost: 0.996 (≥ 0.98)"),
        ("read: 0.996 (≥ 0.98)", "read: 0.996 (≤ 1)"),
        ("read: 0.996 (≥ 0.98)", "read: NaN (≥ 0.98)"),
        ("share −0.5 (−0.7 … −0.4)", "share 0.5 (−0.7 … −0.4)"),
        ("off by 2e-07 (≤ 1e-5)", "off by 2e-04 (≤ 1e-5)"),
        ("tanh ~61 ms", "tanh ~61 s"),
        ("tanh ~61 ms", "tanh 61 ms"),
        ("takes ~15× as long", "takes ~15 ms as long"),
        ("0.99 of the weight", "0.98 of the weight"),
    ],
)
def test_runs_that_do_not(one, another):
    assert comparable(one) != comparable(another)


@pytest.mark.parametrize(
    "text", ["0.97 (≥ 0.98)", "0.21 (≤ 0.2)", "0.3 (0.4 … 0.7)", "0.8 (0.4 … 0.7)", "97% (≥ 98%)"]
)
def test_a_number_out_of_its_bounds_is_named(text):
    assert list(out_of_bounds(f"share: {text}, 0.5 (≥ 0.1)")) == [text]


def test_what_was_not_measured_is_left_as_it_is():
    text = "from 0.00 … 0.94 (2, 3), a (b ≥ 3), 7 ms, x ~ N(0, 1)"
    assert comparable(text) == text and not has_measured(text)


def test_only_in_a_trained_cell_is_it_compared_by_its_bounds():
    one, another = [stream("read: 0.99 (≥ 0.98)")], [stream("read: 1.00 (≥ 0.98)")]
    assert same(one, another, trained=True) and not same(one, another)


def test_every_range_of_a_training_is_in_the_book():
    sources = [cell.source for path in BOOK.notebooks() for cell in read(path).cells]
    used = {name for source in sources for name in re.findall(r"\bbounded\((\w+)=", source)}
    assert used == RANGES.keys()
