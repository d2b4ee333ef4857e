import os

import pytest

from .lab import Lab, Notebook, chromium, missing

BROWSER = pytest.StashKey()


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
        arguments = {"executable_path": chromium(), "args": ["--no-sandbox"]}
        stash[BROWSER] = playwright.chromium.launch(**arguments)
    return stash[BROWSER]


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture
def open_notebook(browser, lab, request):
    """Open a notebook of these cells, run all but the last; at the end, no error may be shown."""
    opened = []

    def open_notebook(*cells, width=1400, theme="JupyterLab Light", run=True):
        lab.set_theme(theme)
        name = f"{request.node.name.split('[')[0]}-{len(opened)}.ipynb"
        lab.write(name, *cells)
        page = browser.new_page(viewport={"width": width, "height": 1000})
        notebook = Notebook(lab, page, name)
        opened.append(notebook)
        for cell in range(len(cells) - 1) if run else ():
            notebook.run(cell)
        return notebook

    yield open_notebook
    for notebook in opened:
        errors = notebook.errors
        notebook.close()
        assert not errors
