import os
from pathlib import Path

import pytest
from tools.files import Book
from tools.site.build import build

from d2l_attention.tests.browser.conftest import browser as chromium  # noqa: F401

from . import firefox, webkit
from .chromium import Chromium

BOOK = Book(Path(__file__).parents[3])
OTHERS = {
    "firefox": (firefox.missing, firefox.Firefox),
    "webkit": (webkit.missing, webkit.WebKit),
}
WIDE = (1100, 900)
# Not every browser tells all of this to who drives it.
GATHER = """<script>
globalThis.faults = [];
addEventListener("error", ({ message, target: { src, href } }) => {
    faults.push(message ?? `missing: ${src ?? href}`);
}, true);
addEventListener("unhandledrejection", ({ reason }) => faults.push(`refused: ${reason}`));
const { error } = console;
console.error = (...parts) => {
    faults.push(`console: ${parts.join(" ")}`);
    error(...parts);
};
</script>"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, where each page gathers its faults."""
    folder = tmp_path_factory.mktemp("site") / "book"
    build(BOOK, folder)
    for page in folder.glob("*/*.html"):
        start, head, rest = page.read_text("utf-8").partition("<head>")
        assert head, page
        page.write_text(start + head + GATHER + rest, "utf-8")
    return folder


@pytest.fixture(scope="session", params=["chromium", *OTHERS])
def browser(request):
    if request.param == "chromium":
        return Chromium(request.getfixturevalue("chromium"))
    missing, kind = OTHERS[request.param]
    if (lacking := missing()) and os.environ.get("CI") == "true":
        pytest.fail(f"in CI the browser tests may not be skipped, but {lacking}")
    elif lacking:
        pytest.skip(lacking)
    browser = kind()
    request.addfinalizer(browser.close)
    return browser


@pytest.fixture
def visit(site, browser):
    """Open a page of the site from its file; at the end, no page may have a fault."""
    pages = []

    def visit(path, fragment="", size=WIDE):
        pages.append(page := browser.open(f"{(site / path).as_uri()}{fragment}", *size))
        return page

    yield visit
    faults = []
    for page in pages:
        faults += page.faults()
        page.close()
    assert not faults


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    lacking = {reason for missing, _ in OTHERS.values() if (reason := missing())}
    if skipped and lacking:
        terminalreporter.section("A BROWSER WAS SKIPPED", red=True, bold=True)
        for reason in sorted(lacking):
            terminalreporter.line(reason)
