"""What the tests do with a page, whichever browser shows it."""

import json
import time
from collections.abc import Callable

PATIENCE = 15  # seconds
UNTIL = """async (...given) => {
    const condition = %s;
    const end = performance.now() + 1000 * %d;
    for (;;) {
        const found = await condition(...given);
        if (found) return found;
        if (performance.now() > end) throw new Error(`in vain: ${condition}`);
        await new Promise((done) => setTimeout(done, 20));
    }
}"""


def wait(attempt: Callable):
    """Attempt what a program that has just begun cannot do yet, until it can."""
    for _ in range(10 * PATIENCE):
        try:
            return attempt()
        except (OSError, ValueError):
            time.sleep(0.1)
    return attempt()


class Page:
    """A page that is open; a browser's own has what it does by itself.

    answer(expression): the text that an expression of JavaScript, a promise, resolves to.
    drag(start, by, touch=False): take hold of a point of the window, and move it.
    press(*keys): letters, or the names of keys, one after the other.
    close()
    """

    def evaluate(self, function: str, *given):
        """Call a function of JavaScript in the page, and return what it returns or resolves to."""
        call = f"(async () => ({function})(...{json.dumps(given)}))()"
        told = f"{call}.then((it) => JSON.stringify([it]), (error) => JSON.stringify(`${{error}}`))"
        answer = json.loads(self.answer(told))
        assert isinstance(answer, list), answer
        return answer[0]

    def until(self, condition: str, *given):
        """Wait until a function of JavaScript returns what is true, and return it."""
        return self.evaluate(UNTIL % (condition, PATIENCE), *given)

    def click(self, point: tuple[float, float]) -> None:
        self.drag(point, (0, 0))

    def faults(self) -> list[str]:
        """What the page has gathered: errors, refused promises, missing files, console errors."""
        return self.evaluate("() => globalThis.faults")
