"""Executing a notebook twice gives the same bytes, and an error in a cell is the author's to see."""

import pytest
from nbformat.v4 import new_output
from small_notebooks import SHOW, notebook, stream
from tools.execute import merge_streams, run, tidy
from tools.files import BookError, read, write

pytestmark = pytest.mark.slow

WIDGET = "application/vnd.jupyter.widget-view+json"

CELLS = {
    "title": "# A notebook",
    "setup": SHOW,
    "streams": (
        "import sys\nfor i in range(3):\n    print(i, flush=True)\n"
        "    print(i, file=sys.stderr, flush=True)"
    ),
    "figure": "show()",
    "widget": f'display({{"{WIDGET}": {{"model_id": id(show)}}, "text/plain": "seen"}}, raw=True)',
    "hash": 'hash("a string"), sys.gettrace()',
    "where": "import pathlib\npathlib.Path.cwd().name",
    "folded": "1 + 1",
    "whole": "1 + 2",
    "fails": "{}['Li']",
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The bytes of a notebook after each of two executions, and the notebook."""
    path = tmp_path_factory.mktemp("folder") / "a.ipynb"
    made = notebook(**CELLS)
    made.metadata["widgets"] = {"state": {}}
    made.cells[0].metadata["collapsed"] = True
    made.cells[-3].metadata["tags"] = ["hide-output"]
    made.cells[-2].metadata["tags"] = ["hide-input", "hide-output"]
    made.cells[-1].metadata["tags"] = ["raises-exception"]
    write(made, path)
    runs = []
    for _ in range(2):
        again = read(path)
        run(again, path.parent, path.name)
        write(again, path)
        runs.append(path.read_bytes())
    return runs, read(path)


def test_twice_gives_the_same_bytes(executed):
    (once, twice), _ = executed
    assert once == twice and once.endswith(b"}\n") and b'\n "cells": [\n' in once


def test_only_what_matters_is_kept(executed):
    _, made = executed
    assert [cell.id for cell in made.cells] == list(CELLS)
    assert set(made.metadata) == {"kernelspec", "language_info"}
    assert made.metadata.language_info == {"name": "python"}
    assert [dict(cell.metadata) for cell in made.cells[:-3]] == [{}] * (len(CELLS) - 3)
    folded = {"tags": ["hide-output"], "jupyter": {"outputs_hidden": True}}
    assert made.cells[-3].metadata == folded
    assert made.cells[-2].metadata.jupyter == {"outputs_hidden": True, "source_hidden": True}
    assert made.cells[-1].metadata == {"tags": ["raises-exception"]}
    counts = [cell.execution_count for cell in made.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(CELLS)))


def test_outputs(executed):
    _, made = executed
    outputs = {cell.id: cell.get("outputs") for cell in made.cells}
    assert [(o.name, o.text) for o in outputs["streams"]] == [
        ("stdout", "0\n1\n2\n"),
        ("stderr", "0\n1\n2\n"),
    ]
    assert set(outputs["figure"][0].data) == {"text/html", "text/plain"}
    assert outputs["widget"][0].data == {"text/plain": "seen"}
    assert outputs["fails"][0].traceback == ["KeyError: 'Li'"]
    assert "folder" in outputs["where"][0].data["text/plain"]


def test_streams_stay_on_their_side_of_a_figure():
    shown = new_output("display_data", {"text/plain": "figure"})
    parts = [stream("a"), stream("x", "stderr"), stream("b"), shown, stream("c")]
    merged = merge_streams(parts)
    assert [o.get("text", "figure") for o in merged] == ["ab", "x", "figure", "c"]


def test_transient_metadata_is_dropped():
    made = notebook(cell="x")
    made.cells[0].outputs = [new_output("display_data", {}, metadata={"needs_background": "light"})]
    made.cells[0].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    tidy(made)
    assert made.cells[0].outputs[0].metadata == {} and made.cells[0].metadata == {}


def test_error_names_the_cell(tmp_path):
    with pytest.raises(
        BookError, match='a.ipynb, cell "broken" raised ZeroDivisionError: division'
    ):
        run(notebook(fine="x = 1", broken="x / 0"), tmp_path, "a.ipynb")
