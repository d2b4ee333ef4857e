"""Chromium, through Playwright."""

from . import actions
from .page import Page


class Chromium:
    def __init__(self, browser):
        self.browser = browser  # Playwright's, which is closed with the process of the tests.

    def open(self, url: str, width: int, height: int) -> Page:
        size = {"width": width, "height": height}
        return ChromiumPage(self.browser.new_context(viewport=size, has_touch=True), url)


class ChromiumPage(Page):
    def __init__(self, context, url):
        self.context, self.page = context, context.new_page()
        # Playwright's own touch can tap, but not drag.
        self.devtools = context.new_cdp_session(self.page)
        self.page.goto(url)

    def answer(self, expression):
        return self.page.evaluate(expression)

    def drag(self, start, by, touch=False):
        first, *others = actions.path(start, by)
        if touch:
            self._touch("touchStart", first)
            for point in others:
                self._touch("touchMove", point)
            self._touch("touchEnd")
        else:
            self.page.mouse.move(*first)
            self.page.mouse.down()
            for point in others:
                self.page.mouse.move(*point)
            self.page.mouse.up()

    def _touch(self, kind, *points):
        touches = [{"x": x, "y": y} for x, y in points]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def close(self):
        self.context.close()
