"""A figure in a notebook: one picture, and the sentence that says what is on it."""

import base64
import html
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLING = threading.RLock()
"""Held while matplotlib has our style: it is one for all threads."""

DPI = 150
CSS_DPI = 96


@dataclass(frozen=True)
class Png:
    """A picture as the bytes of a PNG file, and how wide it is on a page, in CSS pixels."""

    data: bytes
    width: int


@dataclass
class Picture:
    """A figure that was shown, and its description; naming it last in a cell prints nothing."""

    figure: "Figure"
    sentence: str

    def _ipython_display_(self) -> None:
        """Show nothing: the picture was shown when it was made."""


@contextmanager
def plain_style() -> Iterator[None]:
    """Use matplotlib's default style: the reader's may flip matrices or hide dark text.

    The reader's fonts stay: names may be in letters that others lack.
    """
    import matplotlib.style

    with _STYLING:
        fonts: dict[str, Any] = {
            str(name): value
            for name, value in matplotlib.rcParams.items()
            if name.startswith("font.") and name != "font.size"
        }
        with matplotlib.style.context(["default", fonts]):
            yield


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure of so many inches that is saved on white, whatever the reader's style says."""
    # Not made by pyplot: a figure that pyplot knows would be shown a second time.
    from .white_figure import WhiteFigure

    return WhiteFigure(figsize=(width, height), layout="constrained")


def show_picture(figure: "Figure", sentence: str) -> Picture:
    """Show a figure once, with a sentence as its alt text and its plain text.

    Outside a notebook nothing is shown: save the figure, or read the sentence.
    """
    ipython = sys.modules.get("IPython")
    if ipython and ipython.get_ipython():
        picture = {"text/html": figure_html(png_of(figure), sentence), "text/plain": sentence}
        ipython.display.display(picture, raw=True)
    return Picture(figure, sentence)


def png_of(figure: "Figure") -> Png:
    """Write a matplotlib figure as a PNG file."""
    # On white in every theme: the colour scale begins with white, and the text is dark.
    file = io.BytesIO()
    with plain_style():
        figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return Png(file.getvalue(), round(figure.get_figwidth() * CSS_DPI))


def figure_html(png: Png, sentence: str, inputs: str | None = None) -> str:
    """Write a picture as an <img> with its sentence for alt text, and its inputs beside it."""
    source = base64.b64encode(png.data).decode()
    data = ""
    if inputs is not None:
        # In single quotes: JSON is full of the other ones.
        inputs = html.escape(inputs, quote=False).replace("'", "&#39;")
        data = f" data-d2l-attention='{inputs}'"
    return (
        f'<figure style="margin:0"{data}><img src="data:image/png;base64,{source}" '
        f'alt="{html.escape(sentence)}" width="{png.width}"></figure>'
    )
