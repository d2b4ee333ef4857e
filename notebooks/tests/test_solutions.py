"""The folded solutions of the exercises are right, in every language, and each check is used."""

import ast
import itertools
import re
from pathlib import Path

import pytest
from tools.files import Book, read

from d2l_attention.exercises import Verdict, names

BOOK = Book(Path(__file__).resolve().parents[2])
LANGUAGES = ["en", *BOOK.languages]
FOLDED = re.compile(r"<details><summary>(?:Solution|Solución)</summary>(.*?)</details>", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def exercises():
    """Each cell that ends in a check, with the solution in the text before it."""
    for language in LANGUAGES:
        for path in BOOK.notebooks(language):
            cells = read(path).cells
            for text, cell in itertools.pairwise(cells):
                if cell.cell_type == "code" and re.search(r"^check\(", cell.source, re.MULTILINE):
                    yield pytest.param(cells, text, cell, id=f"{language}/{path.stem}#{cell.id}")


def imports(cells):
    """The import statements of a notebook: an exercise needs nothing else of it."""
    trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    found = [
        node
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return ast.unparse(found)


@pytest.mark.parametrize(("cells", "text", "cell"), list(exercises()))
def test_the_solution_passes_its_check_and_the_stub_does_not(cells, text, cell):
    solutions = [code for folded in FOLDED.findall(text.source) for code in CODE.findall(folded)]
    assert len(solutions) == 1, "the text before the cell needs one folded solution with code"
    *stub, last = ast.parse(cell.source).body
    namespace = {}
    for source in (imports(cells), ast.unparse(stub)):
        exec(source, namespace)  # noqa: S102
    before = eval(ast.unparse(last), namespace)
    assert isinstance(before, Verdict) and not before.passed
    exec(solutions[0], namespace)  # noqa: S102
    after = eval(ast.unparse(last), namespace)
    assert after.passed, after


def test_every_check_is_in_the_book():
    cells = [cell for path in BOOK.notebooks() for cell in read(path).cells]
    used = {
        name for cell in cells for name in re.findall(r"^check\((\w+)=", cell.source, re.MULTILINE)
    }
    assert used == set(names())
