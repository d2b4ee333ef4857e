"""nbval, made strict, passes a sound notebook and fails one fault in each cell of another."""

import copy
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from nbformat.v4 import new_output
from small_notebooks import MATRIX, SHOW, notebook, png, stream
from tools.execute import run
from tools.files import write

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent

CELLS = {
    "setup": SHOW,
    "environment": "import os\nhash('a string'), os.environ['MPLBACKEND']",
    "number": 'print("The weight is 0.25.")',
    "picture": "show()",
    "size": "show()",
    "alt": "show()",
    "missing": "show()",
    "extra": 'print("once")',
    "order": 'print("before")\nshow()\nprint("after")',
    "stream": 'print("to stdout")',
    "kind": "6 * 7",
    "broken": "1 + 1",
    "error": "{}['Li']",
    "unrun": 'print("never run")',
    "marker": 'print("marked")',
    "trained": 'print("The loss fell.")\nshow()',
    "fact": 'print("The loss fell.")',
    "measured": 'print("read: 0.99 (≥ 0.98) in ~12 ms")',
    "worse": 'print("read: 0.99 (≥ 0.98)")',
    "bound": 'print("read: 0.99 (≥ 0.98)")',
    "untagged": 'print("read: 0.99")',
}


def change(cell, old, new):
    for output in cell.outputs:
        if "text" in output:
            output.text = output.text.replace(old, new)
        for kind, text in output.get("data", {}).items():
            output.data[kind] = text.replace(old, new)


def break_each(made):
    """Put one fault into each cell from the second on."""
    cells = {cell.id: cell for cell in made.cells}
    changed = copy.deepcopy(MATRIX)
    changed[1][2] += 0.05
    change(cells["number"], "0.25", "0.26")
    change(cells["picture"], png(MATRIX), png(changed))
    change(cells["size"], png(MATRIX), png(MATRIX, cell_size=25))
    change(cells["alt"], "alt=", "title=")
    cells["missing"].outputs = []
    cells["extra"].outputs.append(stream("twice\n"))
    before, shown, after = cells["order"].outputs
    before.text += after.text
    cells["order"].outputs = [before, shown]
    cells["stream"].outputs[0].name = "stderr"
    cells["kind"].outputs = [new_output("display_data", cells["kind"].outputs[0].data)]
    cells["broken"].source = "1 / 0"
    change(cells["error"], "Li", "Mu")
    cells["error"].outputs[0].evalue = "'Mu'"
    cells["unrun"].outputs, cells["unrun"].execution_count = [], None
    cells["marker"].source = "# NBVAL_IGNORE_OUTPUT\n" + cells["marker"].source
    change(cells["trained"], png(MATRIX), png(changed))
    change(cells["fact"], "fell", "rose")
    change(cells["measured"], "0.99 (≥ 0.98) in ~12 ms", "1.00 (≥ 0.98) in ~9 ms")
    change(cells["worse"], "0.99", "0.97")
    change(cells["bound"], "0.98", "0.9")
    change(cells["untagged"], "0.99", "1.00")


def nbval(folder, *options):
    paths = f"{HERE.parent}{os.pathsep}{HERE}"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull]
        + ["--rootdir", folder, "--junitxml", folder / "report.xml", *options, folder],
        env={**os.environ, "PYTHONPATH": paths, "COLUMNS": "80"},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What nbval says of each cell of the sound and of the broken notebook; None is a pass."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copy(HERE.parent / "conftest.py", folder)
    sound = notebook(**CELLS)
    for cell in sound.cells:
        if cell.id in ("trained", "fact", "measured", "worse", "bound"):
            cell.metadata["tags"] = ["trained"]
        if cell.id == "error":
            cell.metadata["tags"] = ["raises-exception"]
    run(sound, HERE, "sound.ipynb")
    write(sound, folder / "sound.ipynb")
    break_each(sound)
    write(sound, folder / "broken.ipynb")
    done = nbval(folder, "--nbval")
    assert done.returncode == 1, done.stdout
    said = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        failure = case.find("failure")
        key = Path(case.get("classname").replace(".ipynb", "")).name.split(".")[-1]
        said[key, case.get("name")] = None if failure is None else failure.text
    return said


def test_sound_notebook_passes(results):
    said = {name: text for (file, name), text in results.items() if file == "sound"}
    assert said == dict.fromkeys(["rules", *CELLS])


@pytest.mark.parametrize(
    "cell, says",
    [
        ("number", "0.26"),
        ("picture", "blocks of 4×4 pixels differ"),
        ("size", "it was 75×75 pixels and is now 72×72"),
        ("alt", "title="),
        ("missing", "Unexpected output fields"),
        ("extra", "twice"),
        ("order", "committed are ['stdout', 'display_data text/html text/plain']"),
        ("stream", "stderr"),
        ("kind", "committed are ['display_data text/plain']"),
        ("broken", "ZeroDivisionError"),
        ("error", "Mu"),
        ("fact", "rose"),
        ("worse", "0.97 (≥ 0.98)"),
        ("bound", "# (≥ 0.9)"),
        ("untagged", "1.00"),
        ("rules", 'Cell "worse": 0.97 (≥ 0.98) is not true'),
        ("rules", 'Cell "unrun": it was never run'),
        ("rules", 'Cell "marker": NBVAL_IGNORE_OUTPUT would'),
        ("rules", "Cell \"alt\": a picture's alt text is ''"),
    ],
)
def test_fault_fails(results, cell, says):
    assert says in (results["broken", cell] or "passed")


@pytest.mark.parametrize("cell", ["trained", "measured"])
def test_what_a_trained_cell_may_differ_in(results, cell):
    assert results["broken", cell] is None


@pytest.mark.parametrize("option", ["nbval_lax", "nbval_sanitize_with", "nbval_kernel_name"])
def test_options_that_weaken_are_refused(option):
    options = dict.fromkeys(["nbval_lax", "nbval_sanitize_with", "nbval_kernel_name"])
    rules = runpy.run_path(str(HERE.parent / "conftest.py"))
    with pytest.raises(pytest.UsageError, match="would weaken the checks"):
        rules["pytest_configure"](SimpleNamespace(option=SimpleNamespace(**options | {option: 1})))
