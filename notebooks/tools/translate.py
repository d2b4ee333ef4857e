"""The book in other languages: collect its words, and make a notebook from their translation."""

import copy
import tokenize
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode
from polib import POFile

from . import catalogue as po
from . import pieces, prose
from .files import Book, BookError, read


def messages(book: Book) -> Iterator[po.Message]:
    """The words of the English notebooks: paragraphs of prose, comments and strings of code."""
    for path in book.notebooks():
        for cell in read(path).cells:
            for text in _texts(cell, book.name(path)):
                yield po.Message((text,), f"{path.name}#{cell.id}")


def _texts(cell: NotebookNode, name: str) -> list[str]:
    if cell.cell_type == "markdown":
        return [part for part in prose.paragraphs(cell.source) if prose.has_words(part)]
    if cell.cell_type != "code":
        return []
    try:
        return [piece.text for piece in pieces.pieces(cell.source) if not piece.sets_language]
    except (SyntaxError, tokenize.TokenError) as error:
        raise BookError(f'{name}, cell "{cell.id}" is not Python: {error}') from None


def translate(notebook: NotebookNode, catalogue: POFile, language: str, name: str) -> NotebookNode:
    """A notebook in another language, ready to be executed: same cells, no outputs."""
    translations = po.translations(catalogue)
    translated = copy.deepcopy(notebook)
    for cell, original in zip(translated.cells, notebook.cells, strict=True):
        if cell.cell_type == "markdown":
            cell.source = prose.rewrite(cell.source, translations.__getitem__)
        elif cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = pieces.rewrite(cell.source, language, translations.__getitem__)
            if not _same_code(original.source, cell.source):
                raise BookError(
                    f'{name}, cell "{cell.id}": the translation changes the code. Keep quotes, '
                    "backslashes and {expressions} as they are in English, one line for a "
                    f"comment.\n\n{cell.source}"
                )
    return translated


def _same_code(source: str, translated: str) -> bool:
    try:
        return pieces.skeleton(source) == pieces.skeleton(translated)
    except (SyntaxError, tokenize.TokenError):
        return False


def stale(book: Book, language: str, colour: bool = False) -> list[po.Problem]:
    """The entries of the book's catalogue to translate or to revise."""
    path = book.catalogue(language)
    return po.stale(path, book.name(path), language, messages(book), colour)


def outdated(book: Book, language: str) -> list[po.Problem]:
    """What differs between the translated notebooks and those that the catalogue makes."""
    catalogue = po.read(book.catalogue(language), language)
    made = {path.name: path for path in book.notebooks(language)}
    problems = []
    for path in book.notebooks():
        target = book.folder(language) / path.name
        if made.pop(path.name, None) is None:
            problems.append(po.Problem(book.name(target), "missing: run `make notebooks`"))
            continue
        expected = translate(read(path), catalogue, language, book.name(target))
        problems += _differences(expected.cells, read(target).cells, book.name(target))
    for extra in made.values():
        problems.append(po.Problem(book.name(extra), "has no English original: delete it"))
    return problems


def _differences(
    expected: list[NotebookNode], present: list[NotebookNode], name: str
) -> list[po.Problem]:
    if [cell.id for cell in expected] != [cell.id for cell in present]:
        return [po.Problem(name, "its cells are not those of the original: run `make notebooks`")]
    return [
        po.Problem(
            f'{name}, cell "{cell.id}"', "not what the catalogue gives: run `make notebooks`"
        )
        for cell, other in zip(expected, present, strict=True)
        if _content(cell) != _content(other)
    ]


def _content(cell: NotebookNode) -> dict[str, Any]:
    return {key: cell.get(key) for key in ("cell_type", "source", "metadata", "attachments")}
