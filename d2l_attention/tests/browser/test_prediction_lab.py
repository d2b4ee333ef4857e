"""Prediction by hand in a real JupyterLab: nothing is told before Show, and Python has what was put."""

import json
import math
import textwrap

import pytest
import torch

from d2l_attention.number_text import number_text

from .test_explorer_lab import SETUP, SHAKE, SIZE, heap

TELL = """
import json
told = lambda X: [[None if x != x else x for x in row] for row in X.tolist()]
print(json.dumps({"prediction": told(e.prediction), "weights": told(e.weights), "shown": e.shown,
                  "output": told(e.output), "off": told(e.prediction_distance[None])[0]}))
"""
# All that a reader, or a screen reader, could come by.
WORDS = """({ shadowRoot }) => [...shadowRoot.querySelectorAll("*")].flatMap((node) => [
    node.childElementCount ? "" : node.textContent,
    ...[...node.attributes].map(({ value }) => value),
]).join("\\n")"""


def told(notebook):
    return json.loads(notebook.printed(2))


def secrets(state, *names):
    """Write the numbers of matrices as a figure would."""
    return {number_text(x, digits) for name in names for row in state[name]
            for x in row for digits in (2, 4)}  # fmt: skip


def hidden(figure, state, *names):
    """Say which numbers of the matrices the figure tells."""
    words = figure.root.evaluate(WORDS).replace("-", "−")
    return {number for number in secrets(state, *names) if number in words}


def test_weights_are_predicted_with_the_keyboard_then_shown_and_asked_again(open_notebook):
    code = 'e = explore(DotProductAttention(), Q, K, V, predict="weights"); e'
    notebook = open_notebook(SETUP, code, TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    state = told(notebook)
    # Without a prediction nothing is shown, and what is covered cannot be opened.
    show = figure.root.get_by_role("button", name="Show")
    hint = figure.root.locator(".readout").inner_text()
    assert show.get_attribute("aria-disabled") == "true" and "Click a weight" not in hint
    assert figure.root.locator(".question small").first.inner_text() == "predict first"
    show.click(force=True)
    figure.settle()
    assert not told(notebook)["shown"]
    for name, rows, columns in (("prediction", 3, 5), ("output", 3, 2)):
        for i in range(rows):
            page.mouse.move(*figure.middle(name, i, 0, rows, columns))
            figure.frame()
            assert not hidden(figure, state, "weights", "output")
    figure.canvas("prediction").focus()
    for key in ("PageDown", "ArrowRight", "0", ".", "6", "Enter"):
        page.keyboard.press(key)
    figure.settle()
    page.keyboard.press("ArrowUp")
    figure.settle()
    after = told(notebook)
    assert after["prediction"][0] == [None] * 5
    wanted = [0.0875, 0.65, 0.0875, 0.0875, 0.0875]
    assert after["prediction"][1] == pytest.approx(wanted, abs=1e-4)
    assert not after["shown"] and not hidden(figure, state, "weights", "output")
    assert figure.root.locator(".verdict").text_content() == ""

    figure.canvas("prediction").focus()  # running a cell has taken it
    for _ in range(6):  # Whatever stands between the prediction and its button.
        page.keyboard.press("Tab")
        if figure.root.evaluate("({ shadowRoot: it }) => it.activeElement.textContent") == "Show":
            break
    page.keyboard.press("Enter")
    figure.settle()
    after = told(notebook)
    off = math.fsum(max(p - w, 0) for p, w in zip(wanted, state["weights"][1], strict=True))
    assert after["shown"] and after["off"] == [None, pytest.approx(off, abs=1e-4), None]
    verdict = figure.root.locator(".verdict").inner_text()
    assert verdict.startswith(f"query 1: {round(100 * off)}% of the attention was in the wrong")
    assert verdict.count("query") == 1
    assert (
        verdict.endswith("the largest is key 4")
        and max(state["weights"][1]) == (state["weights"][1][4])
    )
    shown = figure.root.locator('.panel[data-name="weights"]')
    below = figure.root.locator('.panel[data-name="prediction"]')
    assert below.bounding_box()["y"] > shown.bounding_box()["y"]
    page.mouse.move(*figure.middle("weights", 1, 4, 3, 5))
    figure.frame()
    assert hidden(figure, {"weights": [state["weights"][1][4:]]}, "weights")

    page.mouse.click(*figure.middle("weights", 1, 4, 3, 5))
    figure.root.locator(".arithmetic td").first.wait_for()

    # Beside the truth the prediction moves on, and the verdict follows.
    start = figure.middle("prediction", 1, 4, 3, 5)
    figure.drag(start, 40, 0)
    figure.settle()
    moved = told(notebook)
    assert moved["shown"] and moved["prediction"][1][4] == pytest.approx(0.4875, abs=1e-3)
    assert moved["off"][1] < off
    verdict = figure.root.locator(".verdict").inner_text()
    assert verdict.startswith(f"query 1: {round(100 * moved['off'][1])}%")
    assert verdict.endswith("the largest is right")

    figure.root.get_by_role("button", name="Again").click()
    page.mouse.move(0, 0)
    figure.settle()
    again = told(notebook)
    assert not again["shown"] and again["prediction"] == [[None] * 5] * 3
    assert not hidden(figure, state, "weights", "output")


def test_a_share_is_dragged_and_what_python_assigns_is_shown(open_notebook):
    code = 'e = explore(DotProductAttention(), Q, K, V, predict="weights"); e'
    assigned = "e.prediction = [[0.5, 0.5, 0, 0, 0]] * 3\ne.show()"
    notebook = open_notebook(SETUP, code, TELL, assigned)
    figure = notebook.figure()
    figure.settle()
    figure.drag(figure.middle("prediction", 0, 2, 3, 5), 30, 0)
    figure.settle()
    assert told(notebook)["prediction"][0] == pytest.approx([0.125, 0.125, 0.5, 0.125, 0.125])
    notebook.run(3)
    figure.settle()
    lines = figure.root.locator(".verdict").inner_text().splitlines()
    off = told(notebook)["off"]
    assert [line.split(" of ")[0] for line in lines] == [
        f"query {i}: {round(100 * x)}%" for i, x in enumerate(off)
    ]


def test_an_output_is_predicted_while_its_weights_are_shown(open_notebook):
    code = 'e = explore(DotProductAttention(), Q, K, V, predict="output"); e'
    notebook = open_notebook(SETUP, code, TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    state = told(notebook)
    assert not hidden(figure, state, "output")
    figure.canvas("prediction").focus()
    page.keyboard.type("0.25")
    page.keyboard.press("Enter")
    figure.settle()
    figure.root.get_by_role("button", name="Show").click()
    figure.settle()
    off = math.hypot(0.25 - state["output"][0][0], state["output"][0][1])
    assert told(notebook)["off"][0] == pytest.approx(off, abs=1e-4)
    assert f"query 0: {off:.2f} away" in figure.root.locator(".verdict").inner_text()


def test_ten_thousand_events_of_a_prediction_leave_nothing_behind(open_notebook):
    code = 'e = explore(DotProductAttention(), Q, K, V, predict="weights"); e'
    notebook = open_notebook(SETUP, code, TELL, SIZE)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    sizes = []
    for count in (1_000, 10_000):
        page.mouse.move(*figure.middle("prediction", 1, 2, 3, 5))
        page.mouse.down()
        figure.canvas("prediction").evaluate(SHAKE, count)
        page.mouse.up()
        figure.settle()
        sizes.append((int(notebook.printed(3)), heap(page)))
    row = torch.tensor(told(notebook)["prediction"][1])
    assert row.sum().item() == pytest.approx(1, abs=1e-5) and (row >= 0).all()
    (kernel, browser), (kernel_after, browser_after) = sizes
    assert kernel_after - kernel < 20e6 and browser_after - browser < 2e6


def test_the_output_of_a_query_is_put_where_it_is_expected_in_the_plane(open_notebook):
    code = """
    keys = torch.tensor([[2.0, 0.0], [0.0, 1.0], [-1.0, -1.5]])
    e = explore_plane(DotProductAttention(), keys[:2], keys, predict="output"); e"""
    notebook = open_notebook(SETUP, textwrap.dedent(code), TELL, width=1180)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    assert figure.root.locator("[data-nudge]").inner_text() == "p0"
    state = told(notebook)
    plane, side = (figure.root.locator(part).bounding_box() for part in (".plane", ".side"))
    assert side["x"] > plane["x"] + plane["width"] and side["height"] > plane["height"]
    assert plane["width"] == pytest.approx(plane["height"], abs=0.1)
    for name in ("q0", "k0", "p0"):
        figure.root.locator(".point").filter(has_text=name).focus()
        figure.frame()
        assert not hidden(figure, state, "output")
    figure.root.locator(".point.P").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("0.75; -0.5")
    page.keyboard.press("Enter")
    figure.settle()
    after = told(notebook)
    assert after["prediction"] == [[0.75, -0.5], [None, None]]
    assert not hidden(figure, state, "output")
    lines = figure.root.locator("path:is(.strip, .miss)")
    drawn = lambda: [bool(line.get_attribute("d")) for line in lines.all()]
    assert drawn() == [False] * 4 and not figure.root.locator(".plane .out:visible").count()
    figure.root.get_by_role("button", name="Show").click()
    figure.settle()
    # Of the two outputs all is tied to the values, and one to its prediction.
    assert drawn() == [True, True, True, False]
    (x, y), off = state["output"][0], told(notebook)["off"]
    assert off == [pytest.approx(math.hypot(0.75 - x, -0.5 - y), abs=1e-4), None]
    assert figure.root.locator(".verdict").inner_text() == (
        f"query 0: {off[0]:.2f} away from the output"
    )
    figure.root.get_by_role("button", name="Again").click()
    figure.settle()
    assert told(notebook)["prediction"] == [[None, None]] * 2
    assert not hidden(figure, state, "output")
