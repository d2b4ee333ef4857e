"""A notebook of figures, opened in JupyterLab in each theme, and photographed at every width."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, sync_playwright
from playwright.sync_api import Error as BrowserError

from d2l_attention.tests.browser.lab import Lab, Notebook, chromium

from .exhibits import Exhibit, setup
from .page import THEMES, WIDTHS, Plate

NOTEBOOK = "gallery.ipynb"
HEIGHT = 1000  # of the window, which grows for a figure that is taller
TIMEOUT = 60_000  # ms, for a cell to show its figure
MARGIN = 4

# The figure is shown, torch's result has arrived and images are decoded; or an error is shown.
READY = """cell => {
    if (cell.querySelector(".jp-RenderedText")?.textContent.includes("Traceback")) return true;
    const figure = cell.querySelector(".d2l-attention")?.shadowRoot.querySelector(":not(.film)");
    const text = (part) => figure?.querySelector(part)?.textContent;
    if (text(".error") === "" && !text(".status").startsWith("torch")) return false;
    if (![...cell.querySelectorAll("img")].every((image) => image.complete)) return false;
    return cell.querySelector(".d2l-attention, figure img") !== null;
}"""
# Where an output is seen: the notebook's panel from side to side, and nothing that overflows it.
SEEN = """(output, margin) => {
    const panel = output.closest(".jp-WindowedPanel-outer");
    const { top: from, left, width } = panel.getBoundingClientRect();
    panel.scrollTop += output.getBoundingClientRect().top - from - margin;
    const { top, height } = output.getBoundingClientRect();
    return { x: left, y: Math.max(from, top - margin), width, height: height + 2 * margin };
}"""
# What is asked for in one frame is painted in the next.
PAINTED = """new Promise((done) => {
    const wait = (frames) => (frames ? requestAnimationFrame(() => wait(frames - 1)) : done());
    wait(3);
})"""


def photograph(
    exhibits: list[Exhibit], language: str, target: Path, say: Callable[[str], None]
) -> list[str]:
    """Take all pictures in one language; return what went wrong."""
    faults = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder) / "lab")
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"],
            ignore_default_args=["--hide-scrollbars"],  # a reader sees them
        )  # fmt: skip
        try:
            # Else what is out of sight is taken out of the page, and has no size.
            lab.set("notebook-extension:tracker", {"windowingMode": "none"})
            for theme in THEMES:
                faults += Camera(lab, browser, exhibits, language, theme).take(target, say)
        finally:
            browser.close()
            lab.close()
    return faults


class Camera:
    """The notebook in one language and theme, and what went wrong in it."""

    def __init__(
        self, lab: Lab, browser: Browser, exhibits: list[Exhibit], language: str, theme: str
    ):
        self.language, self.theme = language, theme
        self.faults: list[str] = []
        # Written again, because JupyterLab saves what it shows.
        sources = [setup(language), *(exhibit.cell for exhibit in exhibits), "None"]
        lab.write(NOTEBOOK, *sources, tags=["raises-exception"])
        self.page = browser.new_page(viewport={"width": WIDTHS[-1], "height": HEIGHT})
        # The mode of a single document, in which no side bar is open.
        self.notebook = Notebook(lab, self.page, NOTEBOOK, mode="doc")
        self.notebook.set_theme(f"JupyterLab {theme.title()}")
        cells = self.page.locator(".jp-Notebook .jp-CodeCell")
        self.setup = cells.first
        self.shown = [(exhibit, cells.nth(at)) for at, exhibit in enumerate(exhibits, 1)]

    def take(self, target: Path, say: Callable[[str], None]) -> list[str]:
        """Take each figure at each width; return what went wrong."""
        self.run()
        for width in WIDTHS:
            self.resize(width, HEIGHT)
            for exhibit, cell in self.shown:
                plate = Plate(exhibit.name, self.language, self.theme, width)
                with self.recording_faults(f"{exhibit.name}, {width} pixels"):
                    self.picture(exhibit, cell, target / plate.path)
            say(f"{self.language} {self.theme} {width}: {len(self.shown)} pictures")
        self.faults += dict.fromkeys(self.notebook.errors)
        self.notebook.close()
        return [f"{self.language} {self.theme}: {fault}" for fault in self.faults]

    @contextlib.contextmanager
    def recording_faults(self, name: str) -> Iterator[None]:
        """Note an error of the browser under a name, and go on."""
        try:
            yield
        except BrowserError as error:
            self.faults.append(f"{name}: {error}")

    def run(self) -> None:
        """Run all cells, and wait until every figure is there and at rest."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator('[data-command="runmenu:run-all"] .lm-Menu-itemLabel').click()
        for exhibit, cell in self.shown:
            with self.recording_faults(exhibit.name):
                self.page.wait_for_function(READY, arg=cell.element_handle(), timeout=TIMEOUT)
        for name, cell in [("setup", self.setup), *((x.name, cell) for x, cell in self.shown)]:
            for text in cell.locator(".jp-RenderedText", has_text="Traceback").all_inner_texts():
                self.faults.append(f"{name}: {text.strip().splitlines()[-1]}")

    def resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate(PAINTED)

    def picture(self, exhibit: Exhibit, cell: Locator, path: Path) -> None:
        output = cell.locator(".jp-Cell-outputWrapper")
        output.evaluate(SEEN, MARGIN)  # for the hand to find it
        with exhibit.act(cell.locator(".d2l-attention")):
            clip = output.evaluate(SEEN, MARGIN)
            window = self.page.viewport_size
            assert window  # it was resized
            if clip["y"] + clip["height"] > window["height"]:
                self.resize(window["width"], round(clip["y"] + clip["height"] + 100))
                clip = output.evaluate(SEEN, MARGIN)
            self.page.screenshot(path=path, clip=clip)
