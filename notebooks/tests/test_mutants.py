"""`make mutants` puts in the fault that is written down, or says what is wrong with it."""

import json
import re

import pytest
from small_notebooks import MATRIX, figure, notebook, picture, png, ran
from tools.files import write
from tools.mutants import __main__ as mutants
from tools.mutants import faults
from tools.mutants.faults import Fault, FaultError
from tools.pictures import difference, pictures

TESTS = ("test_it.py::test_one",)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "code.py").write_text("a = 1\nb = 2\nc = 2\n")
    (tmp_path / "other.py").write_text("a = 1\n")
    (tmp_path / "test_it.py").touch()
    made = notebook(text="# a = 1")
    made.cells += [ran("a = 1", picture())]
    write(made, tmp_path / "book.ipynb")
    return tmp_path


def cells(project):
    return {cell["id"]: cell for cell in json.loads((project / "book.ipynb").read_text())["cells"]}


def test_every_recorded_fault_can_be_read():
    found = faults.read()
    assert len(found) >= 40
    for fault in found:
        assert fault.files and fault.tests


def test_a_text_is_replaced_in_each_file(project):
    Fault(("code.py", "other.py"), TESTS, old="a = 1", new="a = 0").put_into(project)
    assert (project / "code.py").read_text() == "a = 0\nb = 2\nc = 2\n"
    assert (project / "other.py").read_text() == "a = 0\n"


def test_a_text_is_replaced_in_one_cell(project):
    Fault(("book.ipynb",), TESTS, old="a = 1", new="a = 0", cell="cell").put_into(project)
    assert "".join(cells(project)["cell"]["source"]) == "a = 0"
    assert "".join(cells(project)["text"]["source"]) == "# a = 1"


def test_a_cell_is_cleared(project):
    Fault(("book.ipynb",), TESTS, cell="cell", act="clear").put_into(project)
    assert cells(project)["cell"]["outputs"] == []
    assert cells(project)["cell"]["execution_count"] is None


def test_a_picture_is_repainted_a_little(project):
    Fault(("book.ipynb",), TESTS, cell="cell", act="repaint").put_into(project)
    html = "".join(cells(project)["cell"]["outputs"][0]["data"]["text/html"])
    before, after = pictures(figure()), pictures(html)
    assert png(MATRIX) not in html
    assert "36 of 324 blocks" in difference(before[0], after[0])  # 24 × 24 pixels of 72 × 72


STALE = {
    "gone": Fault(("code.py",), TESTS, old="d = 4", new="d = 5"),
    "twice": Fault(("code.py",), TESTS, old=" = 2", new=" = 3"),
    "no file": Fault(("moved.py",), TESTS, old="a", new="b"),
    "no cell": Fault(("book.ipynb",), TESTS, old="a", new="b", cell="moved"),
    "no picture": Fault(("book.ipynb",), TESTS, cell="text", act="repaint"),
    "no change": Fault(("code.py",), TESTS, old="a = 1", new="a = 1"),
    "no test": Fault(("code.py",), ("test_moved.py::test_one",), old="a = 1", new="a = 0"),
}


@pytest.mark.parametrize("name", STALE)
def test_a_fault_that_does_not_fit_is_refused(project, name):
    with pytest.raises(FaultError, match=re.escape(str(STALE[name]))):
        faults.check_current([STALE[name]], project)


def test_all_faults_that_do_not_fit_are_named_at_once(project):
    sound = Fault(("code.py",), TESTS, old="a = 1", new="a = 0")
    before = (project / "code.py").read_bytes()
    faults.check_current([sound], project)
    with pytest.raises(FaultError) as refused:
        faults.check_current([sound, *STALE.values()], project)
    first, *lines = str(refused.value).splitlines()
    assert first == "7 to mend:" and len(lines) == len(STALE)
    for fault, line in zip(STALE.values(), lines, strict=True):
        assert line.startswith(str(fault))
    assert (project / "code.py").read_bytes() == before


def test_nothing_is_run_before_all_faults_fit(project, monkeypatch):
    monkeypatch.setattr(mutants, "ROOT", project)
    monkeypatch.setattr(mutants, "read", lambda: [STALE["gone"], STALE["no test"]])
    monkeypatch.setattr(mutants, "run_tests", lambda *_: pytest.fail("tests were run"))
    monkeypatch.setattr("sys.argv", ["mutants", ""])
    with pytest.raises(SystemExit, match="2 to mend"):
        mutants.main()


def test_words_that_no_fault_holds_run_no_test(monkeypatch):
    monkeypatch.setattr(mutants, "read", lambda: list(STALE.values()))
    monkeypatch.setattr(mutants, "run_tests", lambda *_: pytest.fail("tests were run"))
    monkeypatch.setattr("sys.argv", ["mutants", "no", "such", "fault"])
    with pytest.raises(SystemExit, match="no such fault"):
        mutants.main()


def test_a_fault_replaces_a_text_or_does_something(tmp_path, monkeypatch):
    monkeypatch.setattr(faults, "HERE", tmp_path)
    (tmp_path / "one.toml").write_text('[[fault]]\nfile = "code.py"\ntests = ["test_it.py"]\n')
    with pytest.raises(FaultError, match="either a text is replaced"):
        faults.read()
