"""Compare two lists of outputs of a cell: their kinds, their text and what their pictures show."""

import copy
from collections.abc import Iterator

import numpy as np
from nbformat import NotebookNode

from .execute import WIDGET
from .measured import comparable
from .pictures import difference, pictures, without_pictures


def kind(output: NotebookNode) -> str:
    """What an output is: the name of its stream, or its type and the forms it comes in."""
    if output.output_type == "stream":
        return output.name
    return " ".join([output.output_type, *sorted(output.get("data", {}).keys() - {WIDGET})])


def textual(outputs: list[NotebookNode], trained: bool = False) -> list[NotebookNode]:
    """The outputs with nothing left of their pictures and, if trained, of what was measured."""
    outputs = copy.deepcopy(outputs)
    for output in outputs:
        data = output.get("data", {})
        if "text/html" in data:
            data["text/html"] = without_pictures(data["text/html"])
        if trained:
            data.update({kind: comparable(text) for kind, text in data.items()})
            if "text" in output:
                output.text = comparable(output.text)
    return outputs


def texts(output: NotebookNode) -> list[str]:
    """All that an output says, as it stands in the notebook."""
    said = [output.get("text", ""), output.get("evalue", ""), *output.get("data", {}).values()]
    return [text for text in said if isinstance(text, str)]


def unlike(
    committed: list[NotebookNode], actual: list[NotebookNode], trained: bool = False
) -> Iterator[str]:
    """Say in what way outputs differ whose text is compared elsewhere; pictures unless trained."""
    kinds, wanted = [kind(output) for output in actual], [kind(output) for output in committed]
    if kinds != wanted:
        yield f"The outputs are {kinds}; committed are {wanted}."
    elif not trained:
        for expected, drawn in zip(_pictures(committed), _pictures(actual), strict=False):
            if found := difference(expected, drawn):
                yield f"The picture differs: {found}."


def same(committed: list[NotebookNode], actual: list[NotebookNode], trained: bool = False) -> bool:
    """Whether outputs say the same in the same words and, unless trained, show the same."""
    alike = textual(committed, trained) == textual(actual, trained)
    return alike and not any(unlike(committed, actual, trained))


def _pictures(outputs: list[NotebookNode]) -> list[np.ndarray]:
    return [
        picture
        for output in outputs
        for picture in pictures(output.get("data", {}).get("text/html", ""))
    ]
