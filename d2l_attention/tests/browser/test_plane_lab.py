"""The plane explorer in a real JupyterLab: what is painted and said is what torch computed."""

import json
import re

import pytest
import torch

from d2l_attention.explorers.plane_explorer import COLOURS

SETUP = """
import torch
from d2l_attention import *
torch.manual_seed(0)
Q, K = torch.randn(2, 2), torch.randn(4, 2)
"""
MINE = """
class Mine(Attention):
    def score(self, queries, keys):
        return -torch.cdist(queries, keys)
"""
TELL = """
import json, math
rows = math.isqrt(e.result.chart.shape[1])
field = e.result.chart.view(2, rows, rows)[:, ::50, ::50]
print(json.dumps({n: getattr(e, n).tolist() for n in ("Q", "K", "weights", "output")}
      | {"map": field.tolist(), "reach": e.reach, "T": e.temperature}))
"""


def told(notebook):
    return json.loads(notebook.printed(2).strip().splitlines()[-1])


def middle(point):
    box = point.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def check_painted(figure, state):
    """The map has torch's colours, points and outputs are where torch has them."""
    colours = torch.tensor([[int(c[at : at + 2], 16) for at in (1, 3, 5)] for c in COLOURS])
    keys, shares = torch.tensor(state["map"])
    wanted = 255 + shares[..., None] / 255 * (colours[keys] - 255)
    read = """canvas => Array.from({ length: 6 }, (_, y) => Array.from({ length: 6 }, (_, x) => [
        ...canvas.getContext("2d").getImageData(50 * x, 50 * y, 1, 1).data.slice(0, 3)]))"""
    canvas = figure.root.locator("canvas")
    assert canvas.evaluate("canvas => canvas.width") == 256
    assert (torch.tensor(canvas.evaluate(read)) - wanted).abs().max() <= 1
    plane = canvas.bounding_box()
    for name, X in (("q", state["Q"]), ("k", state["K"]), ("o", state["output"])):
        for i, (x, y) in enumerate(X):
            named = re.compile(f"^{name}{i}$")
            point = figure.root.locator(".point, .out").filter(has_text=named)
            at = middle(point)
            shown = [
                ((at[0] - plane["x"]) / plane["width"] * 2 - 1) * state["reach"],
                (1 - (at[1] - plane["y"]) / plane["height"] * 2) * state["reach"],
            ]
            assert shown == pytest.approx([x, y], abs=state["reach"] / 150), (name, i)


@pytest.mark.parametrize("attention", ["DistanceAttention()", "Mine()"])
def test_a_query_is_dragged_and_the_output_follows(open_notebook, attention):
    notebook = open_notebook(SETUP + MINE, f"e = explore_plane({attention}, Q, K); e", TELL)
    figure = notebook.figure()
    figure.settle()
    before = told(notebook)
    check_painted(figure, before)
    point = figure.root.get_by_role("button", name="q1")
    figure.drag(middle(point), -40, 30)
    figure.settle()
    after = told(notebook)
    scale = 2 * before["reach"] / figure.root.locator("canvas").bounding_box()["width"]
    assert after["Q"][1][0] == pytest.approx(before["Q"][1][0] - 40 * scale, abs=2 * scale)
    assert after["Q"][1][1] == pytest.approx(before["Q"][1][1] - 30 * scale, abs=2 * scale)
    assert after["Q"][0] == before["Q"][0] and after["output"][1] != before["output"][1]
    check_painted(figure, after)
    said = figure.root.locator(".readout").inner_text()
    assert f"k2 {after['weights'][1][2]:.2f}" in said


def test_with_the_keyboard_alone(open_notebook):
    notebook = open_notebook(SETUP, "e = explore_plane(DistanceAttention(), Q, K); e", TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    before = told(notebook)
    figure.root.get_by_role("button", name="Reset").focus()
    page.keyboard.press("Tab")  # k0
    page.keyboard.press("Tab")  # k1
    for key in ("ArrowRight", "Shift+ArrowDown", "Tab", "Enter", "3", ";", "-", "4", "Enter"):
        page.keyboard.press(key)
    figure.root.locator(".readout").filter(has_text="k2 (3.00; −4.00)").wait_for(timeout=5000)
    assert figure.root.locator(".point:focus").inner_text() == "k2"
    figure.settle()
    after = told(notebook)
    x, y = before["K"][1]
    assert after["K"][1] == pytest.approx([x + 0.1, y - 1], abs=1e-3)
    assert after["K"][2] == [3, -4] and after["reach"] == 5
    check_painted(figure, after)


def test_of_points_that_coincide_the_next_is_reached_once_the_first_is_away(open_notebook):
    points = "torch.tensor([[0.5, 0.5]]), torch.tensor([[0.5, 0.5], [-1., 1.]])"
    notebook = open_notebook(SETUP, f"e = explore_plane(DotProductAttention(), {points}); e", TELL)
    figure = notebook.figure()
    figure.settle()
    at = middle(figure.root.get_by_role("button", name="q0"))
    figure.drag(at, 60, 40)
    figure.drag(at, -20, 50)
    assert figure.root.locator(".point:focus").inner_text() == "k0"
    figure.settle()
    after = told(notebook)
    assert after["Q"][0][0] > 0.5 > after["Q"][0][1]
    assert after["K"][0][0] < 0.5 and after["K"][0][1] < 0.5 and after["K"][1] == [-1, 1]


def test_the_nearer_of_two_points_is_taken_whichever_lies_on_top(open_notebook):
    points = "torch.tensor([[0.5, 0.5]]), torch.tensor([[0.45, 0.5], [-1., 1.]])"
    notebook = open_notebook(SETUP, f"e = explore_plane(DotProductAttention(), {points}); e", TELL)
    figure = notebook.figure()
    figure.settle()
    before = told(notebook)
    x, y = middle(figure.root.get_by_role("button", name="k0"))
    figure.drag((x - 1, y), -50, 0)
    figure.settle()
    after = told(notebook)
    assert after["Q"] == before["Q"] and after["K"][0][0] < before["K"][0][0]


WATCH = """() => {
    const figure = document.querySelector(".d2l-attention").shadowRoot;
    const log = (window.seen = []);
    const look = () => {
        const [point, words] = [".point.Q", ".readout"].map((part) => figure.querySelector(part));
        const ticks = [...figure.querySelectorAll(".across")].map((tick) => tick.textContent);
        log.push([parseFloat(point.style.left), words.textContent.slice(0, 14), ticks.at(-1)]);
        requestAnimationFrame(look);
    };
    look();
}"""


def test_points_move_where_reset_puts_them_and_their_numbers_are_there_at_once(open_notebook):
    points = "torch.tensor([[1., 0.]]), torch.tensor([[2., 1.], [-2., 1.]])"
    notebook = open_notebook(SETUP, f"e = explore_plane(DotProductAttention(), {points}); e", TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    figure.drag(middle(figure.root.get_by_role("button", name="q0")), 80, 0)
    figure.settle()
    for motion in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=motion)
        page.evaluate(WATCH)
        figure.root.get_by_role("button", name="Reset").click()
        page.wait_for_timeout(400)
        places, words, _ticks = zip(*page.evaluate("window.seen"), strict=True)
        between = {place for place in places if place not in (places[0], places[-1])}
        assert bool(between) == (motion == "no-preference")
        assert places[-1] == pytest.approx(100 * (1 + 1 / 3) / 2) and places[0] > places[-1]
        # From the first frame on in which anything moves.
        moved = next(
            at for at, place in enumerate(places) if place != places[0] or words[at] != words[0]
        )
        assert set(words[moved:]) == {"q0 (1.00; 0.00"}
        page.emulate_media(reduced_motion="no-preference")
        figure.drag(middle(figure.root.get_by_role("button", name="q0")), 80, 0)
        figure.settle()


@pytest.mark.parametrize("attention", ["DotProductAttention()", "Mine()"])
def test_the_plane_comes_back_when_points_fit_again(open_notebook, attention):
    points = "torch.tensor([[1., 0.]]), torch.tensor([[2., 1.], [-2., 1.]])"
    notebook = open_notebook(SETUP + MINE, f"e = explore_plane({attention}, {points}); e", TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    read = "nodes => nodes.at(-1).textContent"
    ends = lambda: figure.root.locator(".across").evaluate_all(read)
    assert ends() == "3"
    figure.root.get_by_role("button", name="q0").focus()
    figure.root.locator(".side input").fill("9; 0")
    page.keyboard.press("Enter")
    figure.settle()
    assert told(notebook)["reach"] == 20 and ends() == "20"
    # In hand it stays as large; when the hand lets go, it comes back, in Python too.
    x, y = middle(figure.root.get_by_role("button", name="q0"))
    width = figure.root.locator("canvas").bounding_box()["width"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - width * 8 / 40, y, steps=10)
    figure.settle()
    assert told(notebook)["reach"] == 20 and ends() == "20"
    page.mouse.up()
    page.wait_for_timeout(300)
    figure.settle()
    state = told(notebook)
    assert state["reach"] == 3 and ends() == "3"
    check_painted(figure, state)


def test_what_can_be_dragged_says_so_until_it_was(open_notebook):
    notebook = open_notebook(SETUP, "e = explore_plane(DistanceAttention(), Q, K); e", TELL)
    figure = notebook.figure()
    figure.settle()
    nudge = figure.root.locator("[data-nudge]")
    assert nudge.count() == 1 and nudge.inner_text() == "q0"
    point = figure.root.get_by_role("button", name="k1")
    box = point.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    assert point.evaluate("point => getComputedStyle(point).cursor") == "grab"
    figure.drag(middle(point), 20, 20)
    figure.settle()
    assert nudge.count() == 0
