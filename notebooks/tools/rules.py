"""What a committed notebook may not hold: each refusal says what, where and how to mend it."""

import re
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from .execute import HIDE_OUTPUT, RAISES, WIDGET, tags
from .measured import has_measured, out_of_bounds
from .outputs import texts
from .pictures import PNG, attribute, parse, saved_state, without_pictures
from .prose import alts

MAKE = "run `make notebooks`"
TRAINED = "trained"
"""The tag of a cell whose picture depends on training: its text is compared, not its picture."""

_ALT_LENGTH = 20
_COMPARED = {"text/plain", "text/html", "text/markdown", "text/latex"}
_MARKER = re.compile(r"#.*\b(NBVAL_\w+|PYTEST_VALIDATE_\w+)")
_PREDICT = "**Predict.**"  # in English; a translation has the same cells with the same tags
_MARKER_TAG = re.compile(r"nbval-|pytest-validate-")


def refusals(notebook: NotebookNode) -> Iterator[str]:
    """Everything in a notebook that would weaken its validation or leave a reader out."""
    if "widgets" in notebook.metadata:
        yield f"The notebook's metadata holds widget state: {MAKE}, which leaves it out."
    count = 0
    for cell in notebook.cells:
        found: list[str] = []
        if cell.cell_type == "code":
            count += 1
            found = [*_unrun(cell, count), *_ignore_markers(cell), *_wrong_tags(cell)]
            found += _measured(cell)
            for output in cell.outputs:
                found += _output(output)
        elif cell.cell_type == "markdown":
            found += _too_short(alts(cell.source))
        yield from (f'Cell "{cell.id}": {refusal}' for refusal in found)
    yield from _answered(notebook.cells)


def _answered(cells: list[NotebookNode]) -> Iterator[str]:
    """The predictions that are answered by the output that stands below them."""
    for at, cell in enumerate(cells):
        if cell.cell_type != "markdown" or _PREDICT not in cell.source:
            continue
        answer = next((later for later in cells[at:] if later.get("outputs")), None)
        if answer is None:
            yield f'Cell "{cell.id}": no output answers its prediction.'
        elif HIDE_OUTPUT not in tags(answer) and not any(map(_is_covered, answer.outputs)):
            yield (
                f'Cell "{answer.id}" answers the prediction of cell "{cell.id}": tag it '
                f"{HIDE_OUTPUT}, which folds its output, or let its figure take the prediction."
            )


def _is_covered(output: NotebookNode) -> bool:
    """Whether an output is a live figure that covers what it asks for."""
    state = saved_state(output.get("data", {}).get("text/html", ""))
    return bool(state and state["setup"].get("predict") and not state["now"]["shown"])


def _unrun(cell: NotebookNode, count: int) -> Iterator[str]:
    if not cell.source.strip():
        yield "it is empty: delete it."
    elif cell.execution_count is None:
        yield f"it was never run: {MAKE}."
    elif cell.execution_count != count:
        yield f"its number is {cell.execution_count} and should be {count}: {MAKE}."


def _ignore_markers(cell: NotebookNode) -> Iterator[str]:
    names = _MARKER.findall(cell.source) + [tag for tag in tags(cell) if _MARKER_TAG.match(tag)]
    names += [key for key in cell.metadata if key.lower().startswith("nbval")]
    for name in names:
        yield (
            f"{name} would change how it is checked. Remove it; if an error is the lesson, use the "
            f"tag {RAISES}."
        )


def _wrong_tags(cell: NotebookNode) -> Iterator[str]:
    if RAISES in tags(cell) and all(output.output_type != "error" for output in cell.outputs):
        yield f"it is tagged {RAISES} and raised nothing: remove the tag or mend the cell."
    plain = [
        output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs
    ]
    if TRAINED in tags(cell) and not any(text and text.strip() for text in plain):
        yield f"it is tagged {TRAINED} and has no text to compare: print what must hold."


def _measured(cell: NotebookNode) -> Iterator[str]:
    for text in (text for output in cell.outputs for text in texts(output)):
        if TRAINED not in tags(cell) and has_measured(text):
            yield f"it shows what was measured, a time or a number with bounds: tag it {TRAINED}."
        for number in out_of_bounds(text):
            yield f"{number} is not true: find a range that holds in many runs."


def _output(output: NotebookNode) -> Iterator[str]:
    if output.output_type == "stream" and output.name == "stderr":
        yield "it writes to stderr, where warnings name files of one machine: mend their cause."
    data = output.get("data", {})
    for kind in data.keys() - _COMPARED:
        yield _refused_kind(kind)
    if "text/html" in data:
        yield from _html(data["text/html"], data.get("text/plain", ""))
    if "text/markdown" in data:
        yield from _too_short(alts(data["text/markdown"]))


def _refused_kind(kind: str) -> str:
    if kind == WIDGET:
        return f"a widget view shows nothing without its kernel: {MAKE}, which leaves it out."
    if kind.startswith("image/"):
        return (
            f"a bare {kind} has no alt text. Show it as text/html, a PNG in <img alt=…>, with the "
            "same sentence as text/plain; show_heatmaps does."
        )
    return f"{kind} cannot be compared: show it as text or as a described picture."


def _html(html: str, plain: str) -> Iterator[str]:
    page = parse(html)
    for name in ("script", "svg"):
        if page.find(name):
            yield f"its HTML has a <{name}>, which cannot be compared: show a PNG in <img alt=…>."
    images = page.find_all("img")
    if without_pictures(html).count("data:image") != len(images) or any(
        not PNG.fullmatch(attribute(image, "src")) for image in images
    ):
        yield "its HTML has a picture that is not a PNG data URI in the src of an <img>: make it one."
    sentences = [attribute(image, "alt") for image in images]
    yield from _too_short(sentences)
    if images and plain.strip() != "\n".join(sentences).strip():
        yield (
            "its text/plain is not its picture's alt text. Give both the same sentence: screen "
            f"readers read the one, and the other is compared.\n    alt:  {' / '.join(sentences)}\n"
            f"    text: {plain}"
        )


def _too_short(sentences: Iterable[str]) -> Iterator[str]:
    for alt in sentences:
        if len(alt.strip()) < _ALT_LENGTH:
            yield (
                f"a picture's alt text is {alt!r}. Write a sentence of {_ALT_LENGTH} characters or "
                "more that says what the picture shows."
            )
