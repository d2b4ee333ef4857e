"""LiveHeatmaps in a real JupyterLab: what is painted, while it is updated and afterwards."""

import torch

from d2l_attention.scales import colour_map

SETUP = """
import torch, time
from d2l_attention import LiveHeatmaps
live = LiveHeatmaps("Keys", "Queries", titles=["<b>first</b>", "second"])
live
"""
TRAIN = """
for step in range(40):
    live.update(torch.arange(24.).reshape(1, 2, 3, 4) / 24 * (step + 1) / 40)
    time.sleep(0.01)
live.flush()
"""

SIGNED = """
X = torch.linspace(-1, 0.5, 24).reshape(1, 2, 3, 4)
live.update(X)
live.flush()
"""
# Such as scores under a causal mask: what is not finite has no part in the scale.
WITHOUT_END = """
X = X.clamp(min=0)
X[..., 0] = -torch.inf
live.update(X)
live.flush()
"""


def assert_painted(root, panel, at, value, limits):
    """Compare the middle of a cell with the colour that show_heatmaps gives the value."""
    low, high = limits
    read = """(canvas, [i, j]) => [...canvas.getContext("2d").getImageData(
        (j + 0.5) * canvas.width / 4, (i + 0.5) * canvas.height / 3, 1, 1).data.slice(0, 3)]"""
    found = root.locator("canvas").nth(panel).evaluate(read, at)
    wanted = torch.tensor(colour_map(limits)((value - low) / (high - low))[:3]) * 255
    assert (torch.tensor(found) - wanted).abs().max() <= 4


def test_it_follows_the_training_and_goes_back(open_notebook):
    notebook = open_notebook(SETUP, TRAIN, "0", run=False)
    page = notebook.page
    notebook.run(0)
    notebook.run(1)
    root = page.locator(".d2l-attention")
    root.get_by_text("40", exact=True).wait_for()
    assert root.locator(".caption").all_inner_texts() == ["<b>first</b>", "second"]
    first, second = (root.locator("canvas").nth(at).bounding_box() for at in range(2))
    assert second["y"] == first["y"] and second["x"] > first["x"] + first["width"]

    for panel, at, value in ((0, [0, 0], 0.0), (1, [2, 3], 1.0), (1, [0, 0], 12 / 23)):
        assert_painted(root, panel, at, value, (0.0, 1.0))
    slider = root.locator("input[type=range]")
    assert int(slider.get_attribute("max")) >= 1
    slider.focus()
    page.keyboard.press("Home")
    root.get_by_text("1", exact=True).wait_for()


def test_negative_numbers_have_colours_of_their_own(open_notebook):
    notebook = open_notebook(SETUP, SIGNED, WITHOUT_END, run=False)
    for cell in range(3):
        notebook.run(cell)
    root = notebook.page.locator(".d2l-attention")
    root.get_by_text("2", exact=True).wait_for()
    assert_painted(root, 1, [2, 3], 0.5, (0.0, 0.5))
    assert_painted(root, 1, [1, 3], 1.5 * 19 / 23 - 1, (0.0, 0.5))
    assert_painted(root, 1, [0.3, 0], torch.nan, (0.0, 0.5))  # a score of −∞, not a masked cell
    root.locator("input[type=range]").focus()
    notebook.page.keyboard.press("Home")
    root.get_by_text("1", exact=True).wait_for()
    assert_painted(root, 0, [0, 0], -1.0, (-1.0, 1.0))
    assert_painted(root, 1, [2, 3], 0.5, (-1.0, 1.0))
