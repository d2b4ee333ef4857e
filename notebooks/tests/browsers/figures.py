"""The live figures of a page: hands to lay on each kind, and what it must show then."""

import math
from urllib.parse import parse_qsl

import pytest
import torch

from d2l_attention.explorers.words import page_words
from d2l_attention.scales import colour_map

from . import formulas

MOTION = 250  # ms: longer than colours move, after the hand let go, to a scale with a round end
ALL = "document.querySelectorAll('[data-d2l-attention]')"
# Formulas and figures that come to life move what is below them.
READY = f"""async () => {{
    if (document.readyState !== "complete") return false;
    await globalThis.MathJax?.startup?.promise;
    if (![...{ALL}].every((it) => it.querySelector(".d2l-attention"))) return false;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return true;
}}"""
# A figure of a page: its live part stands in a shadow root.
PARTS = """(root) => {
    const parts = [root, root.querySelector(".d2l-attention").shadowRoot];
    return {
        querySelector: (selector) => parts.map((it) => it.querySelector(selector)).find(Boolean),
        querySelectorAll: (selector) => parts.flatMap((it) => [...it.querySelectorAll(selector)]),
    };
}"""
POINT = """(root, selector, [x, y]) => {
    const node = root.querySelector(selector);
    node.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const { left, top, width, height } = node.getBoundingClientRect();
    return [left + x * width, top + y * height];
}"""
# Not every browser lets the finger of a driver scroll, as a reader's would.
STAYS = """(point) => {
    const { shadowRoot } = document.elementFromPoint(...point);
    return getComputedStyle(shadowRoot.elementFromPoint(...point)).touchAction === "none";
}"""
# The address follows once nothing has changed for a while.
SETTLED = """(before) => {
    const { hash } = location;
    if (globalThis.seen?.hash !== hash) globalThis.seen = { hash, since: performance.now() };
    return hash !== before && performance.now() - seen.since > 500 && hash;
}"""
LOOK = """(root) => ({
    painted: [...root.querySelectorAll("canvas:not(.marks)")].map((canvas) => canvas.toDataURL()),
    sentence: root.querySelector(".d2l-sentence").innerText,
    places: [...root.querySelectorAll(".point, .out")].map(({ style }) => [style.left, style.top]),
    records: root.querySelector(".records")?.innerText,
    controls: [...root.querySelectorAll(":is(.controls, .answers) :is(input, select)")].map(({ value }) => value),
})"""
# The colour near the corner of each cell, where no number is written; a cell may be one pixel.
CORNERS = """(root, selector, rows, columns) => {
    const canvas = root.querySelector(selector);
    const [w, h] = [canvas.width / columns, canvas.height / rows];
    const inset = w > 1 ? 1 : 0;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return Array.from({ length: rows * columns }, (_, at) => {
        const [x, y] = [(at % columns) * w + inset, Math.floor(at / columns) * h + inset];
        const from = 4 * (y * canvas.width + x);
        return [...data.slice(from, from + 3)];
    });
}"""


def limits(scale):
    """The ends of a scale: "−2", "0", "2"."""
    return [float(end.replace("−", "-")) for end in (scale[0], scale[-1])]


class Figure:
    """One figure. A kind of figure has its own

    drag(touch), write(), step(): do something to it; they return what must have changed,
    check(changed): compare what it shows with what torch computes.
    """

    def __init__(self, page, at, saved):
        self.page, self.at, self.saved = page, at, saved
        page.until(READY)
        self.before = page.evaluate("() => location.hash")
        self.start = self.told(self.before)

    def evaluate(self, function, *given):
        """Call a function of JavaScript with the figure."""
        figure = f"({PARTS})({ALL}[{self.at}])"
        return self.page.evaluate(f"(...given) => ({function})({figure}, ...given)", *given)

    def point(self, selector, x=0.5, y=0.5):
        """Bring a part into view, and say where it is; x and y are shares of its size."""
        return self.evaluate(POINT, selector, [x, y])

    def pull(self, start, by, touch):
        """Take hold of a point, with a finger or without."""
        assert not touch or self.page.evaluate(STAYS, start), "a finger scrolls the page"
        self.page.drag(start, by, touch)

    def text(self, selector):
        return self.evaluate("(root, selector) => root.querySelector(selector).innerText", selector)

    def told(self, hash):
        """What an address says of this figure: {"Q.0": "0.5", …}."""
        told = hash.partition(f"figure={self.at + 1}&")[2].partition("&figure=")[0]
        return dict(parse_qsl(told, keep_blank_values=True))

    def changes(self):
        """What the address says once it has followed, and a frame is drawn."""
        hash = self.page.until(SETTLED, self.before)
        # Busy, WebKit may have drawn none since the hand let go.
        self.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return self.told(hash)

    def link(self):
        """Where the link to this state leads, from the # on."""
        return self.evaluate("(root) => root.querySelector('.d2l-link').hash")

    def look(self):
        return self.evaluate(LOOK)

    def check_sentence(self, weights):
        """Each query with its largest weight; of keys that share it, any may be named."""
        setup, most = self.saved["setup"], page_words()["most"]
        left = self.text(".d2l-sentence")
        for query, row in zip(setup["queryLabels"], weights, strict=True):
            share = f"{row.max():.2f}"
            largest = (row > row.max() - 1e-6).nonzero().flatten().tolist()
            keys = "/".join(setup["keyLabels"][j] for j in largest)
            said = most.format(i=query, j=keys, share=share)
            if len(largest) == len(row) > 1:
                said = page_words()["alike"].format(i=query, share=share)
            assert left.startswith(said)
            left = left.removeprefix(said).removeprefix(" ")
        assert not left


class Matrices(Figure):
    """Taken hold of at the first number of the last query."""

    Q = '.panel[data-name="Q"] canvas'

    @property
    def sizes(self):
        return self.saved["setup"]["sizes"]

    def cell(self):
        n, dq = self.sizes["n"], self.sizes["dq"]
        return self.point(self.Q, 0.5 / dq, (n - 0.5) / n)

    def becomes(self, change):
        """What must have changed: `change` of the number that it was."""
        n, dq = self.sizes["n"], self.sizes["dq"]
        at = (int(self.start.get("batch", 0)) + 1) * n * dq - dq
        return {f"Q.{at}": change(self.saved["numbers"]["Q"][at])}

    def drag(self, touch):
        self.pull(self.cell(), (60, -20), touch)
        return self.becomes(lambda x: x + 80 * 0.02), 0.05

    def write(self):
        self.page.click(self.cell())
        self.page.press("2", ".", "5", "Enter")
        return self.becomes(lambda x: 2.5), 0

    def step(self):
        self.page.click(self.cell())
        self.page.press("ArrowUp")
        return self.becomes(lambda x: x + 0.1), 1e-5

    def check(self, changed):
        X, now = formulas.inputs(self.saved, changed), formulas.now(self.saved, changed)
        result = formulas.attend(self.saved, X, now["scoring"], now["temperature"])
        shown = self.evaluate("""(root) => [...root.querySelectorAll(".panel")].map((panel) =>
            [panel.dataset.name, [...panel.querySelectorAll(".legend span")].map(
                (end) => end.textContent)])""")
        scales = dict(shown)
        assert {"Q", "weights", "output"} <= scales.keys()
        self.evaluate(f"() => new Promise((done) => setTimeout(done, {MOTION}))")
        for name in scales.keys() & {"Q", "V", "scores", "weights", "output"}:
            lens = X["valid_lens"] if name == "weights" else None
            self.check_painted(name, (X | result)[name], scales[name], lens)
        self.check_sentence(result["weights"])

    def check_painted(self, name, matrix, scale, lens):
        """Every cell has the colour of its number on the scale that its legend states."""
        low, high = limits(scale)
        assert (low, high) == (0, 1) if name == "weights" else low == -high
        colours = self.evaluate(CORNERS, f'.panel[data-name="{name}"] canvas', *matrix.shape)
        columns = matrix.shape[1]
        for at, x in enumerate(matrix.flatten().tolist()):
            i, j = divmod(at, columns)
            colour = colour_map((low, high))((x - low) / (high - low))[:3]
            masked = lens is not None and j >= lens[i]
            wanted = [255.0] * 3 if masked else [255 * c for c in colour]
            assert colours[at] == pytest.approx(wanted, abs=4), (name, i, j, x)


class Plane(Figure):
    """Taken hold of at its first query."""

    FINE = 256

    def plane(self):
        """Its reach, and how wide it is drawn."""
        # The number at a tick, and how far it stands from the middle, as a share of the reach.
        number, share = self.evaluate("""(root) => {
            const { innerText, style } = [...root.querySelectorAll(".plane .across")].at(-1);
            return [innerText, parseFloat(style.left) / 50 - 1];
        }""")
        return float(number) / share, self.evaluate(
            "(root) => root.querySelector('.plane canvas').clientWidth"
        )

    def drag(self, touch):
        start = self.point(".point.Q")
        reach, width = self.plane()
        by = (-70, -30)
        self.pull(start, by, touch)
        x, y = self.saved["numbers"]["Q"][:2]
        scale = 2 * reach / width
        return {"Q.0": x + scale * by[0], "Q.1": y - scale * by[1]}, 2 * scale

    def write(self):
        self.page.click(self.point(".point.Q"))
        self.page.press("Enter", *"0.75; -1", "Enter")
        return {"Q.0": 0.75, "Q.1": -1.0}, 0

    def step(self):
        # What is taken hold of by its middle stays where it is, up to a pixel.
        start = self.point(".point.Q")
        reach, width = self.plane()
        self.page.click(start)
        self.page.press("ArrowRight", "ArrowRight", "ArrowUp")
        x, y = self.saved["numbers"]["Q"][:2]
        return {"Q.0": x + 0.2, "Q.1": y + 0.1}, 2 * reach / width

    def check(self, changed):
        X, now = formulas.inputs(self.saved, changed), formulas.now(self.saved, changed)
        result = formulas.attend(self.saved, X, now["scoring"], now["temperature"])
        reach, _ = self.plane()
        self.check_places({"q": X["Q"], "k": X["K"], "o": result["output"]}, reach)
        self.check_map(X, now, reach)
        self.check_sentence(result["weights"])

    def check_places(self, wanted, reach):
        shown = self.evaluate("""(root) => {
            const plane = root.querySelector(".plane canvas").getBoundingClientRect();
            return [...root.querySelectorAll(".point, .out")].map((point) => {
                const { left, top, width, height } = point.getBoundingClientRect();
                const x = (left + width / 2 - plane.left) / plane.width;
                const y = (top + height / 2 - plane.top) / plane.height;
                return [point.innerText, [2 * x - 1, 1 - 2 * y]];
            });
        }""")
        shown = dict(shown)
        for name, points in wanted.items():
            for at, point in enumerate((points / reach).tolist()):
                place = shown[f"{name}{at}"]
                assert place == pytest.approx(point, abs=0.01), (name, at, place)

    def check_map(self, X, now, reach):
        """At rest each pixel is the query in its middle, in the colour of the key that wins."""
        wide = (
            f"(size) => ({PARTS})({ALL}[{self.at}]).querySelector('.plane canvas').width === size"
        )
        self.page.until(wide, self.FINE)
        every = 15
        colours = torch.tensor(self.evaluate(CORNERS, ".plane canvas", self.FINE, self.FINE))
        colours = colours.view(self.FINE, self.FINE, 3)[::every, ::every].flatten(0, 1)
        middles = reach * ((2 * torch.arange(self.FINE) + 1) / self.FINE - 1).double()[::every]
        y, x = torch.meshgrid(-middles, middles, indexing="ij")
        Q = torch.stack([x, y], -1).view(-1, 2)
        lens = torch.full((len(Q),), len(X["K"]))
        weights = formulas.attend(
            self.saved, X | {"Q": Q, "valid_lens": lens}, now["scoring"], now["temperature"]
        )["weights"]
        setup = [[int(hex[at : at + 2], 16) for at in (1, 3, 5)]
                 for hex in self.saved["setup"]["colours"]]  # fmt: skip
        shares, keys = weights.topk(2)
        wanted = 255 + shares[:, :1] * (torch.tensor(setup)[keys[:, 0]] - 255)
        # Where two keys are as strong, rounding decides.
        clear = shares[:, 0] - shares[:, 1] > 1e-4
        assert (colours - wanted).abs()[clear].max() <= 2


class Records(Figure):
    """Taken hold of at its temperature; what is written is the query."""

    SLIDER = ".answers input[type=range]"
    QUERY = ".controls input:not([type])"
    ENDS = 4  # of the exponent, from −2 to 2

    def drag(self, touch):
        width = self.evaluate("(root, it) => root.querySelector(it).clientWidth", self.SLIDER)
        room = (width - 16) / width  # for the middle of the thumb
        exponent = math.log10(self.saved["now"]["temperature"])
        share = (exponent + 2) / self.ENDS
        by = 0.3
        start = self.point(self.SLIDER, 0.5 + room * (share - 0.5))
        self.page.drag(start, (by * room * width, 0), touch)
        return {"temperature": 10 ** (exponent + by * self.ENDS)}, 2

    def write(self):
        self.page.click(self.point(self.QUERY))
        self.page.press("p", "Enter")
        return {"query": self.start["query"] + "p"}, 0

    def step(self):
        self.page.click(self.point(self.QUERY))
        self.page.press("Tab", "Tab", "ArrowRight")  # past Reset
        return {"temperature": 10 ** (math.log10(self.saved["now"]["temperature"]) + 0.01)}, 0.001

    def check(self, changed):
        scores, weights, output = formulas.answers(self.saved, changed)
        shown = self.evaluate("""(root) => [...root.querySelectorAll(".records tbody tr")].map((row) =>
            [row.cells[2].innerText, row.cells[3].innerText.trim(),
            row.querySelector(".bar").getBoundingClientRect().width])""")
        whole = sum(bar for *_, bar in shown)  # less on a phone
        for (*said, bar), score, weight in zip(
            shown, scores.tolist(), weights.tolist(), strict=True
        ):
            assert said == [f"{score:.2f}", f"{weight:.2f}"]
            assert whole > 30 and bar / whole == pytest.approx(weight, abs=0.005)
        soft = ", ".join(f"{x:.2f}" for x in output).replace("-", "−")
        assert soft in self.text(".answer")
        named = zip(self.saved["setup"]["keys"], weights, strict=True)
        shares = ", ".join(f"{key} {weight:.2f}" for key, weight in named)
        assert self.text(".d2l-sentence") == page_words()["shares"].format(weights=shares)


KINDS = {"AttentionExplorer": Matrices, "PlaneExplorer": Plane, "DatabaseExplorer": Records}
