"""The saved pictures of the live figures, read from their pixels."""

import itertools
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from d2l_attention import DotProductAttention, explore
from d2l_attention.explorers.bar_picture import TRACK, Bar, draw_bars
from d2l_attention.explorers.colours import colours_of, nice_limit
from d2l_attention.explorers.matrix_picture import Matrix, draw_matrices
from d2l_attention.explorers.plane_picture import Plane, draw_plane, name_boxes
from d2l_attention.explorers.sheet import FAINT, INK, fitted, text_width, wrapped
from d2l_attention.pictures import figure_html
from d2l_attention.scales import DIVERGING, SEQUENTIAL

from .drawn import FINE, box_of, margin, pixels, where
from .node import run_js

TITLED = 8 + 17 + 16 + 2  # what is above the cells of a matrix without labels
WIDTH, HEIGHT = 44, 32  # of a cell with a number
WORDS = [
    "", " ", "a", "the", "W_qᵀ", "$x^{2", "\\frac{", "<b>", "a\nb\tc", "日本語の長いラベル", "👩‍👩‍👧 🙂",
    "שאילתה", "\N{RIGHT-TO-LEFT OVERRIDE}cba", "\0", "\ud800", "Z͑ͫ̓ͪ̂ͫ", "internationalisation " * 9,
]  # fmt: skip
words = st.sampled_from(WORDS)
one_place = (1, 1, 1)


def cell(picture, i, j):
    """The pixels of a cell with a number, in a picture of one matrix without labels."""
    top, left = FINE * (TITLED + i * HEIGHT), FINE * (8 + j * WIDTH)
    return picture[top : top + FINE * HEIGHT, left : left + FINE * WIDTH]


def mixed(stops, share):
    """The colour at a share of a scale, by float arithmetic: within a step of the table."""
    rgb = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in stops])
    at = np.linspace(0, 1, len(stops))
    return np.array([np.interp(share, at, rgb[:, part]) for part in range(3)])


# Colours.


def test_colours_and_scales_are_the_browsers(tmp_path):
    generator = torch.Generator().manual_seed(0)
    xs = (3 * torch.randn(400, generator=generator)).tolist() + [0.0, 1.0, -1.0, 2.5, -2.5]
    colours = [
        [("diverging", "sequential")[sequential], repr(x), limit,
         colours_of(np.float32(x), sequential, limit).tolist()]
        for x in np.float32(xs).tolist() for limit in (0.2, 1.0, 2.5) for sequential in (0, 1)
    ]  # fmt: skip
    colours += [["diverging", x, 1, [140, 140, 140]] for x in ("NaN", "Infinity", "-Infinity")]
    sizes = (10 ** (12 * torch.rand(300, generator=generator) - 6)).tolist()
    sizes += [0.0, 1e-3, 0.1, 0.2, 1.0, 2.0, 5.0, 100.0, 101.0]
    limits = [[[str(x), "NaN"], nice_limit(np.float32([x, np.nan, -np.inf]))] for x in sizes]
    assert run_js("colours.test.js", {"colours": colours, "limits": limits}, tmp_path) == 2


@given(st.floats(-4, 4), st.booleans())
def test_colours_are_mixed_from_those_of_the_heatmaps(x, sequential):
    share = min(max(x / 2 if sequential else (x / 2 + 1) / 2, 0), 1)
    wanted = mixed(SEQUENTIAL if sequential else DIVERGING, share)
    assert np.abs(colours_of(np.array(x), sequential, 2.0) - wanted).max() <= 2


# Matrices.


def test_cells_are_where_they_should_be_in_their_colours():
    X = np.array([[-2.0, 0.0, 2.0], [1.0, np.nan, np.inf]])
    picture = pixels(draw_matrices([Matrix("m", X, one_place)]))
    shares = [[0, 0.5, 1], [0.75, None, None]]
    for i, row in enumerate(shares):
        for j, share in enumerate(row):
            wanted = (140, 140, 140) if share is None else mixed(DIVERGING, share)
            corner = cell(picture, i, j)[:8].astype(float)
            assert np.abs(corner - wanted).max() <= 2, (i, j)
    # Framed, outside the cells.
    assert where(cell(picture, 0, 0)[:1], "#767676").sum() == 0
    left, top, right, bottom = box_of(picture, "#767676")
    assert (left, top) == (FINE * 7, FINE * (TITLED - 1))
    assert (right, bottom) == (FINE * (9 + 3 * WIDTH) - 1, FINE * (TITLED + 1 + 2 * HEIGHT) - 1)


def test_numbers_can_be_read_on_dark_and_on_light():
    picture = pixels(draw_matrices([Matrix("m", [[1.0, 0.02, np.nan]], one_place)]))
    assert where(cell(picture, 0, 0), "white").any()
    assert not where(cell(picture, 0, 0), INK).any()
    for j in (1, 2):
        assert where(cell(picture, 0, j), INK).any()
    rows = np.nonzero(where(cell(picture, 0, 1), INK))[0]
    assert abs((rows.min() + rows.max()) / 2 - HEIGHT * FINE / 2) <= 3, "in the middle"


def test_a_long_number_stays_in_its_cell():
    for x in (-123456.0, -1.23e30, 999999.0):
        picture = pixels(draw_matrices([Matrix("m", [[x, 0]], one_place)]))
        there = cell(picture, 0, 0)
        border = np.concatenate([there[:, :2], there[:, -2:]], axis=1)
        assert len(np.unique(border.reshape(-1, 3), axis=0)) == 1


def test_what_is_masked_is_struck_out_and_has_no_number():
    masked = np.array([[False, True]])
    picture = pixels(draw_matrices([Matrix("m", [[0.0, np.nan]], one_place, masked=masked)]))
    struck, open_cell = cell(picture, 0, 1), cell(picture, 0, 0)
    assert set(map(tuple, struck.reshape(-1, 3))) == {(255, 255, 255), (138, 138, 138)}
    line = where(struck, "#8a8a8a")
    height, width = line.shape
    for share in (0.1, 0.5, 0.9):  # from the left below to the right above
        around = line[round((1 - share) * height) - 3 :][:6, round(share * width) - 3 :][:, :6]
        assert around.any()
    assert not where(open_cell, "#8a8a8a").any()


def test_a_goal_frames_its_cell_in_the_colour_that_is_wanted():
    target = np.array([[1.0, np.nan, 0.0]])
    matrix = Matrix("w", [[0.0, 0.0, 1.0]], one_place, sequential=True, limit=1, target=target)
    picture = pixels(draw_matrices([matrix]))
    assert where(cell(picture, 0, 0)[:6], SEQUENTIAL[-1]).all()
    assert not where(cell(picture, 0, 1), SEQUENTIAL[-1]).any()
    assert where(cell(picture, 0, 2)[:6], "white").all()
    assert where(cell(picture, 0, 2)[6:7], INK).any(), "seen on white, too"


def test_the_picture_of_an_explorer_frames_its_goal_in_the_example_that_is_shown():
    X = torch.zeros(2, 2, 2)  # white but for the weights, and the colour of 1 is in frames only
    target = torch.tensor([[[1.0, 0.0], [0.0, 1.0]], [[np.nan, np.nan], [1.0, np.nan]]])
    explorer = explore(DotProductAttention(), X, X, X, target=target)
    frame = FINE**2 * (WIDTH * HEIGHT - (WIDTH - 6) * (HEIGHT - 6))  # three CSS pixels thick
    for batch, framed in ((0, 2), (1, 1)):
        explorer.batch = batch
        assert where(pixels(explorer._picture()), SEQUENTIAL[-1]).sum() == framed * frame


def algebra(n, m, d, v, labels=(), captions="x"):
    """Matrices that are of one colour each, none the colour of another."""
    rows, columns = ([label * 3 for label in labels] * size for size in (n, m))
    rows, columns = rows[:n], columns[:m]
    full = lambda r, c, x: np.full((r, c), x)
    return {
        "Q": Matrix(captions, full(n, d, 0.95), (2, 1, 1), limit=1, row_labels=rows or None),
        "K": Matrix(captions, full(d, m, 0.85), (1, 2, 1), limit=1, column_labels=columns or None),
        "scores": Matrix(captions, full(n, m, -0.95), (2, 2, 1), limit=1),
        "weights": Matrix(
            captions, full(n, m, 0.5), (2, 3, 1), limit=1, sequential=True,
            column_labels=columns or None,
        ),
        "V": Matrix(captions, full(m, v, -0.85), (1, 4, 1), limit=1, row_labels=columns or None),
        "output": Matrix(captions, full(n, v, -0.75), (2, 4, 1), limit=1),
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.integers(1, 3),
    st.lists(words, max_size=2), words,
)  # fmt: skip
def test_a_product_continues_its_factors(n, m, d, v, labels, caption):
    matrices = algebra(n, m, d, v, labels, caption)
    picture = pixels(draw_matrices(list(matrices.values())))
    box = {
        name: box_of(picture, colours_of(x.X[0, 0], x.sequential, 1))
        for name, x in matrices.items()
    }
    for name, (left, top, right, bottom) in box.items():
        rows, columns = matrices[name].X.shape
        size = right - left + 1, bottom - top + 1
        assert size == (FINE * WIDTH * columns, FINE * HEIGHT * rows)
    for above, below in (("K", "scores"), ("V", "output")):
        assert (box[above][0], box[above][2]) == (box[below][0], box[below][2])
        assert box[above][3] < box[below][1]
    for name in ("scores", "weights", "output"):
        assert (box[name][1], box[name][3]) == (box["Q"][1], box["Q"][3])
    order = [box[name] for name in ("Q", "scores", "weights", "output")]
    assert all(a[2] < b[0] for a, b in itertools.pairwise(order))
    assert (margin(picture) == 255).all()


def test_a_matrix_may_span_rows():
    tall = Matrix("V", np.full((9, 1), 1.0), (1, 2, 2))
    beside = [Matrix("k", np.full((1, 1), -1.0), (row, 1, 1)) for row in (1, 2)]
    picture = pixels(draw_matrices([*beside, tall]))
    assert box_of(picture, DIVERGING[0])[3] == box_of(picture, DIVERGING[-1])[3]
    tops = np.nonzero(where(picture, DIVERGING[0]).any(axis=1))[0]
    assert tops.max() - tops.min() > FINE * 2 * HEIGHT, "two matrices, one below the other"


def test_labels_are_beside_their_rows_and_above_their_columns():
    matrix = Matrix("m", np.zeros((3, 2)), one_place, row_labels=["", "bank", ""],
                    column_labels=["", "I"])  # fmt: skip
    picture = pixels(draw_matrices([matrix]))
    left, top, right, _bottom = box_of(picture, "#767676")
    rows, columns = np.nonzero(where(picture[top:, :left], INK))
    row = FINE * HEIGHT
    assert row < rows.min() and rows.max() < 2 * row, "beside the second row"
    assert left - columns.max() < 14, "up to the cells"
    above = np.nonzero(where(picture[top - 2 * 16 : top, left:], INK))[1]
    assert FINE * WIDTH < above.min() and above.max() < right - left, "above the second column"


def test_long_labels_climb_and_end_in_an_ellipsis():
    short, long = (
        pixels(draw_matrices([Matrix("m", np.zeros((1, 2)), one_place, column_labels=labels)]))
        for labels in (["a", "b"], ["a", "x" * 300])
    )
    assert 2 * 50 < long.shape[0] - short.shape[0] < 2 * 90
    assert long.shape[1] == short.shape[1]
    _left, top, _right, _bottom = box_of(long, "#767676")
    assert where(long[:top], INK).sum() > 2 * where(short[: box_of(short, "#767676")[1]], INK).sum()


def test_captions_say_size_and_scale():
    plain = draw_matrices([Matrix("m", np.zeros((2, 3)), one_place)])
    assert where(pixels(plain), FAINT).any()
    said = [
        draw_matrices([Matrix("m", np.zeros((2, 3)), one_place, **different)]).data
        for different in (
            {"size": "2 × 3"},
            {"size": "9 × 3"},
            {"limit": 2.0},
            {"sequential": True},
        )
    ]
    assert said[0] == plain.data and len(set(said)) == 4
    ends = {1e-5: "1e−5", 0.002: "0.002", 2.0: "2", 2000.0: "2000", 1e6: "1e6", 2e12: "2e12"}
    for limit, text in ends.items():
        assert Matrix("m", [[0]], one_place, limit=limit).scale == f"1 × 1 · −{text} … {text}"


@pytest.mark.parametrize("n, m", [(64, 64), (128, 100), (17, 3)])
def test_a_large_matrix_is_pixels_and_no_numbers(n, m):
    X = np.random.default_rng(0).standard_normal((n, m)).astype(np.float32)
    labels = [str(i) for i in range(m)]
    matrix = Matrix("m", X, one_place, column_labels=labels)
    picture = pixels(draw_matrices([matrix]))
    left, top, right, bottom = box_of(picture, "#767676")
    left, top = left + FINE, top + FINE
    across, down = (right - left - 1) // m, (bottom - top - 1) // n
    assert across == down and across % FINE == 0
    grid = picture[top:, left:][: n * down, : m * across]
    wanted = colours_of(X, False, nice_limit(X))
    assert (grid == wanted.repeat(down, axis=0).repeat(across, axis=1)).all()


def test_sentences_stand_below():
    matrix = Matrix("m", np.zeros((1, 3)), one_place)
    plain, noted, failed = (
        pixels(draw_matrices([matrix], **words))
        for words in ({}, {"notes": ["Goal."]}, {"error": "ValueError: " + "long " * 100})
    )
    below = plain.shape[0] - 8
    assert where(noted[below:], INK).any() and not where(noted[below:], "#b71c1c").any()
    assert where(failed[below:], "#b71c1c").any() and not where(plain, "#b71c1c").any()
    assert plain.shape[0] < noted.shape[0] < failed.shape[0] <= plain.shape[0] + 2 * 6 * 20
    assert (margin(failed) == 255).all()


# Bars.


def test_bars_are_as_long_as_the_weights():
    bars = [Bar("Li → Mu", 0.25), Bar("Hu → Rachel", 1.0), Bar("A → B", 0.0, "deleted")]
    picture = pixels(draw_bars("weights", bars))
    middles = [FINE * (8 + 24 + 24 * at + 12) for at in range(3)]
    quarter, whole, nothing = where(picture, SEQUENTIAL[3])[middles]
    start = np.nonzero(where(picture, TRACK)[middles[2]])[0].min()
    assert np.nonzero(quarter)[0].max() + 1 - start == pytest.approx(FINE * 65, abs=FINE)
    assert np.nonzero(whole)[0].max() - np.nonzero(quarter)[0].max() == FINE * 195
    assert not nothing.any() and not where(picture, TRACK)[middles[1]].any()
    assert where(picture, FAINT).any(), "struck out"
    assert not where(pixels(draw_bars("weights", bars[:2])), FAINT).any()
    assert (margin(picture) == 255).all()


@given(st.lists(st.tuples(words, st.floats(0, 1), words), max_size=4), words)
@settings(max_examples=30, deadline=None)
def test_bars_fit_whatever_they_are_called(rows, title):
    assert (margin(pixels(draw_bars(title, [Bar(*row) for row in rows]))) == 255).all()


# The plane.

BLUE, ORANGE = "#0072b2", "#e69f00"


def plane_of(points, reach=2.0, rows=256):
    left = np.tile(np.arange(rows) < rows // 2, rows)
    shares = np.where(np.arange(rows * rows) < rows * rows // 2, 255, 0)
    return Plane(reach, points, np.where(left, 0, 1), shares, [BLUE, ORANGE])


def test_the_map_has_its_colours_and_fades_to_white():
    picture = pixels(draw_plane(plane_of({})))
    left, top, right, bottom = box_of(picture, "#767676")
    centre = (left + right) // 2, (top + bottom) // 2
    assert right - left + 1 == bottom - top + 1 == FINE * 384
    for x, y, colour in (
        (left + 9, top + 9, BLUE), (centre[0] - 9, centre[1] - 9, BLUE),
        (right - 9, top + 9, ORANGE), (left + 9, bottom - 9, "white"),
        (right - 9, centre[1] + 9, "white"),
    ):  # fmt: skip
        assert where(picture[y, x], colour), (x, y)


@pytest.mark.parametrize("letter", "qkvo")
def test_points_are_at_their_place_with_their_names(letter):
    empty = pixels(draw_plane(plane_of({})))
    picture = pixels(draw_plane(plane_of({letter: np.array([[1.0, 1.0]])})))
    left, top, right, bottom = box_of(empty, "#767676")
    x, y = left + 3 * (right - left) // 4, top + (bottom - top) // 4
    assert where(picture[y - 1 : y + 2, x - 1 : x + 2], "white").all(), "light within"
    changed = np.argwhere((picture != empty).any(axis=-1))
    assert np.abs(changed - (y, x)).max() < FINE * 30, "nothing else"
    ink = np.argwhere(where(picture, INK) & ~where(empty, INK)) - (y, x)
    assert (np.abs(ink).max(axis=1) > FINE * 8).any(), "a name beside it"


def test_each_kind_of_point_has_a_mark_of_its_own():
    plane = lambda letter: draw_plane(plane_of({letter: np.array([[1.0, 1.0]])})).data
    assert len({plane(letter) for letter in "qkvo"}) == 4


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=5))
@settings(max_examples=40)
def test_names_cover_nothing_where_points_coincide(places):
    bounds = (0, 0, 384, 384)
    on_plane = {f"q{i}": (192 + 60 * x, 192 + 60 * y) for i, (x, y) in enumerate(places)}
    on_plane |= {f"k{i}": place for i, place in enumerate(list(on_plane.values())[:2])}
    boxes = list(name_boxes(on_plane, bounds).values())
    assert len(boxes) == len(on_plane)
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left and 0 <= top and right <= 384 and bottom <= 384
        for other in boxes[:i]:
            assert left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]


def test_the_plane_says_where_it_ends_and_takes_any_point():
    ends = [pixels(draw_plane(plane_of({}, reach))) for reach in (2.0, 4.0)]
    assert not np.array_equal(*ends)
    corners = np.array([[2.0, 2.0], [-2.0, -2.0], [np.nan, 0.0], [9.0, 0.0]])
    picture = pixels(draw_plane(plane_of({"q": corners, "o": corners})))
    assert (margin(picture) == 255).all()
    assert (margin(pixels(draw_plane(plane_of({}, 0.00002)))) == 255).all()
    without_map = pixels(draw_plane(Plane(2.0, {"q": np.zeros((1, 2))})))
    assert not where(without_map, BLUE).any() and where(without_map, INK).any()


# Text and files.


@given(words, st.floats(1, 200))
def test_text_is_shortened_to_its_room(text, most):
    short = fitted(text, 11, most)
    assert text_width(short, 11) <= most or len(short) <= 1
    if short.endswith("…"):
        assert text_width(text, 11) > most
    for line in wrapped(text * 3, 11, most, 3):
        assert text_width(line, 11) <= most or len(line) <= 1
    assert len(wrapped(text * 3, 11, most, 3)) <= 3


def test_wrapped_text_keeps_its_words():
    text = "one two three four five six"
    lines = wrapped(text, 11, 80, 9)
    assert len(lines) > 1 and " ".join(lines) == text
    assert wrapped(text, 11, 80, 1)[0].endswith("…")


def test_a_formula_is_drawn_as_text():
    assert text_width("$x$") > text_width("x") + 10


def test_the_readers_own_font_is_drawn():
    matrix = Matrix("weights", np.eye(2), one_place)
    plain = draw_matrices([matrix]).data
    with matplotlib.rc_context({"font.family": "DejaVu Serif"}):
        serif = draw_matrices([matrix]).data
    with matplotlib.rc_context({"font.sans-serif": ["STIXGeneral"]}):
        stix = draw_matrices([matrix]).data
    assert len({plain, serif, stix}) == 3
    assert draw_matrices([matrix]).data == plain


def test_the_same_is_drawn_with_the_same_bytes():
    draw = lambda: (
        draw_matrices([Matrix("m", np.eye(3), one_place)]).data,
        draw_bars("t", [Bar("a", 0.5)]).data,
        draw_plane(plane_of({"q": np.zeros((1, 2))})).data,
    )
    assert draw() == draw()


def test_drawing_brings_no_matplotlib_figure():
    code = """
import sys
import numpy as np
from d2l_attention.explorers.matrix_picture import Matrix, draw_matrices
draw_matrices([Matrix("m", np.eye(3), (1, 1, 1))])
heavy = {"matplotlib." + name for name in ("figure", "pyplot", "font_manager")}
print(sorted(heavy & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_a_picture_becomes_html():
    png = draw_bars("t", [Bar("a", 0.5)])
    html = figure_html(png, 'says "a"')
    assert f'alt="says &quot;a&quot;" width="{png.width}"' in html
    assert html.startswith('<figure style="margin:0"><img src="data:image/png;base64,')
