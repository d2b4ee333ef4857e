"""A hand on the mouse: trusted pointer events, as many a second as a real one sends."""

import itertools
import json
import threading
import time
import urllib.request

import websocket

RATE = 125  # events a second, as an ordinary mouse sends


class Hand:
    """Sends events to a page over the DevTools protocol and does not wait for what they do.

    `port` is that of the browser's --remote-debugging-port. Playwright waits for the page to
    handle each event: one for each frame at most, where a real hand moves on.
    """

    def __init__(self, port: int, page):
        listed = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list"))
        url = next(p["webSocketDebuggerUrl"] for p in listed if p["url"] == page.url)
        self._socket = websocket.create_connection(url, suppress_origin=True)
        self._numbers = itertools.count(1)
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        try:
            while self._socket.recv():
                pass
        except (OSError, websocket.WebSocketException):
            pass  # closed

    def send(self, kind: str, x: float, y: float) -> None:
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        message = {"id": next(self._numbers), "method": "Input.dispatchMouseEvent", "params": event}
        self._socket.send(json.dumps(message))

    def sweep(self, x: float, y: float, seconds: float) -> None:
        """Move right by three pixels at each event, so that weights change visibly; at 27, leap back to −30.

        On a way to and fro, two events of one frame could cancel out, and nothing would be painted.
        """
        start = time.perf_counter()
        for at in range(int(RATE * seconds)):
            time.sleep(max(0.0, start + at / RATE - time.perf_counter()))
            self.send("mouseMoved", x + 3 * ((at + 1) % 20 - 10), y)

    def close(self) -> None:
        self._socket.close()
