"""Only what could have changed is executed again, and only what shows something else is rewritten."""

import subprocess

import pytest
from nbformat.v4 import new_output
from small_notebooks import MATRIX, figure, notebook, picture, stream
from tools import book as maker
from tools import catalogue as po
from tools.files import Book, read, write

NAMES = ["1-first", "2-second"]
BRIGHTER = [[x + 0.01 for x in row] for row in MATRIX]
ANOTHER = [[x / 2 for x in row] for row in MATRIX]


class Kernel:
    """Stands for one: it counts what is run, and gives each code cell a text and a picture."""

    def __init__(self):
        self.ran, self.text, self.matrix = [], "the weights\n", MATRIX

    def run(self, notebook, folder, name):
        self.ran.append(name.removeprefix("notebooks/"))
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, cell in enumerate(code, 1):
            cell.execution_count = count
            cell.outputs = [stream(self.text), picture(figure(self.matrix))]


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    kernel = Kernel()
    monkeypatch.setattr(maker, "run", kernel.run)
    return kernel


@pytest.fixture
def book(tmp_path, kernel):
    """A small book of two notebooks, made and committed."""
    book = Book(tmp_path)
    (book.package / "tests").mkdir(parents=True)
    (book.package / "softmax.py").write_text("TEMPERATURE = 1\n")
    (tmp_path / "environment.yml").write_text("- torch==2.13.0\n")
    (tmp_path / ".gitignore").write_text("build/\n")
    for name in NAMES:
        cells = {"title": f"# The {name}", "first": "x = 1", "second": "y = x"}
        write(notebook(**cells), book.folder("en") / f"{name}.ipynb")
    translate(book, "El")
    assert maker.make(book) == []
    for command in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b",
                                                    "commit", "-qm", "A book"]):  # fmt: skip
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "build" / "executed.json").unlink()
    kernel.ran.clear()
    return book


def translate(book, article):
    """Revise the Spanish of every title."""
    book.catalogue("es").parent.mkdir(exist_ok=True)
    if not book.catalogue("es").exists():
        book.catalogue("es").touch()
    maker.update(book)
    catalogue = po.read(book.catalogue("es"), "es")
    for entry in catalogue:
        entry.msgstr = entry.msgid.replace("The", article).replace("A ", f"{article} ")
        entry.fuzzy, entry.previous_msgid = False, None
    book.catalogue("es").write_text(po.render(catalogue))


def edit(book, cell, source, name="1-first", tags=()):
    path = book.folder("en") / f"{name}.ipynb"
    made = read(path)
    (found,) = (c for c in made.cells if c.id == cell)
    found.source = source
    if tags:
        found.metadata["tags"] = list(tags)
    write(made, path)


def committed(book):
    """The files that git sees as changed."""
    status = ["git", "status", "--porcelain"]
    lines = subprocess.run(status, cwd=book.root, check=True, capture_output=True, text=True).stdout
    return sorted(line[3:] for line in lines.splitlines())


def every(*languages):
    return [f"{language}/{name}.ipynb" for language in languages for name in NAMES]


def test_with_nothing_changed_nothing_is_executed_and_nothing_written(book, kernel):
    assert maker.make(book) == []
    assert kernel.ran == [] and committed(book) == []


def test_a_sentence_is_translated_and_executes_nothing(book, kernel):
    edit(book, "title", "# A better title")
    assert [problem.what for problem in maker.make(book)] == ["the English changed"]
    translate(book, "Un")
    assert maker.make(book) == [] and kernel.ran == []
    spanish = read(book.folder("es") / "1-first.ipynb").cells
    assert spanish[0].source == "# Un better title" and spanish[1].outputs[0].text == kernel.text


def test_changed_code_executes_its_notebook_alone(book, kernel):
    edit(book, "second", "y = 2 * x")
    assert maker.make(book) == []
    assert kernel.ran == ["en/1-first.ipynb", "es/1-first.ipynb"]
    assert maker.make(book) == [] and len(kernel.ran) == 2, "executed again, though unchanged since"


def test_a_tag_is_code(book, kernel):
    edit(book, "second", "y = x", tags=["trained"])
    maker.make(book)
    assert "en/1-first.ipynb" in kernel.ran and "en/2-second.ipynb" not in kernel.ran


@pytest.mark.parametrize(
    ("name", "executes"),
    [
        ("environment.yml", True),
        ("d2l_attention/softmax.py", True),
        ("d2l_attention/new.js", True),
        ("d2l_attention/tests/test_softmax.py", False),
        ("notebooks/tools/execute.py", True),
        ("README.md", False),
    ],
)
def test_what_outputs_come_from(book, kernel, name, executes):
    path = book.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# another\n")
    maker.make(book)
    assert kernel.ran == (every("en", "es") if executes else [])


def test_an_output_that_shows_the_same_stays_as_it_was_committed(book, kernel):
    (book.package / "softmax.py").write_text("TEMPERATURE = 1.0\n")
    kernel.matrix = BRIGHTER
    maker.make(book)
    assert kernel.ran == every("en", "es")
    assert committed(book) == ["d2l_attention/softmax.py"]


@pytest.mark.parametrize("change", [{"text": "other weights\n"}, {"matrix": ANOTHER}])
def test_an_output_that_shows_something_else_is_written(book, kernel, change):
    (book.package / "softmax.py").write_text("TEMPERATURE = 2\n")
    vars(kernel).update(change)
    maker.make(book)
    assert [name for name in committed(book) if name.endswith(".ipynb")] == [
        f"notebooks/{name}" for name in every("en", "es")
    ]


def test_a_trained_picture_stays_while_its_text_does(book, kernel):
    edit(book, "first", "x = 1", tags=["trained"])
    kernel.matrix = ANOTHER
    maker.make(book)
    first, second = read(book.folder("en") / "1-first.ipynb").cells[1:]
    assert figure(MATRIX) == first.outputs[1].data["text/html"]
    assert figure(ANOTHER) == second.outputs[1].data["text/html"]


def test_an_inserted_cell_renumbers_those_after_it(book, kernel):
    path = book.folder("en") / "1-first.ipynb"
    made = read(path)
    made.cells[1:1] = notebook(new="z = 0").cells
    write(made, path)
    maker.make(book)
    assert [cell.execution_count for cell in read(path).cells[1:]] == [1, 2, 3]


def test_what_an_editor_left_in_a_notebook_is_tidied_without_running_it(book, kernel):
    path = book.folder("en") / "1-first.ipynb"
    made = read(path)
    made.metadata["language_info"]["version"] = "3.11.7"
    made.cells[1].metadata["collapsed"] = True
    made.cells[1].outputs[1] = picture(figure(BRIGHTER))
    write(made, path)
    maker.make(book)
    assert kernel.ran == [] and committed(book) == []


def test_a_notebook_without_its_outputs_is_executed(book, kernel):
    path = book.folder("en") / "1-first.ipynb"
    made = read(path)
    made.cells[1].outputs, made.cells[1].execution_count = [], None
    write(made, path)
    maker.make(book)
    assert kernel.ran == ["en/1-first.ipynb"] and committed(book) == []


def test_ci_and_all_trust_nothing(book, kernel, monkeypatch):
    maker.make(book, everything=True)
    assert kernel.ran == every("en", "es")
    monkeypatch.setenv("CI", "true")
    maker.make(book)
    assert kernel.ran == 2 * every("en", "es") and committed(book) == []


def test_without_git_what_was_executed_here_counts(book, kernel):
    (book.root / ".git").rename(book.root / "no-git")
    maker.make(book)
    assert kernel.ran == every("en", "es")
    maker.make(book)
    assert len(kernel.ran) == 4


def test_editions_that_differ_by_more_than_words_are_named(book, kernel, monkeypatch):
    def run(made, folder, name):
        kernel.run(made, folder, name)
        if folder.name == "es":
            made.cells[1].outputs = [new_output("stream", text="7")]

    monkeypatch.setattr(maker, "run", run)
    found = "\n".join(map(str, maker.make(book, everything=True)))
    assert 'notebooks/es/1-first.ipynb: cell "first": the outputs differ' in found
