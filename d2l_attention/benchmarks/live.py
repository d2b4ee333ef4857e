"""How fast a live figure follows the hand, in a real JupyterLab with trusted pointer events.

Prints, from one run, for the package's figures and for `ipywidgets.interact` with matplotlib:

- event to paint: the median and 95th percentile of single events, each sent when all is quiet, so
  that what is painted next can only be its own picture;
- updates per second during a drag of two seconds, 125 events a second: the median of three drags;
- lag: from the last event of the drag to the last painting that follows from it, torch's
  confirmation included: likewise;
- blank: frames of the three drags in which the place of the picture was empty.

The first line is of a bare canvas, which draws one image in the frame after an event: what this
machine and its browser take for themselves, in this session.

At 10×10 and 64×64 one number of Q is dragged: its cell, or the slider of `interact`. "2×4 heads" is
a batch of 8 examples of 10×10, of which the explorer draws the one that is chosen (its kernel engine
computes all), and `interact` all in 2×4 panels. At 512×512 both drag a temperature slider.
"""

import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from d2l_attention.tests.browser.lab import Lab, Notebook, chromium, free_port

from .hand import Hand
from .live_cases import SETUP, Case, cases

SECONDS = 2.0
DRAGS = 3
SINGLE = 100  # events to take the latency of
QUIET = 250  # ms; the plane makes its map fine after 150
SILENCE = 0.1  # s
PATIENCE = 3  # s
FRAME = 1 / 60  # s
WATCH = (Path(__file__).parent / "watch.js").read_text("utf-8")
HEADER = (
    f"{'':<20}{'median ms':>10}{'p95 ms':>8}{'updates/s':>11}{'lag ms':>8}{'blank':>7}"
    f"{'events/s':>10}   than interact"
)


@dataclass
class Measured:
    """One line of the table."""

    latencies: list[float]
    updates: float
    lag: float
    blank: int
    events: float

    @property
    def median(self) -> float:
        return statistics.median(self.latencies)

    @property
    def p95(self) -> float:
        return sorted(self.latencies)[int(0.95 * (len(self.latencies) - 1))]


def measure(lab: Lab, browser, port: int, case: Case) -> Measured:
    lab.write("bench.ipynb", SETUP, case.code, "0")
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    notebook = Notebook(lab, page, "bench.ipynb")
    notebook.run(0)
    notebook.run(1)
    page.wait_for_timeout(1500)
    page.locator(".d2l-attention, .widget-interact, .bare").evaluate(
        "node => node.scrollIntoView()"
    )
    box = page.locator(case.held).first.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(WATCH, case.ours)
    hand = Hand(port, page)
    hand.send("mousePressed", *middle)
    latencies = [single(page, hand, *middle, at) for at in range(SINGLE)]
    drags = [drag(page, hand, *middle) for _ in range(DRAGS)]
    hand.send("mouseReleased", *middle)
    hand.close()
    notebook.close()
    updates, lag, blank, events = zip(*drags, strict=True)
    middling = [statistics.median(each) for each in (updates, lag)]
    return Measured(latencies, *middling, sum(blank), statistics.median(events))


def single(page, hand: Hand, x: float, y: float, at: int) -> float:
    """Send one event when all is quiet; return the ms until its picture is painted."""
    while page.evaluate("performance.now() - (watched.paintings.at(-1) ?? 0)") < QUIET:
        page.wait_for_timeout(QUIET / 3)
    page.evaluate("watched.clear()")
    time.sleep(random.uniform(0, FRAME))  # at any moment between two frames
    # From side to side, so far that some weight looks different, for only such cells are painted
    # again; and within the reach of a slider, beyond whose ends nothing changes.
    hand.send("mouseMoved", x + (30 - at % 5) * (-1) ** at, y)
    time.sleep(SILENCE)  # to ask is work for the page, too
    painted = page.evaluate(f"watched.next({1000 * PATIENCE})")
    if painted is None:
        raise RuntimeError(f"an event was followed by no picture within {PATIENCE} s")
    return painted - page.evaluate("watched.events[0]")


def drag(page, hand: Hand, x: float, y: float) -> tuple[float, float, int, float]:
    """Drag for some seconds; return updates per second, lag, blank frames and events per second."""
    page.wait_for_timeout(500)
    page.evaluate("watched.clear(); watched.sampling = true")
    hand.sweep(x, y, SECONDS)
    page.wait_for_timeout(1500)
    log = page.evaluate("watched.sampling = false, watched")
    start, end = log["events"][0], log["events"][-1]
    seconds = (end - start) / 1000
    during = [t for t in log["paintings"] if start <= t <= end]
    lag = max(0.0, log["paintings"][-1] - end)
    return len(during) / seconds, lag, log["blank"], len(log["events"]) / seconds


def show(case: Case, m: Measured, usual: Measured | None) -> None:
    ratios = ""
    if usual:
        ratios = f"{usual.median / m.median:6.1f} × sooner, {m.updates / usual.updates:.1f} × more"
    print(
        f"{case.engine + ' ' + case.sizes:<20}{m.median:10.1f}{m.p95:8.1f}{m.updates:11.1f}"
        f"{m.lag:8.0f}{m.blank:7}{m.events:10.0f}{ratios}"
    )


def verdict(target: str, m: Measured, usual: Measured | None) -> tuple[str, bool]:
    return {
        "frame": (f"median {m.median:.1f} < 16.7 ms", m.median < 16.7),
        "55/s": (f"{m.updates:.0f} ≥ 55 updates/s", m.updates >= 55),
        "30/s": (f"{m.updates:.0f} ≥ 30 updates/s", m.updates >= 30),
        "100 ms": (f"lag {m.lag:.0f} ≤ 100 ms", m.lag <= 100),
        "no blank": (f"{m.blank} blank frames", m.blank == 0),
        "8 times": (usual and f"{usual.median / m.median:.1f} ≥ 8 times faster than interact",
                    usual and usual.median >= 8 * m.median),
    }[target]  # fmt: skip


def main() -> None:
    port, wanted = free_port(), sys.argv[1:]
    measured = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder) / "lab")
        args = ["--no-sandbox", f"--remote-debugging-port={port}"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=args)
        try:
            for case in cases():
                if all(word in f"{case.engine} {case.sizes}" for word in wanted):
                    measured.append((case, measure(lab, browser, port, case)))
                    print(case.engine, case.sizes, "…", file=sys.stderr)
        finally:
            browser.close()
            lab.close()
    usual = {case.sizes: m for case, m in measured if not case.ours}
    print(HEADER)
    verdicts = []
    for case, m in measured:
        other = usual.get(case.sizes) if case.ours else None
        show(case, m, other)
        for target in case.targets:
            words, holds = verdict(target, m, other)
            verdicts.append((f"{case.engine} {case.sizes}: {words}", holds))
    for case, m in measured:
        if case.engine == "bare":
            print(f"A bare canvas here: {m.median:.1f} ms, {m.updates:.0f} updates/s.")
    for words, holds in verdicts:
        print("holds " if holds else "FAILS ", words)


if __name__ == "__main__":
    main()
