"""A private JupyterLab, and notebooks opened in it by a real browser."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[3]
CHROMIUM = "/usr/bin/chromium"
ADVICE = "install it with: sudo apt-get install -y chromium"


def chromium() -> str | None:
    """Find Debian's Chromium, or another of that name."""
    return CHROMIUM if Path(CHROMIUM).exists() else shutil.which("chromium")


def missing() -> str | None:
    """Say what these tests lack, and how it is installed."""
    return None if chromium() else f"Chromium is not installed: {ADVICE}"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# These speak to JupyterLab's own application object, which the server exposes for tests.
IDLE = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
FILL = """async (cells) => {
    const panel = jupyterapp.shell.currentWidget;
    const model = panel.content.model.sharedModel;
    model.deleteCellRange(0, model.cells.length);
    model.insertCells(0, cells.map((source) => ({ cell_type: "code", source, metadata: {} })));
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session.kernel;
    await kernel.requestExecute({ code: "%reset -f", silent: true }).done;
}"""
RUN = """async (at) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = at;
    notebook.deselectAll();
    await jupyterapp.commands.execute("notebook:run-cell");
}"""
PRINTED = """(at) => jupyterapp.shell.currentWidget.content.widgets[at].model.outputs.toJSON()
    .map((output) => output.text ?? output.data?.["text/plain"] ?? "").join("").trim()"""


class Lab:
    """JupyterLab on a random port of localhost, with folders of its own."""

    def __init__(self, folder: Path):
        self.folder, self.port, self.token = folder, free_port(), secrets.token_hex(8)
        names = ("config", "data", "runtime", "work")
        config, data, runtime, self.work = (folder / name for name in names)
        self.work.mkdir(parents=True)
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_DATA_DIR": str(data),
            "JUPYTER_RUNTIME_DIR": str(runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "IPYTHONDIR": str(folder / "ipython"),
            "MPLCONFIGDIR": str(folder / "matplotlib"),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
        }
        overrides = folder / "settings" / "@jupyterlab" / "apputils-extension"
        overrides.mkdir(parents=True)
        (overrides / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        self._log = (folder / "lab.log").open("w")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1",
                f"--port={self.port}", "--ServerApp.port_retries=0", "--allow-root",
                f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.work}",
                "--LabApp.news_url=None", "--LabApp.expose_app_in_browser=True",
                "--JupyterNotebookApp.expose_app_in_browser=True",
            ],
            env=environment, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url('api')}", timeout=2)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError((self.folder / "lab.log").read_text()[-2000:])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._log.close()

    def write(self, name: str, *cells: str, tags: Sequence[str] = ()) -> None:
        """Put a notebook with these code cells, all of these tags, in the server's folder."""
        metadata = {"tags": list(tags)}
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell, metadata=metadata) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        (self.work / name).write_text(nbformat.writes(notebook), "utf-8")

    def set(self, plugin: str, settings: dict) -> None:
        """Change the settings of one of JupyterLab's plugins, for pages opened from now on."""
        body = json.dumps({"raw": json.dumps(settings)}).encode()
        url = self.url(f"lab/api/settings/@jupyterlab/{plugin}")
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PUT"))


class Notebook:
    """A notebook open in a page, and the errors its console has shown.

    Its cells can be replaced: a page and a kernel that has imported torch serve many tests.
    """

    def __init__(self, lab: Lab, page, name: str, mode: str = "lab"):
        """Open it in JupyterLab, with "doc" and nothing beside it, or with "notebook" in Notebook 7."""
        self.lab, self.page, self.path, self.errors = lab, page, lab.work / name, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self._listen(line))
        # A workspace of its own, or the tabs of earlier pages come back.
        place = f"{mode}/workspaces/{secrets.token_hex(4)}/tree"
        page.goto(lab.url(f"{'notebooks' if mode == 'notebook' else place}/{name}"))
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=30_000)
        # A run that is sent before the kernel is connected and idle stalls.
        page.wait_for_function(IDLE, timeout=30_000)

    def _listen(self, line) -> None:
        # What the browser itself says of a missing file is not the figure's.
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.errors.append(line.text)

    def fill(self, *cells: str) -> None:
        """Replace the cells, in the page and in its kernel, which forgets its variables."""
        self.page.evaluate(FILL, list(cells))

    def set_theme(self, theme: str) -> None:
        """Choose "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        light = str(theme == "JupyterLab Light").lower()
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")

    def run(self, cell: int) -> None:
        """Run one cell, and wait until it is done."""
        self.page.evaluate(RUN, cell)

    def printed(self, cell: int) -> str:
        """Run one cell, and return the text that it printed."""
        self.run(cell)
        return self.page.evaluate(PRINTED, cell)

    def save(self) -> None:
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save').then(() => null)")

    def restart_kernel(self) -> None:
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.locator('[data-command="kernelmenu:restart"] .lm-Menu-itemLabel').click()
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()

    def figure(self, at: int = 0) -> "Figure":
        return Figure(self.page.locator(".d2l-attention").nth(at))

    def close(self) -> None:
        """Leave the page, and end its kernel."""
        self.page.close()
        headers = {"Authorization": f"token {self.lab.token}"}
        sessions = json.load(urllib.request.urlopen(self.lab.url("api/sessions")))
        for session in sessions:
            if session["path"] != self.path.name:
                continue
            url = self.lab.url(f"api/sessions/{session['id']}")
            urllib.request.urlopen(urllib.request.Request(url, headers=headers, method="DELETE"))


class Figure:
    """A live figure in a page: what it has painted, and hands to lay on it."""

    def __init__(self, root):
        self.root, self.page = root, root.page
        root.locator("canvas").first.wait_for()

    def canvas(self, panel: str):
        return self.root.locator(f'.panel[data-name="{panel}"] > .box > canvas:not(.marks)')

    def status(self) -> str:
        return self.root.locator(".status").text_content()

    def frame(self) -> None:
        """Wait until what was done last is painted, and said: in a drag words come later."""
        # Two, because what is asked for within a frame is painted in the next.
        self.page.evaluate(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
            "() => setTimeout(done, 100))))"
        )

    def settle(self) -> None:
        """Wait until torch has had the last word, and it is painted."""
        # Until then the status may still be that of what was there before.
        self.frame()
        # For a while, because an event may be on its way to the page.
        self.page.wait_for_function(
            """node => {
                if (!node.textContent.startsWith("torch")) node.since = null;
                else node.since ??= performance.now();
                return node.since !== null && performance.now() - node.since > 100;
            }""",
            arg=self.root.locator(".status").element_handle(),
            polling=50,  # not at each frame, which would have each drawn
        )
        self.root.locator(".status").evaluate("node => (node.since = null)")
        self.frame()

    def limit(self, panel: str) -> float:
        ends = self.root.locator(f'.panel[data-name="{panel}"] .legend span')
        return float(ends.last.text_content())

    def pixels(self, panel: str, rows: int, columns: int) -> list:
        """The colour near the corner of each cell, where no number is written."""
        read = """(canvas, [rows, columns]) => {
            const context = canvas.getContext("2d");
            const [w, h] = [canvas.width / columns, canvas.height / rows];
            return Array.from({ length: rows * columns }, (_, at) => {
                const [x, y] = [(at % columns) * w + 1, Math.floor(at / columns) * h + 1];
                return [...context.getImageData(x, y, 1, 1).data.slice(0, 3)];
            });
        }"""
        return self.canvas(panel).evaluate(read, [rows, columns])

    def middle(self, panel: str, i: int, j: int, rows: int, columns: int) -> tuple[float, float]:
        self.canvas(panel).scroll_into_view_if_needed()
        box = self.canvas(panel).bounding_box()
        x = box["x"] + (j + 0.5) * box["width"] / columns
        return x, box["y"] + (i + 0.5) * box["height"] / rows

    def drag(self, start: tuple[float, float], dx: float, dy: float, steps: int = 4) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(start[0] + dx, start[1] + dy, steps=steps)
        mouse.up()
