"""Firefox, through WebDriver BiDi, which it speaks by itself."""

# Playwright's own BiDi asks for commands that Debian's Firefox does not have.

import itertools
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import websocket

from . import actions
from .page import PATIENCE, Page, wait

FIREFOX = "firefox-esr"
ADVICE = f"install it with: sudo apt-get install -y {FIREFOX}"


def missing() -> str | None:
    """Say what these tests lack, and how it is installed."""
    return None if shutil.which(FIREFOX) else f"Firefox is not installed: {ADVICE}"


class Firefox:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            [
                FIREFOX, "--headless", "--no-remote", "--profile", self.profile.name,
                "--remote-debugging-port=0",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        written = Path(self.profile.name) / "WebDriverBiDiServer.json"
        address = wait(lambda: json.loads(written.read_text()))
        url = "ws://{ws_host}:{ws_port}/session".format(**address)
        self.socket = websocket.create_connection(url, timeout=3 * PATIENCE, suppress_origin=True)
        self.numbers = itertools.count()
        self.send("session.new", capabilities={})

    def send(self, method: str, **params) -> dict:
        """Send a command, and return its result."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        answer = json.loads(self.socket.recv())
        assert answer["id"] == number and answer["type"] == "success", answer
        return answer["result"]

    def open(self, url: str, width: int, height: int) -> Page:
        page = FirefoxPage(self)
        page.send("browsingContext.setViewport", viewport={"width": width, "height": height})
        page.send("browsingContext.navigate", url=url, wait="complete")
        return page

    def close(self) -> None:
        self.send("browser.close")
        self.process.wait(PATIENCE)
        self.socket.close()
        self.profile.cleanup()


class FirefoxPage(Page):
    def __init__(self, firefox):
        self.firefox = firefox
        self.context = firefox.send("browsingContext.create", type="tab")["context"]

    def send(self, method, **params):
        return self.firefox.send(method, context=self.context, **params)

    def answer(self, expression):
        here = {"context": self.context}
        sent = {"expression": expression, "target": here, "awaitPromise": True}
        answer = self.firefox.send("script.evaluate", **sent)
        assert answer["type"] == "success", answer
        return answer["result"]["value"]

    def drag(self, start, by, touch=False):
        kind = "touch" if touch else "mouse"
        self.send("input.performActions", actions=actions.drag(start, by, kind))

    def press(self, *keys):
        self.send("input.performActions", actions=actions.strokes(keys))

    def close(self):
        self.send("browsingContext.close")
