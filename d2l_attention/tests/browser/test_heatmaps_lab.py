"""LiveHeatmaps in a real JupyterLab: what is painted, while it is updated and afterwards."""

import torch

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


def test_it_follows_the_training_and_goes_back(open_notebook):
    notebook = open_notebook(SETUP, TRAIN, "0", run=False)
    page = notebook.page
    notebook.run(0)
    notebook.run(1)
    root = page.locator(".d2l-attention")
    root.get_by_text("40", exact=True).wait_for()
    assert root.locator(".caption").all_inner_texts() == ["<b>first</b>", "second"]

    def corner(panel, at):
        read = """(canvas, [i, j]) => [...canvas.getContext("2d").getImageData(
            (j + 0.5) * canvas.width / 4, (i + 0.5) * canvas.height / 3, 1, 1).data.slice(0, 3)]"""
        return root.locator("canvas").nth(panel).evaluate(read, at)

    from d2l_attention.scales import colour_map

    for panel, at, value in ((0, [0, 0], 0.0), (1, [2, 3], 1.0), (1, [0, 0], 12 / 23)):
        wanted = torch.tensor(colour_map((0.0, 1.0))(value)[:3]) * 255
        assert (torch.tensor(corner(panel, at)) - wanted).abs().max() <= 4
    slider = root.locator("input[type=range]")
    assert int(slider.get_attribute("max")) >= 1
    slider.focus()
    page.keyboard.press("Home")
    root.get_by_text("1", exact=True).wait_for()
