"""Hands and keys as the W3C's WebDriver writes them, for Firefox and WebKit."""

STEPS = 6
KEYS = {
    "Enter": "\ue007", "Tab": "\ue004", "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
}  # fmt: skip


def path(start, by):
    """The points of a drag, from its start to its end."""
    return [(start[0] + by[0] * i / STEPS, start[1] + by[1] * i / STEPS) for i in range(STEPS + 1)]


def drag(start, by, kind):
    """A pointer of this kind, "mouse" or "touch", that goes down, moves and goes up."""
    moves = [
        {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}
        for x, y in path(start, by)
    ]
    down, up = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
    actions = [moves[0], down, *moves[1:], up]
    return [
        {"type": "pointer", "id": kind, "parameters": {"pointerType": kind}, "actions": actions}
    ]


def strokes(keys):
    """Keys that go down and up, one after the other."""
    values = [KEYS.get(key, key) for key in keys]
    ways = ("keyDown", "keyUp")
    actions = [{"type": way, "value": value} for value in values for way in ways]
    return [{"type": "key", "id": "keyboard", "actions": actions}]
