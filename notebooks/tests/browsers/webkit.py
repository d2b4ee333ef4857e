"""WebKitGTK's MiniBrowser, through WebDriver: what is nearest to Safari on Linux."""

import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from d2l_attention.tests.browser.lab import free_port

from . import actions
from .page import PATIENCE, Page, wait

ADVICE = "install it with: sudo apt-get install -y webkit2gtk-driver xvfb"
# Without room for its own buttons the window can be as narrow as a phone.
SMALL = "* { font-size: 1px; min-width: 0; padding: 0; margin: 0; border: 0; }"
# For a finger the driver moves the mouse. The page is told that it is a finger, and is not shown
# how it came, as a finger comes from nowhere.
FINGER = """() => {
    globalThis.finger = new AbortController();
    const { signal } = finger;
    for (const type of ["down", "move", "up", "over", "enter", "out", "leave"]) {
        addEventListener(`pointer${type}`, (event) => {
            Object.defineProperty(event, "pointerType", { value: "touch" });
            if (type === "move" && !event.buttons) event.stopImmediatePropagation();
        }, { capture: true, signal });
    }
}"""


def minibrowser() -> Path | None:
    """Find the browser, which is in no folder of commands."""
    return next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)


def missing() -> str | None:
    """Say what these tests lack, and how it is installed."""
    found = shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and minibrowser()
    return None if found else f"WebKit or Xvfb is not installed: {ADVICE}"


class WebKit:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        settings = Path(self.folder.name) / "gtk-3.0"
        settings.mkdir()
        (settings / "gtk.css").write_text(SMALL)
        reading, writing = os.pipe()
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1200x24"],
            pass_fds=[writing], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as told:
            display = f":{told.readline().strip()}"
        homes = {f"XDG_{kind}_HOME": self.folder.name for kind in ("CONFIG", "CACHE", "DATA")}
        port = free_port()
        self.address = f"http://127.0.0.1:{port}/session"
        self.driver = subprocess.Popen(
            ["WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"],
            env=os.environ | homes | {"DISPLAY": display}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        options = {"binary": str(minibrowser()), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        begun = wait(lambda: self.send("POST", "", capabilities=wanted))
        self.address += f"/{begun['sessionId']}"
        # While one window is open, so is the browser.
        self.first = self.send("GET", "/window")

    def send(self, method: str, path: str, **body):
        """Send a command, and return what it answers."""
        data = json.dumps(body).encode() if method == "POST" else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=3 * PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def open(self, url: str, width: int, height: int) -> Page:
        page = WebKitPage(self)
        page.send("POST", "/window/rect", x=0, y=0, width=width, height=height)
        page.send("POST", "/url", url=url)
        return page

    def close(self) -> None:
        self.send("DELETE", "")
        for process in (self.driver, self.screen):
            process.terminate()
            process.wait(PATIENCE)
        self.folder.cleanup()


class WebKitPage(Page):
    def __init__(self, webkit):
        self.webkit = webkit
        webkit.send("POST", "/window", handle=webkit.first)
        self.window = webkit.send("POST", "/window/new", type="window")["handle"]

    def send(self, method, path, **body):
        self.webkit.send("POST", "/window", handle=self.window)
        return self.webkit.send(method, path, **body)

    def answer(self, expression):
        return self.send("POST", "/execute/sync", script=f"return {expression}", args=[])

    def drag(self, start, by, touch=False):
        if touch:
            self.evaluate(FINGER)
        self.send("POST", "/actions", actions=actions.drag(start, by, "mouse"))
        if touch:
            self.evaluate("() => finger.abort()")

    def press(self, *keys):
        self.send("POST", "/actions", actions=actions.strokes(keys))

    def close(self):
        self.send("DELETE", "/window")
