"""A matplotlib figure that is saved on white: a module of its own, since matplotlib is imported late."""

from typing import Any

from matplotlib.figure import Figure


class WhiteFigure(Figure):
    """A figure whose text is dark, where the reader's `savefig.facecolor` may be dark, too."""

    def savefig(self, *args: Any, **options: Any) -> None:
        super().savefig(*args, **{"facecolor": "white"} | options)
