"""How fast a live figure follows the hand, in a real JupyterLab with trusted pointer events.

Prints, from one run: event-to-paint latency, updates per second during a two-second drag, and lag
after it, for the explorer and for `ipywidgets.interact` with matplotlib.
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from d2l_attention.tests.browser.lab import CHROMIUM, Lab, Notebook

SECONDS = 2.0
SETUP = """
%config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt, torch
from ipywidgets import interact
from d2l_attention import *
class Own(Attention):
    def score(self, queries, keys):
        return torch.bmm(queries, keys.mT)
def inputs(n, d=8):
    torch.manual_seed(0)
    return [torch.randn(n, d) for _ in range(3)]
def usual(n):
    Q, K, V = inputs(n)
    def show(x=0.0):
        Q[0, 0] = x
        plt.imshow(torch.softmax(Q @ K.T / 8**0.5, -1), cmap="Blues")
        plt.show()
    interact(show, x=(-5.0, 5.0, 0.01))
"""
# What the pointer can do in two seconds is the machine's to say: see the column events/s.
CASES = {
    "browser 10×10": ("explore(DotProductAttention(), *inputs(10))", True),
    "browser 64×64": ("explore(DotProductAttention(), *inputs(64))", True),
    "kernel 64×64": ("explore(Own(), *inputs(64))", True),
    "interact 10×10": ("usual(10)", False),
    "interact 64×64": ("usual(64)", False),
}
# A frame counts as an update if what follows from the drag was painted in it: the weights' canvas,
# or a new picture. It is over when the browser hands back control after painting.
WATCH = """ours => {
    const log = (window.liveLog = { latencies: [], times: []});
    let moved = null;
    const painted = () => {
        const since = moved;
        moved = null;
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
            log.times.push(performance.now());
            if (since !== null) log.latencies.push(performance.now() - since);
        };
        // Inside a frame a message comes after its painting; outside, a frame must come first.
        const send = () => channel.port2.postMessage(0);
        if (ours) send();
        else requestAnimationFrame(send);
    };
    addEventListener("pointermove", (event) => (moved ??= event.timeStamp), true);
    if (!ours) {
        new MutationObserver((changes) => {
            const pictures = changes.flatMap((change) => [...change.addedNodes]);
            if (pictures.some((node) => node.querySelector?.("svg, img"))) painted();
        }).observe(document.querySelector(".jp-Notebook"), { childList: true, subtree: true });
        return;
    }
    let pending = false;
    for (const method of ["fillRect", "drawImage"]) {
        const original = CanvasRenderingContext2D.prototype[method];
        CanvasRenderingContext2D.prototype[method] = function (...all) {
            original.apply(this, all);
            if (pending || this.canvas.closest?.(".panel")?.dataset.name !== "weights") return;
            pending = true;
            queueMicrotask(() => { pending = false; painted(); });
        };
    }
}"""


def measure(lab: Lab, browser, name: str, code: str, ours: bool) -> dict:
    lab.write("bench.ipynb", SETUP, code, "0")
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    notebook = Notebook(lab, page, "bench.ipynb")
    notebook.run(0)
    notebook.run(1)
    page.wait_for_timeout(1500)
    if ours:
        target = page.locator('.d2l-attention .panel[data-name="Q"] canvas')
        box = target.bounding_box()
        x, y = box["x"] + 2, box["y"] + 2
    else:
        box = page.locator(".widget-slider .noUi-handle").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(WATCH, ours)
    page.mouse.move(x, y)
    page.mouse.down()
    start, at = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        at += 1
        # Thirty events, sent by the driver as fast as the page takes them.
        page.mouse.move(x + 60 * (at % 2), y, steps=30)
    seconds = time.perf_counter() - start
    end = page.evaluate("performance.now()")
    page.mouse.up()
    page.wait_for_timeout(1500)
    log = page.evaluate("window.liveLog")
    notebook.close()
    latencies = sorted(log["latencies"]) or [float("nan")]
    during = [t for t in log["times"] if end - 1000 * seconds <= t <= end]
    return {
        "median": statistics.median(latencies),
        "p95": latencies[int(0.95 * (len(latencies) - 1))],
        "updates": len(during) / seconds,
        "lag": max(0.0, max(log["times"], default=end) - end),
        "events": 30 * at / seconds,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder) / "lab")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        print(
            f"{'':18}{'median ms':>10}{'p95 ms':>10}{'updates/s':>11}{'lag ms':>8}{'events/s':>10}"
        )
        try:
            for name, (code, ours) in CASES.items():
                r = measure(lab, browser, name, code, ours)
                print(
                    f"{name:18}{r['median']:10.1f}{r['p95']:10.1f}{r['updates']:11.1f}"
                    f"{r['lag']:8.0f}{r['events']:10.0f}",
                    flush=True,
                )
        finally:
            browser.close()
            lab.close()


if __name__ == "__main__":
    main()
