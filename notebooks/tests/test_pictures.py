"""Two pictures are the same when a reader would see the same."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from tools.pictures import difference


def heatmap(matrix, colours, low):
    drawing = Figure(figsize=(2.5, 2.5), dpi=100)
    axes = drawing.subplots()
    drawing.colorbar(axes.imshow(matrix, cmap=colours, vmin=low, vmax=1))
    file = io.BytesIO()
    drawing.savefig(file)
    return np.asarray(Image.open(file).convert("RGBA"), dtype=float) / 255


@pytest.mark.parametrize("colours, low", [("Reds", 0), ("viridis", 0), ("RdBu", -1)])
@pytest.mark.parametrize("value", [0.05, 0.5, 0.9])
def test_one_cell_changed_by_a_twentieth_is_seen(colours, low, value):
    matrix = np.full((10, 10), 0.5)
    matrix[3, 4] = value
    before = heatmap(matrix, colours, low)
    matrix[3, 4] += 0.05
    assert "blocks of 4×4 pixels differ" in difference(before, heatmap(matrix, colours, low))


def test_what_no_reader_sees_is_no_difference():
    before = np.full((48, 60, 4), 0.5)
    after = before.copy()
    after[::4, ::4] += 0.3  # thinner or thicker strokes of a letter
    assert difference(before, after) is None


def test_tolerance_is_per_block_and_channel():
    before = np.full((50, 61, 4), 0.5)
    for amount, differs in ((5.9, False), (6.1, True)):
        after = before.copy()
        after[48:, 60:, 2] += amount / 255  # the small block in the corner
        found = difference(before, after)
        assert bool(found) == differs
    assert "1 of 208 blocks" in found and "(60, 48)" in found


def test_sizes_must_be_equal():
    found = difference(np.zeros((40, 50, 4)), np.zeros((40, 51, 4)))
    assert found == "it was 50×40 pixels and is now 51×40"
