"""The live figure in Notebook 7, whose window is narrower and whose page scrolls differently."""

import nbformat

from .lab import Notebook
from .looks import check_looks
from .test_explorer_lab import SETUP, TELL, check_painted, told

FOLDED = {
    "cell_type": "code",
    "source": "print('an' + 'swer')",
    "metadata": {"tags": ["hide-output"], "jupyter": {"outputs_hidden": True}},
    "outputs": [{"output_type": "stream", "name": "stdout", "text": "answer\n"}],
    "execution_count": 1,
}
INSERT = "cell => void jupyterapp.shell.currentWidget.content.model.sharedModel.insertCell(0, cell)"


def check_folded_until_run(notebook):
    """The output of the first cell, FOLDED, shows once it is run."""
    answer = notebook.page.locator(".jp-OutputArea-output", has_text="answer")
    notebook.page.locator(".jp-Notebook .jp-Placeholder").first.wait_for()
    assert not answer.count()
    notebook.run(0)
    answer.wait_for()


def test_an_output_that_answers_a_prediction_is_folded_until_its_cell_is_run(open_notebook):
    notebook = open_notebook("0", run=False)
    notebook.page.evaluate(INSERT, FOLDED)
    check_folded_until_run(notebook)


def test_a_notebook_is_run_and_a_drag_is_painted_where_the_page_was_scrolled(lab, browser):
    tall = "print('line\\n' * 60)"
    lab.write(
        "front-end.ipynb", "0", tall, SETUP, "e = explore(DotProductAttention(), Q, K, V); e", TELL
    )
    path = lab.work / "front-end.ipynb"
    saved = nbformat.read(path, 4)
    saved.cells[0].update(nbformat.from_dict(FOLDED))
    nbformat.write(saved, path)
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    notebook = Notebook(lab, page, "front-end.ipynb", "notebook")
    check_folded_until_run(notebook)
    # While it loads, Notebook 7 misses a setting of its own, in an empty notebook too.
    notebook.errors.clear()
    for cell in (1, 2, 3):
        notebook.run(cell)
    figure = notebook.figure()
    figure.settle()
    before = told(notebook, 4)
    figure.root.scroll_into_view_if_needed()
    figure.drag(figure.middle("Q", 1, 2, 3, 4), 0, -60)
    figure.settle()
    after = told(notebook, 4)
    assert round(after["Q"][1][2] - before["Q"][1][2], 5) == 1.2
    assert after["Q"][0] == before["Q"][0]
    check_painted(figure, after)
    is_light = page.evaluate("document.body.dataset.jpThemeLight") == "true"
    check_looks(figure.root, "light" if is_light else "dark")
    assert not notebook.errors
    notebook.close()
