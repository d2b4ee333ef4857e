"""What is done to a live figure before its picture is taken, and undone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator

from d2l_attention.tests.browser.lab import Figure

WEIGHT = (1, 2)  # a query and a key, of SHAPE
SHAPE = (3, 5)


@contextmanager
def none(root: Locator) -> Iterator[None]:
    """Leave it alone."""
    yield


@contextmanager
def pointed(root: Locator) -> Iterator[None]:
    """Point at a weight."""
    figure = Figure(root)
    root.page.mouse.move(*figure.middle("weights", *WEIGHT, *SHAPE))
    figure.frame()
    yield
    root.page.mouse.move(0, 0)


@contextmanager
def opened(root: Locator) -> Iterator[None]:
    """Open a weight, whose arithmetic is then shown below."""
    figure = Figure(root)
    root.page.mouse.click(*figure.middle("weights", *WEIGHT, *SHAPE))
    root.locator(".arithmetic > *").first.wait_for()
    figure.frame()
    yield
    root.page.mouse.click(*figure.middle("weights", *WEIGHT, *SHAPE))
    root.page.mouse.move(0, 0)


@contextmanager
def typed(root: Locator) -> Iterator[None]:
    """Begin to type a number into a cell."""
    figure = Figure(root)
    figure.canvas("Q").focus()
    root.page.keyboard.press("ArrowRight")
    figure.frame()
    root.page.keyboard.press("Enter")
    root.locator(".field").wait_for()
    figure.frame()
    yield
    root.page.keyboard.press("Escape")
    root.page.keyboard.press("ArrowLeft")
