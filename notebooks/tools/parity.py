"""What differs between a notebook and its translation, apart from the words."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from nbformat import NotebookNode

from .execute import tags
from .measured import comparable
from .pictures import attribute, parse
from .pieces import pieces, skeleton
from .prose import facets, numbers
from .rules import TRAINED

_ATTRIBUTES_WITH_WORDS = {"alt", "title", "aria-label", "lang"}
_STATE = "data-d2l-attention"
_DAY_AND_MONTH = re.compile(r"\b(\d\d)/(\d\d)/\d{4}\b")
_NUMBER_OR_SIGN = re.compile(r"(?:(?<!\w)[-−])?\d+(?:[.,]\d+)*|[\[\](){}<>=+*/|×^]")


def differences(notebook: NotebookNode, translated: NotebookNode) -> Iterator[str]:
    """Describe each difference by its cell and the two pieces that differ."""
    ids, others = ([cell.id for cell in which.cells] for which in (notebook, translated))
    if ids != others:
        yield _described("cells", ids, others)
        return
    for cell, other in zip(notebook.cells, translated.cells, strict=True):
        for found in _cell(cell, other):
            yield f'cell "{cell.id}": {found}'


def _described(what: str, one: Sequence[object], other: Sequence[object]) -> str:
    """The first place where two lists differ."""
    pairs = zip_longest(one, other, fillvalue="(nothing)")
    a, b = next((a, b) for a, b in pairs if a != b)
    return f"the {what} differ:\n    {a}\n    {b}"


def _cell(cell: NotebookNode, other: NotebookNode) -> Iterator[str]:
    for what in ("cell_type", "attachments"):
        if cell.get(what) != other.get(what):
            yield _described(what, [cell.get(what)], [other.get(what)])
            return
    compared = {"tags": (tags(cell), tags(other))}
    if cell.cell_type == "markdown":
        one, two = facets(cell.source), facets(other.source)
        compared |= {name: (one[name], two[name]) for name in one}
    elif cell.cell_type == "code":
        compared["code"] = (skeleton(cell.source), skeleton(other.source))
        compared["outputs"] = (_kinds(cell.outputs), _kinds(other.outputs))
    for what, (a, b) in compared.items():
        if a != b:
            yield _described(what, a, b)
            return
    if cell.cell_type == "code":
        yield from _pieces(cell.source, other.source)
        for output, another in zip(cell.outputs, other.outputs, strict=True):
            yield from _output(output, another, TRAINED in tags(cell))


def _kinds(outputs: list[NotebookNode]) -> list[str]:
    return [
        " ".join([output.output_type, output.get("name", ""), *sorted(output.get("data", {}))])
        for output in outputs
    ]


def _pieces(source: str, other: str) -> Iterator[str]:
    for piece, another in zip(pieces(source), pieces(other), strict=True):
        if sorted(numbers(piece.text)) != sorted(numbers(another.text)):
            yield _described("numbers", [piece.text], [another.text])


def _output(output: NotebookNode, other: NotebookNode, trained: bool) -> Iterator[str]:
    texts = {"text": output.get("text", ""), "error": output.get("evalue", "")}
    others = {"text": other.get("text", ""), "error": other.get("evalue", "")}
    for name in output.get("data", {}):
        texts[name], others[name] = output.data[name], other.data[name]
    for name, text in texts.items():
        read = _tags if name == "text/html" else _numbers_and_signs
        one, two = (comparable(each) if trained else each for each in (text, others[name]))
        if read(one) != read(two):
            yield _described(f"{name} outputs", read(one), read(two))


def _without_labels(state: str) -> str:
    """A live figure's state without the names of its rows and columns, which are words."""
    read = json.loads(state)
    for name in ("queryLabels", "keyLabels"):
        read["setup"][name] = len(read["setup"].get(name, []))
    return json.dumps(read)


def _numbers_and_signs(text: str) -> list[str]:
    """The numbers, brackets and operators of each line, in order.

    Words, spaces and the punctuation of a sentence belong to the language: it may need another
    comma, an opening question mark, or wider columns. What is left carries the result: values and
    their order, shapes, equations, and the number of lines. Of a date in digits, 02/24/1950, the
    language also orders day and month.
    """
    return [" ".join(_NUMBER_OR_SIGN.findall(_smaller_first(line))) for line in text.splitlines()]


def _smaller_first(line: str) -> str:
    """The line with the smaller of day and month first, in a date in digits and in its tokens."""
    for date in _DAY_AND_MONTH.finditer(line):
        small, large = sorted(date.groups())
        line = re.sub(rf"\b{large}(/|', '){small}\b", rf"{small}\g<1>{large}", line)
    return line


def _tags(html: str) -> list[str]:
    """The tags of an HTML output with the attributes that hold no words, and what the text says.

    A picture may differ, and be wider, because words are drawn in it; its alternative text is
    compared.
    """
    page = parse(html)
    found = []
    for tag in page.find_all(True):
        attributes = {
            name: _without_labels(str(value)) if name == _STATE else value
            for name, value in tag.attrs.items()
            if name not in _ATTRIBUTES_WITH_WORDS
            and not str(value).startswith("data:")
            and (tag.name, name) != ("img", "width")
        }
        found.append(f"<{tag.name}> {attributes} {_numbers_and_signs(attribute(tag, 'alt'))}")
    return found + _numbers_and_signs(page.get_text())
