import os
import shutil
from pathlib import Path

import pytest

from .lab import Lab, Notebook, chromium, missing

BROWSER = pytest.StashKey()


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser(request):
    lacking = missing()
    if lacking and os.environ.get("CI") == "true":
        pytest.fail(f"in CI the browser tests may not be skipped, but {lacking}")
    if lacking:
        pytest.skip(lacking)
    # One for the process, which can hold no second: the tests of the site use this fixture too.
    stash = request.config.stash
    if BROWSER not in stash:
        from playwright.sync_api import sync_playwright

        playwright = sync_playwright().start()
        request.config.add_cleanup(playwright.stop)
        # The same browser without windows, where it is installed: a tenth less work.
        path = shutil.which("chromium-headless-shell") or chromium()
        stash[BROWSER] = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    return stash[BROWSER]


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="session")
def pages():
    """The notebook that is open now, if one is: opened once, and filled anew by each test."""
    pages = []
    yield pages
    for notebook in pages:
        notebook.close()


@pytest.fixture
def open_notebook(browser, lab, pages, request):
    """Show these cells in a notebook, run all but the last; at the end, no error may be shown."""
    failed = request.session.testsfailed

    def open_notebook(*cells, width=1400, theme="JupyterLab Light", run=True):
        if not pages:
            lab.write("figures.ipynb", "0")
            pages.append(Notebook(lab, browser.new_page(), "figures.ipynb"))
        (notebook,) = pages
        notebook.page.set_viewport_size({"width": width, "height": 1000})
        notebook.set_theme(theme)
        notebook.fill(*cells)
        for cell in range(len(cells) - 1) if run else ():
            notebook.run(cell)
        return notebook

    yield open_notebook
    if pages:
        (notebook,) = pages
        errors = notebook.errors
        notebook.errors = []
        if errors or request.session.testsfailed > failed:
            # What went wrong here may not go on in the next test.
            pages.remove(notebook)
            notebook.close()
        assert not errors
