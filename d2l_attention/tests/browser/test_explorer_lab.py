"""The attention explorer in a real JupyterLab: what is painted is what torch computed."""

import itertools
import json
import math
import re

import nbformat
import pytest
import torch

from d2l_attention.number_text import number_text
from d2l_attention.scales import colour_map

from .looks import check_looks

SETUP = """
import torch
from d2l_attention import *
torch.manual_seed(0)
Q, K, V = torch.randn(3, 4), torch.randn(5, 4), torch.randn(5, 2)
"""
SHAPES = {"Q": (3, 4), "V": (5, 2), "scores": (3, 5), "weights": (3, 5), "output": (3, 2)}
TELL = """
import json
print(json.dumps({n: getattr(e, n).tolist() for n in ("Q", "V", "scores", "weights", "output")}
      | {"lens": None if e.valid_lens is None else e.valid_lens.tolist(), "T": e.temperature}))
"""


def told(notebook, cell=2):
    text = notebook.printed(cell)
    assert text.startswith("{"), text
    return json.loads(text)


def check_painted(figure, state, valid=5):
    """Every cell has the colour of torch's number on the scale that the caption states."""
    for name, (rows, columns) in SHAPES.items():
        limit = figure.limit(name)
        limits = (0.0, limit) if name == "weights" else (-limit, limit)
        X = torch.tensor(state[name]).flatten()
        shown = figure.pixels(name, rows, columns)
        for at, x in enumerate(((X - limits[0]) / (limits[1] - limits[0])).tolist()):
            if name == "weights" and at % columns >= valid:
                wanted = (255, 255, 255)
            else:
                wanted = [round(255 * part) for part in colour_map(limits)(x)[:3]]
            far = max(abs(a - b) for a, b in zip(shown[at], wanted, strict=True))
            assert far <= 4, (name, at, X[at].item(), shown[at], wanted)


def test_a_drag_changes_the_number_and_all_that_follows(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL)
    figure = notebook.figure()
    figure.settle()
    before = told(notebook)
    check_painted(figure, before)
    figure.drag(figure.middle("Q", 1, 2, 3, 4), 0, -60)
    figure.settle()
    after = told(notebook)
    assert after["Q"][1][2] == pytest.approx(before["Q"][1][2] + 60 * 0.02, abs=1e-5)
    assert after["weights"][1] != before["weights"][1]
    assert after["weights"][0] == before["weights"][0]
    check_painted(figure, after)
    assert re.fullmatch(
        r"torch · cpu · computes the same numbers, to within (0|\de-([6-9]|\d\d))", figure.status()
    )


COUNT_TEXTS = """() => {
    const { prototype } = CanvasRenderingContext2D;
    const original = prototype.fillText;
    window.texts = [];
    prototype.fillText = function (text, ...where) {
        window.texts.push([this.canvas.closest(".panel").dataset.name, text]);
        original.call(this, text, ...where);
    };
}"""


def open_counted(open_notebook, more=""):
    """Open an explorer whose written numbers are kept, with their panels, in `window.texts`."""
    code = "e = explore(DotProductAttention(), Q, K, V); e"
    notebook = open_notebook(SETUP + more, code, TELL)
    figure = notebook.figure()
    figure.settle()
    notebook.page.evaluate(COUNT_TEXTS)
    return notebook, figure, lambda: notebook.page.evaluate("window.texts")


def test_only_rows_that_look_different_are_painted_again(open_notebook):
    # torch confirms what the browser has computed, and its last bits differ in every row.
    notebook, figure, texts = open_counted(open_notebook)
    before = told(notebook)
    figure.drag(figure.middle("Q", 1, 2, 3, 4), 0, -1, steps=1)
    figure.settle()
    after = told(notebook)
    assert ["Q", f"{after['Q'][1][2]:.2f}".replace("-", "−")] in texts()
    assert after["Q"][1] != before["Q"][1]
    columns = {name: len(after[name][1]) for name in ("Q", "scores", "weights", "output")}
    for name, count in columns.items():  # the scale may end elsewhere when the hand lets go
        painted = [text for panel, text in texts() if panel == name]
        assert len(painted) in {0, count, len(after[name]) * count}, name
    assert sum(name == "weights" for name, _ in texts()) <= columns["weights"]


def test_a_number_is_written_again_where_its_colour_stays(open_notebook):
    # On a scale to 50 a colour is 0.4 wide, and a pixel of the hand is 0.02.
    notebook, figure, texts = open_counted(open_notebook, "Q[0, 0] = 50.0")
    figure.drag(figure.middle("Q", 1, 2, 3, 4), 0, -1)
    figure.settle()
    assert ["Q", f"{told(notebook)['Q'][1][2]:.2f}".replace("-", "−")] in texts()


def test_a_colour_changes_where_numbers_have_no_room(open_notebook):
    _, figure, texts = open_counted(open_notebook, "Q = torch.zeros(20, 4)")
    before = figure.pixels("Q", 20, 4)
    figure.drag(figure.middle("Q", 1, 2, 20, 4), 0, -40)
    figure.settle()
    after = figure.pixels("Q", 20, 4)
    assert texts() == []
    assert [at for at in range(80) if before[at] != after[at]] == [1 * 4 + 2]


def test_what_changes_is_marked_while_it_changes_and_for_a_moment_after(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", "0")
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    look = """root => Object.fromEntries([...root.querySelectorAll(".marks")].map((canvas) => [
        canvas.closest(".panel").dataset.name,
        [getComputedStyle(canvas).visibility, canvas.getAnimations().length, canvas.height]]))"""
    marks = lambda: figure.root.evaluate(f"host => ({look})(host.shadowRoot)")
    assert marks() == {}
    x, y = figure.middle("Q", 1, 2, 3, 4)
    page.mouse.move(x, y)
    page.mouse.down()
    for up in (20, 40, 60):
        page.mouse.move(x, y - up)
        figure.frame()
    # None in K or V; no animation, which each frame would begin anew; as high as the row that changed.
    height = figure.middle("Q", 1, 0, 3, 4)[1] - figure.middle("Q", 0, 0, 3, 4)[1]
    changing = {name: ["visible", 0, height] for name in ("Q", "scores", "weights", "output")}
    assert marks() == changing
    page.mouse.up()
    page.wait_for_timeout(1_200)
    assert {seen for seen, _, _ in marks().values()} == {"hidden"}


SHAKE = """async (canvas, count) => {
    const { left, top } = canvas.getBoundingClientRect();
    for (let at = 1; at <= count; at++) {
        const [clientX, clientY] = [left + 200 + (at % 100), top + 10];
        canvas.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, clientX, clientY }));
        if (at % 200 === 0) await new Promise(requestAnimationFrame);
    }
}"""
SIZE = "print(int(open('/proc/self/statm').read().split()[1]) * 4096)"


def heap(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    return devtools.send("Runtime.getHeapUsage")["usedSize"]


def test_ten_thousand_events_leave_no_backlog_and_nothing_behind(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL, SIZE)
    figure, page = notebook.figure(), notebook.page
    sizes = []
    for count in (1_000, 10_000):  # the first drag warms up
        page.mouse.move(*figure.middle("Q", 1, 2, 3, 4))
        page.mouse.down()
        figure.canvas("Q").evaluate(SHAKE, count)
        before = figure.pixels("weights", 3, 5)
        figure.settle()
        assert figure.pixels("weights", 3, 5) == before
        page.mouse.up()
        sizes.append((int(notebook.printed(3)), heap(page)))
    check_painted(figure, told(notebook))
    (kernel, browser), (kernel_after, browser_after) = sizes
    assert kernel_after - kernel < 5e6 and browser_after - browser < 10e6


def test_every_number_can_be_set_with_the_keyboard_alone(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V, 3); e", TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    before = told(notebook)
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    figure.root.locator("select").focus()
    for _ in range(4):  # temperature, Shuffle, Reset, Q
        page.keyboard.press("Tab")
    # Down one row, right one cell; type, step up twice, step down ten times as far.
    for key in ("PageDown", "ArrowRight", "2", ".", "5", "Enter", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    page.keyboard.press("Shift+ArrowDown")
    for key in ("ArrowRight", "7", "Escape", "a", "b", "m"):  # letters are not JupyterLab's here
        page.keyboard.press(key)
    for _ in range(4):  # K, scores, weights, the handle
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    figure.settle()
    assert "√d" in figure.root.locator(".arithmetic").inner_text()
    after = told(notebook)
    assert after["Q"][1][1] == pytest.approx(2.5 + 0.2 - 1, abs=1e-5)
    assert after["Q"][1][2] == before["Q"][1][2] and after["lens"] == 4
    check_painted(figure, after, valid=4)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_pointing_says_the_number_and_lights_its_row_and_column(open_notebook):
    labels = 'query_labels=["the", "bank", "of"], key_labels=["a", "river", "c", "d", "e"]'
    notebook = open_notebook(
        SETUP, f"e = explore(DotProductAttention(), Q, K, V, {labels}); e", TELL
    )
    figure = notebook.figure()
    state = told(notebook)
    notebook.page.mouse.move(*figure.middle("weights", 2, 1, 3, 5))
    figure.frame()
    words = figure.root.locator(".readout").inner_text()
    name, number, sum = words.split(": ")[0], *words.split(": ")[1].split(" ≈ ")
    assert name == "weights · query 2 'of' → key 1 'river'"
    assert number == f"{state['weights'][2][1]:.4f}"
    power, *powers = [
        math.exp(float(x.replace("−", "-"))) for x in re.findall(r"exp\((.*?)\)", sum)
    ]
    assert len(powers) == 5
    assert power / math.fsum(powers) == pytest.approx(float(number), abs=0.01)
    lit = figure.root.locator(".band:visible").evaluate_all(
        "nodes => nodes.map(n => n.closest('.panel').dataset.name + ' ' + n.className)"
    )
    assert sorted(lit) == sorted(
        ["Q band row", "K band column", "scores band row", "scores band column"]
        + ["weights band row", "weights band column", "V band row", "output band row"]
    )


def test_pointing_at_an_input_names_its_row_and_its_component(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL)
    figure = notebook.figure()
    notebook.page.mouse.move(*figure.middle("Q", 1, 2, 3, 4))
    figure.frame()
    words = figure.root.locator(".readout").inner_text()
    assert words == f"queries Q · query 1, component 2: {number_text(told(notebook)['Q'][1][2], 4)}"


SPEECH = """() => {
    const readout = document.querySelector(".d2l-attention").shadowRoot.querySelector(".readout");
    const log = (window.spoken = []);
    new MutationObserver(() => log.push([performance.now(), readout.textContent])).observe(
        readout, { childList: true, characterData: true, subtree: true });
}"""


def test_in_a_drag_words_come_at_most_every_50_ms_and_tell_the_number_at_its_end(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL)
    figure, mouse = notebook.figure(), notebook.page.mouse
    x, y = figure.middle("Q", 1, 2, 3, 4)
    mouse.move(x, y)
    figure.frame()
    mouse.down()
    notebook.page.evaluate(SPEECH)
    mouse.move(x + 60, y, steps=20)
    figure.frame()
    times, words = zip(*notebook.page.evaluate("spoken"), strict=True)
    number = number_text(told(notebook)["Q"][1][2], 4)
    assert words[-1] == f"queries Q · query 1, component 2: {number}"
    heard = [figure.canvas("Q").get_attribute(f"aria-value{part}") for part in ("text", "now")]
    assert heard == [words[-1], number.replace("−", "-")]
    label = figure.canvas("weights").get_attribute("aria-label")
    weight = number_text(told(notebook)["weights"][0][0], 4)
    assert label == f"weights · query 0 → key 0: {weight}"
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert gaps and min(gaps) > 45
    mouse.up()


JUMPS = """([name, at]) => {
    const figure = document.querySelector(".d2l-attention").shadowRoot;
    const canvas = figure.querySelector(`[data-name="${name}"] canvas`);
    const legend = figure.querySelector(`[data-name="${name}"] .legend`);
    const log = (window.seen = []);
    const look = () => {
        const { data } = canvas.getContext("2d").getImageData(...at, 1, 1);
        log.push([...data.slice(0, 3), Number(legend.lastElementChild.textContent)]);
        requestAnimationFrame(look);
    };
    look();
}"""


def jumps(figure, name, cell, shape, act):
    """The largest part of its way that the colour of a cell goes at once; and the scale's ends."""
    (i, j), (rows, columns) = cell, shape
    size = figure.canvas(name).evaluate("canvas => [canvas.width, canvas.height]")
    at = [int((j + 0.1) * size[0] / columns), int((i + 0.1) * size[1] / rows)]
    figure.page.evaluate(JUMPS, [name, at])
    act()
    figure.page.wait_for_timeout(400)
    seen = figure.page.evaluate("window.seen")
    colours = [frame[:3] for frame in seen]
    steps = itertools.pairwise(colours)
    far = [max(abs(a - b) for a, b in zip(*step, strict=True)) for step in steps]
    whole = max(abs(a - b) for a, b in zip(colours[0], colours[-1], strict=True))
    ends = [frame[3] for frame in seen]
    return max(far) / whole, [end for at, end in enumerate(ends) if not at or end != ends[at - 1]]


def test_no_colour_jumps_while_a_number_is_dragged_and_the_scale_settles(open_notebook):
    code = """x = torch.tensor([[1.9, 1.0]])
e = explore(DotProductAttention(), x, torch.eye(2), torch.tensor([[1.9], [-1.0]])); e"""
    notebook = open_notebook(SETUP, code, "0")
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    x, y = figure.middle("Q", 0, 0, 1, 2)

    def drag():
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y - 60, steps=30)
        page.mouse.up()

    def check(far, ends, largest):
        """From 2 a little beyond the largest number, in two digits; then to 5."""
        assert far < 0.8 and ends[0] == 2 and ends[-1] == 5 and ends == sorted(ends)
        assert largest <= ends[-2] < 1.11 * largest, ends
        assert ends == [round(end, 1) for end in ends]

    # Query component 1 stays 1.00 while component 0 goes from 1.90 to 3.10.
    check(*jumps(figure, "Q", (0, 1), (1, 2), drag), 3.1)
    # The scores follow from it, and their scale likewise.
    figure.root.get_by_role("button", name="Reset").click()
    figure.settle()
    check(*jumps(figure, "scores", (0, 1), (1, 2), drag), 2.19)


def test_what_can_be_done_and_what_stands_where_can_be_seen(open_notebook):
    code = "e = explore(DotProductAttention(), Q, K, V, [2, 5, 3]); e"
    notebook = open_notebook(SETUP, code, "e.temperature = 0.5", width=620)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    assert "Click a weight" in figure.root.locator(".readout").inner_text()
    assert figure.root.locator(".lengths").inner_text() == "↔ valid length"
    for name, rows in (("scores", "012"), ("weights", "012"), ("output", "012"), ("V", "01234")):
        panel = figure.root.locator(f'.panel[data-name="{name}"]')
        assert "".join(panel.locator(".rows span").all_inner_texts()) == rows
    for name, size in (("V", "5 × 2"), ("output", "3 × 2")):
        foot = figure.root.locator(f'.panel[data-name="{name}"] .foot small').first
        assert foot.is_visible() and foot.inner_text() == size
    numbers = figure.root.locator('.panel[data-name="scores"] .columns')
    assert "".join(numbers.locator("span").all_inner_texts()) == "01234"
    assert numbers.get_attribute("aria-hidden") == "true"
    canvas = figure.canvas("weights")
    assert canvas.evaluate("node => getComputedStyle(node).cursor") == "pointer"
    page.mouse.move(*figure.middle("weights", 1, 2, 3, 5))
    figure.frame()
    assert figure.root.locator('.panel[data-name="weights"] .hovered').is_visible()
    page.mouse.move(*figure.middle("scores", 1, 2, 3, 5))
    figure.frame()
    assert not figure.root.locator(".hovered:visible").count()
    sign = figure.root.locator(".to-weights")
    place = "sign => [sign.offsetLeft, sign.offsetTop, sign.offsetWidth, sign.offsetHeight]"
    before = sign.evaluate(place)
    assert sign.inner_text().split("\n")[:3] == ["÷ τ", "mask", "softmax"]
    notebook.run(2)
    figure.settle()
    assert sign.inner_text().split("\n")[0] == "÷ τ = 0.50"
    assert sign.evaluate(place) == before  # nothing moves while the temperature does


OVERLAPS = """root => {
    const words = ".caption, .foot small:first-child, .legend span, .sign span";
    const texts = [...root.querySelectorAll(words)].map((node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return [node.textContent, range.getBoundingClientRect()];
    });
    const seen = texts.filter(([text, { width }]) => text && width);
    return [seen.map(([text]) => text), seen.flatMap(([text, a], at) => seen.slice(at + 1)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 3 && b.top < a.bottom - 3)  // lines of text, not letters
        .map(([other]) => `${text} / ${other}`))];
}"""


def test_captions_sizes_and_scales_stand_clear_of_one_another(open_notebook):
    code = """X = torch.randn(40, 8)
e = explore(DotProductAttention(), X[:24], X, X[:, :4]); e"""
    notebook = open_notebook(SETUP, code, "0")
    figure, page = notebook.figure(), notebook.page
    for width in (1400, 700, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        figure.settle()
        texts, overlapping = figure.root.locator(".stages").evaluate(OVERLAPS)
        assert {"queries Q", "24 × 8", "output", "softmax"} <= set(texts)
        assert not overlapping, f"at {width} pixels"


def test_nothing_moves_under_the_pointer_and_no_gap_is_left_in_a_wider_window(open_notebook):
    code = "e = explore(DotProductAttention(), Q, K, V); e"
    notebook = open_notebook(SETUP, code, "0", width=620)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    height = "node => node.getBoundingClientRect().height"
    hint = figure.root.locator(".readout").evaluate(height)
    page.mouse.move(*figure.middle("Q", 1, 1, 3, 4))
    figure.frame()
    assert figure.root.locator(".readout").evaluate(height) == hint > 30
    page.set_viewport_size({"width": 1400, "height": 1000})
    figure.frame()
    page.mouse.move(*figure.middle("Q", 1, 1, 3, 4))
    figure.frame()
    assert figure.root.locator(".readout").evaluate(height) < 40


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_around_it_changes_nothing_of_its_look(open_notebook, theme):
    code = "e = explore(DotProductAttention(), Q, K, V); e"
    notebook = open_notebook(SETUP, code, "0", theme=f"JupyterLab {theme.capitalize()}")
    figure = notebook.figure()
    figure.settle()
    check_looks(figure.root, theme)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_words_can_be_read_in_either_theme_and_a_narrow_window(open_notebook, theme):
    notebook = open_notebook(
        SETUP, "e = explore(AdditiveAttention(3), Q, K, V); e", TELL, theme=theme, width=620
    )
    figure = notebook.figure()
    contrasts = """({ shadowRoot: root }) =>
        [...root.querySelectorAll(".caption, b, small, label, .readout, .status")].map(n => {
        const light = (text) => {
            const parts = text.match(/[\\d.]+/g).slice(0, 3).map((x) => x / 255);
            const [r, g, b] = parts.map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        };
        const paper = getComputedStyle(root.firstElementChild).backgroundColor;
        const pair = [light(getComputedStyle(n).color), light(paper)];
        return Math.max(...pair) / Math.min(...pair);
    })"""
    assert min(figure.root.evaluate(contrasts)) >= 4.5
    # It stands in lines that scroll inside it, and says so; cells stay wide enough.
    ends = "them => them.map((it) => Math.round(it.getBoundingClientRect().bottom))"
    scores, weights, output = figure.root.locator(".grid").evaluate_all(ends)
    assert scores < weights < output
    read = "node => [node.clientWidth, node.scrollWidth]"
    widths = figure.root.locator(".stages").evaluate(read)
    assert widths[1] > widths[0] <= 620
    assert figure.root.locator(".swipe").is_visible()
    widths = figure.root.locator(".figure").evaluate(read)
    assert widths[0] == widths[1]
    assert figure.canvas("Q").bounding_box()["width"] >= 4 * 28
    check_painted(figure, told(notebook))


PHONES = {"the site": 374, "JupyterLab": 286}  # what they leave of 390 pixels
REACH = """async ({ style, shadowRoot }, width) => {
    style.width = `${width}px`;
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
    const figure = shadowRoot.querySelector(".figure");
    const { right } = figure.getBoundingClientRect();
    const reaching = (selector) => [...shadowRoot.querySelectorAll(selector)]
        .filter((node) => node.getBoundingClientRect().right > right + 1)
        .map((node) => node.closest("[data-name]")?.dataset.name ?? node.className);
    const panels = reaching("[data-name], [data-name] canvas, [data-name] .columns");
    return { inside: reaching(":not(.stages *)"), panels: [...new Set(panels)] };
}"""


def test_on_a_phone_nothing_is_wider_than_its_cell_and_the_answer_is_in_sight(open_notebook):
    code = "e = explore(DotProductAttention(), Q[:2, :2], K[:4, :2], V[:4], 3); e"
    judged = """p = explore(DotProductAttention(), Q[:2, :2], K[:4, :2], V[:4], predict="weights")
p.assign(prediction=[[0.25] * 4] * 2, shown=True); p"""
    large = "explore(AdditiveAttention(3), Q, K, V, predict='output')"
    notebook = open_notebook(SETUP, code, large, judged, "0")
    small, large, judged = map(notebook.figure, range(3))
    for name, width in PHONES.items():
        assert not judged.root.evaluate(REACH, width)["inside"], name
        assert small.root.evaluate(REACH, width) == {"inside": [], "panels": []}, name
        found = large.root.evaluate(REACH, width)
        assert not found["inside"], name
        # It is scrolled within, and says so; the weights and what follows need no scrolling.
        assert not {"weights", "V", "prediction"} & set(found["panels"]), name
        assert "scores" in found["panels"] and large.root.locator(".swipe").is_visible()


def test_two_views_of_one_figure_move_together(open_notebook):
    notebook = open_notebook(
        SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL, "e", "0"
    )
    first, second = notebook.figure(0), notebook.figure(1)
    first.drag(first.middle("V", 0, 0, 5, 2), 0, -80)
    first.settle()
    second.settle()
    assert first.pixels("output", 3, 2) == second.pixels("output", 3, 2)
    check_painted(second, told(notebook))


def test_an_assignment_in_a_cell_is_painted_and_a_cell_run_again_replaces_its_figure(open_notebook):
    notebook = open_notebook(
        SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL,
        "e.Q = 2 * e.Q; e.temperature = 0.5; e.valid_lens = 2", "0",
    )  # fmt: skip
    figure = notebook.figure()
    figure.settle()
    state = told(notebook)
    assert state["T"] == 0.5
    check_painted(figure, state, valid=2)
    notebook.run(1)
    notebook.figure().settle()
    assert notebook.page.locator(".d2l-attention").count() == 1
    figure = notebook.figure()
    figure.drag(figure.middle("Q", 0, 0, 3, 4), 0, -40)
    figure.settle()
    check_painted(figure, told(notebook))


def test_labels_are_text_whatever_they_hold(open_notebook):
    label = "<img src=x onerror='window.broken=1'>"
    notebook = open_notebook(
        SETUP,
        f"e = explore(DotProductAttention(), Q, K, V, query_labels=[{label!r}] * 3, "
        f"key_labels=['<script>window.broken=1</script>'] * 5); e",
        TELL,
    )
    figure = notebook.figure()
    figure.page.mouse.click(*figure.middle("weights", 0, 0, 3, 5))
    figure.frame()
    figure.frame()
    assert label in figure.root.locator(".readout").inner_text()
    assert "<script>" in figure.root.locator(".arithmetic").inner_text()
    assert notebook.page.evaluate("window.broken") is None
    assert figure.root.locator("img, script").count() == 0


READ_RECEIPT = """({ shadowRoot }) => {
    const text = (node) => node.querySelector("span")?.textContent ?? node.textContent;
    const part = (table, name) => [...table.querySelectorAll(name + " tr")].map(
        (row) => [...row.children].map(text));
    return [...shadowRoot.querySelectorAll(".arithmetic table")].map((table) =>
        ({ head: part(table, "thead"), rows: part(table, "tbody"), steps: part(table, "tfoot"),
           marked: [...table.querySelectorAll("tr[aria-current=true] th")].map(text) }));
}"""


def written(text):
    return float(text.replace("−", "-").replace("÷", "").replace(" ", ""))


@pytest.mark.parametrize(
    ("attention", "score_of"),
    {
        "DotProductAttention()": lambda q, k, product: math.fsum(product) / 2,
        "AdditiveAttention(3)": lambda q, k, tanh, w, product: math.fsum(product),
    }.items(),
)
def test_an_opened_weight_is_a_receipt_that_adds_up_and_follows_a_drag(
    open_notebook, attention, score_of
):
    notebook = open_notebook(
        SETUP, f"e = explore({attention}, Q, K, V, 4); e.temperature = 0.5; e", TELL
    )
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    page.mouse.click(*figure.middle("weights", 1, 2, 3, 5))
    figure.frame()
    figure.root.locator(".arithmetic tbody td").first.evaluate("node => (node.kept = true)")

    def check():
        state = told(notebook)
        scores, shares = figure.root.evaluate(READ_RECEIPT)
        _, *columns = [list(map(written, column)) for column in zip(*scores["rows"], strict=True)]
        score, weight = state["scores"][1][2], state["weights"][1][2]
        assert written(scores["steps"][-1][1]) == pytest.approx(score, abs=0.001)
        assert score_of(*columns) == pytest.approx(score, abs=0.01)
        assert shares["marked"] == ["2"]
        valid, masked = shares["rows"][:4], shares["rows"][4]
        assert masked == ["4", "masked", "", "", "0.000"]
        assert written(valid[2][2]) == pytest.approx(score / 0.5, abs=0.001)
        powers = [written(row[3]) for row in valid]
        assert powers[2] / math.fsum(powers) == pytest.approx(weight, abs=0.003)
        assert written(shares["steps"][-1][1]) == pytest.approx(weight, abs=0.001)
        return score

    before = check()
    figure.drag(figure.middle("Q", 1, 2, 3, 4), 0, -60)
    figure.settle()
    assert check() != before
    # Its texts were changed, not its nodes.
    kept = figure.root.locator(".arithmetic tbody td").first.evaluate("node => node.kept")
    assert kept


def test_an_opened_weight_is_stepped_and_closed_from_inside(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V, 3); e", "0")
    figure, page = notebook.figure(), notebook.page
    receipt, frame = figure.root.locator(".arithmetic"), figure.root.locator(".opened")
    focus = "({ shadowRoot }) => shadowRoot.activeElement.closest('[data-name]')?.dataset.name"
    assert not receipt.is_visible() and not frame.is_visible()

    def opened():
        figure.frame()
        name = receipt.get_attribute("aria-label")
        assert receipt.locator("h4").inner_text() == name
        place = frame.evaluate(
            "({ style }) => ['--row', '--column'].map((name) => style.getPropertyValue(name).trim())"
        )
        assert name == "query {} → key {}".format(*place)
        return tuple(map(int, place))

    figure.canvas("weights").focus()
    page.keyboard.press("Enter")
    assert opened() == (0, 0)
    receipt.get_by_role("button", name="Next key").click()
    assert opened() == (0, 1)
    receipt.get_by_role("button", name="Next query").click()
    assert opened() == (1, 1)
    # Round and round; a button has the focus, then the receipt itself.
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    assert opened() == (1, 4)
    assert "This key is masked" in receipt.inner_text()
    assert receipt.locator("table").count() == 1
    receipt.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert opened() == (0, 0)
    assert receipt.locator("table").count() == 2
    for box in [button.bounding_box() for button in receipt.locator("button").all()]:
        assert min(box["width"], box["height"]) >= 24
    page.keyboard.press("Escape")
    assert not receipt.is_visible() and not frame.is_visible()
    assert figure.root.evaluate(focus) == "weights"
    page.keyboard.press("Enter")
    assert opened() == (0, 0)
    figure.canvas("V").focus()
    page.keyboard.press("Escape")
    assert not receipt.is_visible()
    assert figure.root.evaluate(focus) == "weights"
    page.keyboard.press("Enter")
    receipt.get_by_role("button", name="Close").click()
    assert not receipt.is_visible()
    assert figure.root.evaluate(focus) == "weights"


def test_an_opened_weight_stands_beside_its_matrices_where_there_is_room(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", "0")
    figure, page = notebook.figure(), notebook.page
    figure.canvas("weights").focus()
    page.keyboard.press("Enter")
    for width, beside in ((2000, True), (900, False)):
        page.set_viewport_size({"width": width, "height": 1000})
        figure.frame()
        receipt = figure.root.locator(".arithmetic").bounding_box()
        stages = figure.root.locator(".stages").bounding_box()
        assert (receipt["x"] >= stages["x"] + stages["width"]) == beside
        assert (receipt["y"] >= stages["y"] + stages["height"]) != beside
        read = "node => node.scrollWidth <= node.clientWidth"
        assert figure.root.locator(".arithmetic").evaluate(read)
    page.set_viewport_size({"width": 1400, "height": 1000})


def test_a_readers_own_score_is_computed_by_torch_and_its_errors_are_shown(open_notebook):
    own = """
class Mine(Attention):
    def score(self, queries, keys):
        if queries.max() > 8: raise ValueError("the query is <b>too large</b>")
        return -torch.cdist(queries, keys)
e = explore(Mine(), Q, K, V)
e"""
    notebook = open_notebook(SETUP, own, TELL)
    figure = notebook.figure()
    figure.drag(figure.middle("Q", 0, 0, 3, 4), 0, -50)
    figure.settle()
    check_painted(figure, told(notebook))
    figure.page.mouse.click(*figure.middle("weights", 1, 2, 3, 5))
    figure.frame()
    receipt = figure.root.locator(".arithmetic")
    score = f"{told(notebook)['scores'][1][2]:.3f}".replace("-", "−")
    assert f"score = {score} · computed by your score method" in receipt.inner_text()
    assert receipt.locator("table").count() == 1
    before = figure.pixels("weights", 3, 5)
    figure.canvas("Q").focus()
    figure.page.keyboard.type("9")
    figure.page.keyboard.press("Enter")
    figure.page.get_by_text("the query is <b>too large</b>").first.wait_for()
    assert figure.pixels("weights", 3, 5) == before
    figure.page.keyboard.type("1")
    figure.page.keyboard.press("Enter")
    figure.settle()
    assert not figure.root.locator(".error").is_visible()
    check_painted(figure, told(notebook))


def test_after_a_kernel_restart_the_picture_stays_live_and_says_what_to_do(open_notebook):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL)
    figure, page = notebook.figure(), notebook.page
    figure.settle()
    before = figure.pixels("output", 3, 2)
    notebook.restart_kernel()
    page.get_by_text("the kernel of this figure is gone").wait_for()
    assert figure.pixels("output", 3, 2) == before
    figure.drag(figure.middle("V", 0, 0, 5, 2), 0, -100)
    figure.frame()
    assert figure.pixels("output", 3, 2) != before  # the browser goes on alone
    notebook.run(0)
    notebook.run(1)
    notebook.figure().settle()


def test_a_saved_notebook_shows_its_picture_without_a_kernel(open_notebook, lab):
    notebook = open_notebook(SETUP, "e = explore(DotProductAttention(), Q, K, V); e", "0")
    notebook.save()
    written = notebook.path.read_text("utf-8")
    saved = nbformat.reads(written, 4)
    assert saved.cells[1].outputs
    assert "drawing" not in written and "widget-state" not in written
    for output in saved.cells[1].outputs:
        # As the committed notebooks are: a view without its state is an error message.
        output.data.pop("application/vnd.jupyter.widget-view+json")
    (lab.work / "stripped.ipynb").write_text(nbformat.writes(saved))
    page = notebook.page
    opening = "jupyterapp.commands.execute('docmanager:open', { path: 'stripped.ipynb' })"
    page.evaluate(f"{opening}.then((panel) => panel.sessionContext.ready).then(() => null)")
    picture = page.locator(".jp-OutputArea img").locator("visible=true")
    picture.wait_for()
    assert picture.get_attribute("alt").startswith("DotProductAttention at temperature 1")
    assert picture.evaluate("image => image.naturalWidth") > 300
    assert not notebook.errors
    page.evaluate("jupyterapp.shell.currentWidget.close()")
    # What it had just asked of its kernel is cancelled: an error of JupyterLab's own.
    page.wait_for_timeout(500)
    notebook.errors.clear()


def test_weights_that_are_no_numbers_reach_no_goal(open_notebook):
    goal = "t = torch.full((3, 5), torch.nan); t[0, 0] = 1; Q[0, 0] = torch.nan"
    notebook = open_notebook(SETUP + goal, "explore(DotProductAttention(), Q, K, V, target=t)", "0")
    assert notebook.figure().root.locator(".goal").inner_text() == "Distance from the goal: NaN"
