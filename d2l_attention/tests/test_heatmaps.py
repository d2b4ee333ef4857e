import base64
import html
import io
import math
import pickle
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from unittest import mock

import matplotlib
import nbformat
import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from nbclient import NotebookClient
from PIL import Image

from d2l_attention import DotProductAttention, scales, show_attention, show_heatmaps
from d2l_attention.pictures import figure_html, png_of
from d2l_attention.scales import SEQUENTIAL, colour_limits, colour_map, pool_blocks

from .test_attention import LargestTensor

WHITE = (1.0, 1.0, 1.0)


@lru_cache(maxsize=1)  # of one figure after another, many colours are read
def rendered(figure):
    """The pixels of a figure, (height, width, 3)."""
    png = io.BytesIO()
    # Text is not laid out in proportion: at another resolution the panel stands elsewhere.
    figure.set_dpi(150)
    figure.savefig(png, dpi=150)
    return np.asarray(Image.open(png).convert("RGB")) / 255


def painted(picture, panel, i, j):
    """The colour painted at row i and column j of a panel, read off the rendered figure."""
    pixels = rendered(picture.figure)
    x, y = picture.figure.axes[panel].transData.transform((j, i))
    return tuple(pixels[int(pixels.shape[0] - y), int(x)])


def close(colour, expected):
    return colour == pytest.approx(to_rgb(expected), abs=2 / 255)


def test_rows_are_queries_and_columns_are_keys():
    weights = torch.tensor([[0.0, 0.0, 1.0], [0.5, 0.0, 0.5]])
    picture = show_heatmaps(weights, xlabel="Keys", ylabel="Queries")
    assert close(painted(picture, 0, 0, 2), SEQUENTIAL[-1])
    assert close(painted(picture, 0, 1, 0), SEQUENTIAL[2])
    assert painted(picture, 0, 0, 0) == painted(picture, 0, 1, 1) == WHITE
    ax = picture.figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Keys", "Queries")


def test_panels_share_one_scale_and_the_bar_is_true_of_each():
    matrices = torch.stack([torch.full((2, 2), 0.25), torch.full((2, 2), 0.5)])
    picture = show_heatmaps(matrices, "Keys", "Queries")
    assert close(painted(picture, 1, 0, 0), SEQUENTIAL[-1])
    assert close(painted(picture, 0, 0, 0), SEQUENTIAL[2]), "a uniform matrix has its own colour"
    bar = picture.figure.axes[2]
    assert bar.get_ylim() == (0, 0.5)


def test_both_signs_are_symmetric_about_white():
    picture = show_heatmaps(torch.tensor([[-1.0, 0.0], [0.5, 4.0]]), "Keys", "Queries")
    assert painted(picture, 0, 0, 1) == WHITE
    assert picture.figure.axes[0].images[0].get_clim() == (-4, 4)
    red, _green, blue = painted(picture, 0, 0, 0)
    assert red > blue, "negative is brown"
    red, _green, blue = painted(picture, 0, 1, 0)
    assert red < blue, "positive is blue"


def test_limits():
    assert colour_limits(torch.zeros(1, 1, 2, 2)) == (0, 1)
    assert colour_limits(torch.full((1, 1, 2, 2), -3.0)) == (-3, 3)
    assert colour_limits(torch.full((1, 1, 2, 2), torch.nan)) == (0, 1)
    assert colour_limits(torch.tensor([0.2, torch.inf])) == pytest.approx((0, 0.2))
    assert colour_limits(torch.tensor([0.2, 0.5]), vmin=-1, vmax=2) == (-1, 2)


def test_one_end_that_is_given_sets_the_other_so_that_zero_stays_white():
    assert colour_limits(torch.tensor([-4.0, 1.0]), vmax=1) == (-1, 1)
    assert colour_limits(torch.tensor([-4.0, 1.0]), vmin=-1) == (-1, 1)
    assert colour_limits(torch.tensor([0.0, 1.0]), vmin=-2) == (-2, 2)


def test_panels_and_their_sentences_come_in_reading_order():
    grid = torch.arange(6.0).reshape(2, 3, 1, 1).expand(2, 3, 2, 2) / 5
    picture = show_heatmaps(grid, "k", "q", ["a", "b", "c"], row_titles=["A", "B"])
    assert tuple(picture.figure.get_size_inches()) == (7.5, 5.0)
    for panel in range(6):
        assert close(painted(picture, panel, 0, 0), colour_map((0, 1))(panel / 5)[:3])
    order = ["A, a:", "A, b:", "A, c:", "B, a:", "B, b:", "B, c:"]
    assert sorted(order, key=picture.sentence.index) == order
    assert picture.sentence.count("→") == 6, "one row of each panel is described"


def test_a_readers_own_style_changes_nothing():
    with matplotlib.rc_context({"image.origin": "lower", "savefig.bbox": "tight"}):
        picture = show_heatmaps([[0.0, 0.0], [1.0, 0.0]], "k", "q")
        html = figure_html(png_of(picture.figure), "")
    png = base64.b64decode(re.search('base64,([^"]+)', html)[1])
    assert Image.open(io.BytesIO(png)).size == (375, 375) and 'width="240"' in html
    assert close(painted(picture, 0, 1, 0), SEQUENTIAL[-1])
    assert painted(picture, 0, 0, 0) == WHITE


def test_vmin_vmax_and_cmap_override():
    picture = show_heatmaps(torch.eye(2), "Keys", "Queries", cmap="gray", vmin=-1, vmax=1)
    assert painted(picture, 0, 0, 0) == WHITE
    assert close(painted(picture, 0, 0, 1), "#808080")


def test_shapes_become_panels():
    assert len(show_heatmaps(torch.rand(3, 4), "k", "q").figure.axes) == 1 + 1
    batch = show_heatmaps(torch.rand(2, 3, 4), "k", "q")
    assert [ax.get_title() for ax in batch.figure.axes[:2]] == ["Example 0", "Example 1"]
    grid = show_heatmaps(torch.rand(2, 3, 4, 5), "k", "q", ["a", "b", "c"], row_titles=["A", "B"])
    assert [ax.get_title() for ax in grid.figure.axes[:6]] == ["a", "b", "c", "", "", ""]
    assert [ax.get_ylabel() for ax in grid.figure.axes[:6]] == ["A\nq", "", "", "B\nq", "", ""]
    assert [ax.get_xlabel() for ax in grid.figure.axes[:6]] == ["", "", "", "k", "k", "k"]
    assert tuple(show_heatmaps(torch.eye(2), "k", "q").figure.get_size_inches()) == (2.5, 2.5)


def test_the_books_own_call():
    weights = torch.eye(10).reshape((1, 1, 10, 10))
    picture = show_heatmaps(weights, "Keys", "Queries", ["Identity"], (3.5, 3.5), "Reds")
    assert tuple(picture.figure.get_size_inches()) == (3.5, 3.5)
    red, _green, blue = painted(picture, 0, 4, 4)
    assert red > blue


def test_labels_are_drawn_as_text():
    hostile = ["<script>alert(1)</script>", "cost: $5 and $x^{"]
    picture = show_heatmaps(
        torch.eye(2), "$k", "q$", ["$$"], (9, 9), key_labels=hostile, query_labels=["a", "b"]
    )
    painted(picture, 0, 0, 0)
    ax = picture.figure.axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == hostile
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert f"a → {hostile[0]} (1.00)" in picture.sentence


def test_no_label_is_read_as_a_formula():
    picture = show_heatmaps(
        torch.eye(2)[None, None], "$k$", "$q$", ["$t$"], row_titles=["$r$"],
        key_labels=["$a$", "$b$"], query_labels=["$c$", "$d$"],
    )  # fmt: skip
    ax = picture.figure.axes[0]
    words = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()]
    assert len(words) == 7 and not any(text.get_parse_math() for text in words)


def test_long_labels_below_are_slanted_and_numbers_are_whole():
    def slants(labels):
        ax = show_heatmaps(torch.eye(2), "k", "q", key_labels=labels, query_labels=labels).figure
        return [{t.get_rotation() for t in axis.get_ticklabels()} for axis in
                (ax.axes[0].xaxis, ax.axes[0].yaxis)]  # fmt: skip

    assert slants(["cat", "dog"]) == [{0}, {0}]
    assert slants(["cat", "bird"]) == [{45}, {0}]
    for ax in show_heatmaps(torch.eye(2), "k", "q").figure.axes[:1]:
        for ticks in (ax.get_xticks(), ax.get_yticks()):
            assert len(ticks) and all(tick == int(tick) for tick in ticks)


def test_the_saved_picture_is_opaque_and_holds_no_words():
    shown = figure_html(png_of(show_heatmaps(torch.eye(2), "k", "q").figure), "")
    image = Image.open(io.BytesIO(base64.b64decode(re.search('base64,([^"]+)', shown)[1])))
    # Nothing names a version of matplotlib, which would change the bytes.
    assert image.text == {}
    assert image.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_the_sentence_is_the_same_where_devices_round_differently():
    above = torch.nextafter(torch.tensor([0.125, 0.3]), torch.tensor(1.0)).tolist()
    for low, high in ((0.125, 0.3), (above[0], 0.3), (0.125, above[1])):
        sentence = show_heatmaps([[low, 0.3, high]], "k", "q").sentence
        assert "from 0.13 to 0.30" in sentence and "0 → 1/2 (0.30)" in sentence
    assert "0 → 1 (" in show_heatmaps([[0.125, 0.3001, 0.3]], "k", "q").sentence


def test_the_sentence_leaves_out_only_what_is_too_much():
    said = lambda X: show_heatmaps(X, "k", "q").sentence
    assert "…" not in said(torch.eye(8)) and ", …" in said(torch.eye(9))
    three = torch.tensor([[0.3, 0.3, 0.3, 0.1], [0.3, 0.3, 0.3, 0.3]])
    assert "0 → 0/1/2 (0.30)" in said(three)


def test_the_sentence():
    weights = torch.tensor([[0.125 + 1e-8, 0.875, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    assert show_heatmaps(weights, "Keys", "Queries").sentence == (
        "Heatmap of 2 × 3 (Queries × Keys), from 0.00 to 0.88. Each row sums to 1. "
        "Largest in each row: 0 → 1 (0.88), 1 → all alike (0.33). Exactly 0: 1 of 6."
    )
    scores = torch.tensor([[-1.5, torch.nan], [2.0, torch.inf]])
    assert show_heatmaps(scores, "Keys", "Queries").sentence == (
        "Heatmap of 2 × 2 (Queries × Keys), from −1.50 to 2.00. "
        "Largest in each row: 0 → 0 (−1.50), 1 → 1 (∞). Not finite: 2 of 4."
    )
    nothing = show_heatmaps([[torch.nan, torch.nan], [0.0, 1e-7]], "Keys", "Queries").sentence
    assert "0 → –, 1 → 1 (0.00)" in nothing
    assert "from 0.00 to" in show_heatmaps([[-0.0, -1e-9]], "Keys", "Queries").sentence
    sums = show_heatmaps(torch.tensor([[0.5, 0.25], [0.0, 0.0]]), "Keys", "Queries").sentence
    assert "Row sums: 0.75, 0.00." in sums
    ties = torch.tensor([[0.5, 0.5, 0.0], [0.0, 0.2, 0.8]])
    named = show_heatmaps(ties, "Keys", "Queries", key_labels=["a", "b", "c"]).sentence
    assert "0 → a/b (0.50), 1 → c (0.80)" in named
    tied = torch.tensor([[0.2, 0.2, 0.2, 0.2, 0.2, 0.0]])
    assert "0 → 0/1/2/… (0.20)" in show_heatmaps(tied, "Keys", "Queries").sentence
    long = show_heatmaps(torch.eye(20), "Keys", "Queries").sentence
    assert "7 → 7 (1.00), …." in long and "8 → 8" not in long


def test_numbers_of_any_kind_are_drawn_and_none_is_modified():
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.bool):
        assert "from 0.00 to 1.00" in show_heatmaps(torch.eye(3).to(dtype), "k", "q").sentence
    assert "1 × 2" in show_heatmaps([[0.5, 0.5]], "k", "q").sentence
    assert "1 × 2" in show_heatmaps(np.ones((1, 2)), "k", "q").sentence
    assert "Example 1:" in show_heatmaps([torch.eye(2), torch.eye(2)], "k", "q").sentence
    assert show_heatmaps(torch.eye(2), 1, 2, [3], key_labels=np.arange(2)).sentence
    X = torch.rand(2, 2, requires_grad=True)
    before = X.detach().clone()
    show_heatmaps(X, "k", "q")
    assert torch.equal(X, before) and X.grad is None


def test_no_two_panels_have_one_name():
    heads = torch.eye(2).expand(2, 2, 2, 2)
    names = re.findall(
        r"([^.]*): Heatmap", show_heatmaps(heads, "k", "q", ["Head 1", "Head 2"]).sentence
    )
    assert [name.strip() for name in names] == [
        "row 0, Head 1", "row 0, Head 2", "row 1, Head 1", "row 1, Head 2"
    ]  # fmt: skip


@pytest.mark.parametrize("odd", [torch.nan, torch.inf, -torch.inf])
def test_the_sentence_counts_what_is_not_finite(odd):
    sentence = show_heatmaps(torch.tensor([[odd, 1.0], [2.0, 3.0]]), "k", "q").sentence
    assert "from 1.00 to 3.00" in sentence and "Not finite: 1" in sentence


def test_not_finite_is_grey():
    picture = show_heatmaps(torch.tensor([[torch.nan, 1.0], [torch.inf, 0.0]]), "k", "q")
    assert close(painted(picture, 0, 0, 0), "#8c8c8c")
    assert close(painted(picture, 0, 1, 0), "#8c8c8c")


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.randoms())
def test_pooling_keeps_what_is_furthest_from_zero(rows, columns, high, wide, random):
    numbers = [[random.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)]
    with mock.patch.object(scales, "STRIP", random.choice([1, 10, 2**20])):
        pooled = pool_blocks(torch.tensor(numbers)[None, None], (high, wide))[0, 0]
    assert pooled.shape == (-(-rows // high), -(-columns // wide))
    for i, row in enumerate(pooled.tolist()):
        for j, kept in enumerate(row):
            block = [
                number
                for line in numbers[i * high : (i + 1) * high]
                for number in line[j * wide : (j + 1) * wide]
            ]
            assert kept == pytest.approx(max(block, key=abs))


@pytest.mark.parametrize("odd", [torch.nan, torch.inf, -torch.inf])
def test_pooling_keeps_what_is_not_finite(odd):
    X = torch.tensor([[5.0, -7.0, 0.0], [odd, 1.0, 2.0]])[None, None]
    first, second = pool_blocks(X, (2, 2))[0, 0, 0].tolist()
    assert second == 2 and str(first) == str(odd)


def test_a_matrix_larger_than_its_picture_is_pooled_and_says_so():
    weights = torch.zeros(1000, 1500)
    weights[123, 1400] = 1
    picture = show_heatmaps(weights, "Keys", "Queries")
    kept = picture.figure.axes[0].images[0].get_array()
    box = picture.figure.axes[0].bbox
    assert kept.max() == 1
    assert kept.shape[0] <= box.height * 1.5 and kept.shape[1] <= box.width * 1.5
    high, wide = -(-1000 // kept.shape[0]), -(-1500 // kept.shape[1])
    note = f"(each pixel is the largest of {high} × {wide})"
    assert picture.sentence.endswith(note)
    assert "1000 × 1500" in picture.sentence and "Exactly 0: 1499999" in picture.sentence
    assert picture.figure.axes[0].get_xlabel() == f"Keys\n{note}"
    middle = [(at // size + 0.5) * size - 0.5 for at, size in ((123, high), (1400, wide))]
    assert close(painted(picture, 0, *middle), SEQUENTIAL[-1])


@pytest.mark.parametrize("odd", [0.5, torch.nan])
def test_a_large_matrix_is_read_in_strips(odd):
    X = torch.randn(2000, 1500, generator=torch.Generator().manual_seed(0))
    X[1999, 3], X[1000, 1], X[1, 1499] = 9.0, odd, -9.5
    with LargestTensor(beside=X) as largest, mock.patch.object(scales, "STRIP", 2**17):
        picture = show_heatmaps(X, "Keys", "Queries")
        # A picture of it holds some numbers, too.
        assert largest.numel <= 2**18
    assert "2000 × 1500 (Queries × Keys), from −9.5" in picture.sentence
    assert " to 9.0" in picture.sentence
    assert ("Not finite: 1 of 3000000." in picture.sentence) == math.isnan(odd)
    assert "7 → " in picture.sentence and "8 → " not in picture.sentence


def test_rows_that_are_described_may_come_one_by_one():
    X = torch.rand(12, 5, generator=torch.Generator().manual_seed(0))
    expected = show_heatmaps(X, "Keys", "Queries").sentence
    for strip in (5, 10, 15):
        with mock.patch.object(scales, "STRIP", strip):
            assert show_heatmaps(X, "Keys", "Queries").sentence == expected
        # The largest and the smallest, each in the last row, set the reach in turn.
        for most in (3.0, -3.0):
            Y = torch.cat([X, torch.full((1, 5), most)])
            with mock.patch.object(scales, "STRIP", strip):
                assert colour_limits(Y[None, None])[1] == 3.0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_large_matrix_takes_little_more_memory_than_its_own():
    # In a new process. VmHWM is its own peak; that of getrusage begins with its parent's.
    script = """
import re, torch
from d2l_attention import DotProductAttention, scales, show_attention, show_heatmaps
torch.set_num_threads(1)
show_heatmaps(torch.rand(64, 64), "Keys", "Queries")
X = torch.rand(6000, 6000)
def resident(name):
    return 1024 * int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
held = resident("VmRSS")
show_heatmaps(X, "Keys", "Queries")
print((resident("VmHWM") - held) / X.nbytes)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert float(done.stdout.split()[-1]) <= 1.5


@pytest.mark.slow
def test_shown_once_with_alt_text_and_never_twice():
    cell = nbformat.v4.new_code_cell(
        "from d2l_attention import show_heatmaps\n"
        "picture = show_heatmaps([[0.5, 0.5]], '<\"Keys\">', 'Queries')\n"
        "picture"
    )
    NotebookClient(nbformat.v4.new_notebook(cells=[cell])).execute()
    (output,) = cell.outputs
    sentence = show_heatmaps([[0.5, 0.5]], '<"Keys">', "Queries").sentence
    assert output.data["text/plain"] == sentence
    shown = output.data["text/html"]
    assert f'alt="{html.escape(sentence)}"' in shown and 'Keys">' not in shown
    png = re.search('base64,([^"]+)', shown)[1]
    assert Image.open(io.BytesIO(base64.b64decode(png))).size == (375, 375)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"matrices": torch.zeros(3)}, r"matrices has shape \(3,\)"),
        ({"matrices": torch.zeros(1, 1, 1, 2, 2)}, "num_queries, num_keys"),
        ({"matrices": torch.zeros(0, 3)}, r"\(0, 3\).*something in it"),
        ({"matrices": torch.zeros(2, 2).to(torch.complex64)}, "complex64"),
        ({"matrices": [[1.0], [1.0, 2.0]]}, "rows of one length"),
        ({"matrices": "weights"}, "matrices must be numbers"),
        ({"titles": ["a", "b"]}, "titles has 2 entries, but there are 1 columns of panels"),
        ({"row_titles": []}, "row_titles has 0 entries, but there are 1 rows of panels"),
        ({"key_labels": ["a"]}, "key_labels has 1 entries, but there are 3 matrix columns"),
        ({"query_labels": ["a"]}, "query_labels has 1 entries, but there are 2 matrix rows"),
        ({"vmin": 2.0}, "from 2.0 to 1.0: vmin must be below vmax"),
        ({"vmax": torch.inf}, "both finite"),
        ({"figsize": (0, 0)}, r"figsize is \(0, 0\)"),
        ({"figsize": 3}, "figsize is 3, but must be a width and a height"),
    ],
)
def test_errors(options, words):
    with pytest.raises(ValueError, match=words):
        show_heatmaps(**{"matrices": torch.eye(2, 3), "xlabel": "k", "ylabel": "q"} | options)


def gap(one, other, axis):
    """The distance between two neighbouring names across their direction, in points."""
    (x, y), (u, v) = (name.get_transform().transform(name.get_position()) for name in (one, other))
    turned = math.radians(one.get_rotation())
    across = abs((u - x) * math.sin(turned)) if axis == "x" else abs(v - y)
    return across * 72 / one.figure.dpi


@settings(max_examples=5)
@pytest.mark.filterwarnings("ignore:Glyph", "error:constrained_layout")
@example(60, 60, 5, (2.5, 2.5), "a")  # where some must be left out
@example(18, 9, 45, None, "界")
@given(
    st.sampled_from([1, 2, 9, 18, 60]),
    st.sampled_from([1, 2, 9, 18, 60]),
    st.integers(1, 45),
    st.sampled_from([None, (2.5, 2.5), (5.0, 3.0), (9.0, 2.5)]),
    st.sampled_from("a界"),
)
def test_every_name_that_is_drawn_can_be_read(rows, columns, letters, figsize, letter):
    names = [f"{i:02}{letter * letters}" for i in range(max(rows, columns))]
    picture = show_heatmaps(
        torch.eye(rows, columns), "Keys", "Queries", figsize=figsize,
        query_labels=names[:rows], key_labels=names[:columns],
    )  # fmt: skip
    picture.figure.draw_without_rendering()
    ax = picture.figure.axes[0]
    for axis, ticks in (("x", ax.get_xticklabels()), ("y", ax.get_yticklabels())):
        assert all(tick.get_fontsize() >= 6 for tick in ticks)
        assert all(tick.get_text()[:2] == names[place][:2] for tick, place in
                   zip(ticks, getattr(ax, f"get_{axis}ticks")(), strict=True))  # fmt: skip
        for one, other in pairwise(ticks):
            if axis == "x" and not one.get_rotation():
                left, right = (name.get_window_extent() for name in (one, other))
                assert left.x1 < right.x0
            else:
                assert gap(one, other, axis) >= one.get_fontsize() * 0.99
        box, whole = picture.figure.bbox, [tick.get_window_extent() for tick in ticks]
        assert all(name.x0 >= -1 and name.y0 >= -1 and name.x1 <= box.x1 + 1 for name in whole)


def test_the_sentence_has_names_that_the_picture_cuts():
    name = "a name of many letters, too long for a picture"
    picture = show_heatmaps(
        torch.ones(1, 2),
        "Keys",
        "Queries",
        figsize=(3, 2),
        query_labels=["q"],
        key_labels=[name, "k"],
    )
    assert f"q → {name}" in show_heatmaps(
        torch.tensor([[1.0, 0.0]]), "Keys", "Queries", query_labels=["q"], key_labels=[name, "k"]
    ).sentence  # fmt: skip
    drawn = [tick.get_text() for tick in picture.figure.axes[0].get_xticklabels()]
    assert drawn[0].endswith("…") and name.startswith(drawn[0][:-1])


def test_of_many_panels_some_are_drawn_and_the_figure_says_so():
    picture = show_heatmaps(torch.eye(2).expand(64, 2, 2), "Keys", "Queries")
    assert len(picture.figure.axes) == 12 + 1 and picture.figure.get_figwidth() == 30
    assert picture.sentence.endswith(" The first 12 of 64 panels are drawn.")
    assert picture.figure.get_supxlabel() == "The first 12 of 64 panels are drawn."
    picture = show_heatmaps(
        torch.eye(2).expand(13, 1, 2, 2), "Keys", "Queries", figsize=(2, 9),
        row_titles=[f"row {i}" for i in range(13)],
    )  # fmt: skip
    assert len(picture.figure.axes) == 12 + 1
    assert "row 11: " in picture.sentence and "12 of 13 panels" in picture.sentence
    attention = DotProductAttention()
    X = torch.eye(2).expand(20, 2, 2)
    assert show_attention(attention, X, X).sentence.endswith("The first 12 of 20 panels are drawn.")


def test_the_readers_fonts_are_content_and_stay():
    with matplotlib.rc_context({"font.family": ["DejaVu Serif"], "font.size": 17}):
        picture = show_heatmaps(torch.eye(2), "Keys", "Queries")
    label = picture.figure.axes[0].xaxis.label
    assert label.get_fontfamily() == ["DejaVu Serif"] and label.get_fontsize() == 10


def test_threads_that_draw_leave_the_readers_style_as_it_was():
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 17}), ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: show_heatmaps(torch.eye(2), "Keys", "Queries"), range(8)))
        assert matplotlib.rcParams["font.size"] == 17
    assert dict(matplotlib.rcParams) == before


def test_a_figure_that_the_reader_saves_stands_on_white():
    with matplotlib.rc_context({"savefig.facecolor": "black"}):
        picture = show_heatmaps(torch.eye(2), "Keys", "Queries")
        file = io.BytesIO()
        picture.figure.savefig(file)
        assert Image.open(file).convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        again = pickle.loads(pickle.dumps(picture.figure))
        again.savefig(file := io.BytesIO(), facecolor="red")
        assert Image.open(file).convert("RGB").getpixel((0, 0)) == (255, 0, 0)
