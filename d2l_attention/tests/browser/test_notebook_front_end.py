"""The live figure in Notebook 7, whose window is narrower and whose page scrolls differently."""

from .lab import Notebook
from .looks import check_looks
from .test_explorer_lab import SETUP, TELL, check_painted, told


def test_a_notebook_is_run_and_a_drag_is_painted_where_the_page_was_scrolled(lab, browser):
    tall = "print('line\\n' * 60)"
    lab.write(
        "front-end.ipynb", tall, SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL
    )
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    notebook = Notebook(lab, page, "front-end.ipynb", "notebook")
    notebook.run(0)
    # While it loads, Notebook 7 misses a setting of its own, in an empty notebook too.
    notebook.errors.clear()
    notebook.run(1)
    notebook.run(2)
    figure = notebook.figure()
    figure.settle()
    before = told(notebook, 3)
    figure.root.scroll_into_view_if_needed()
    figure.drag(figure.middle("Q", 1, 2, 3, 4), 0, -60)
    figure.settle()
    after = told(notebook, 3)
    assert round(after["Q"][1][2] - before["Q"][1][2], 5) == 1.2
    assert after["Q"][0] == before["Q"][0]
    check_painted(figure, after)
    is_light = page.evaluate("document.body.dataset.jpThemeLight") == "true"
    check_looks(figure.root, "light" if is_light else "dark")
    assert not notebook.errors
    notebook.close()
