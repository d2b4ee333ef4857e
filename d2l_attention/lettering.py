"""Names along the edges of a heatmap: each that is drawn can be read, and the sentence has them all."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis

_LARGEST, _SMALLEST = 10.0, 6.0  # points of a letter
_LINE = 1.15  # times a letter's points from one line to the next
_WIDTH = 0.6  # times its points, the width of a letter
_SHARE = 0.35  # of a panel's side that its names may take
_LONG = 24  # letters of a name that makes a panel larger
_SHORT = 3  # letters of a name that stands upright under its column


@dataclass(frozen=True)
class Lettering:
    """How the names of an axis are drawn: the size of letters in points, the angle, every which."""

    size: float = _LARGEST
    rotation: int = 0
    step: int = 1
    longest: int = 1000  # letters, an ellipsis among them

    def or_less(self, other: "Lettering") -> "Lettering":
        """The one of two that takes less room."""
        key = lambda one: (one.step, one.rotation, -one.size)
        return max(self, other, key=key)

    def draw(self, axis: "Axis", names: Sequence[str]) -> None:
        """Write every `step`-th name at its place."""
        places = range(0, len(names), self.step)
        drawn = [_shortened(names[at], self.longest) for at in places]
        axis.set_ticks(places, drawn, parse_math=False)
        axis.set_tick_params(labelsize=self.size)
        if self.rotation:
            axis.set_tick_params(rotation=self.rotation, rotation_mode="xtick")


def lettering(names: Sequence[str], room: float, side: float, below: bool) -> Lettering:
    """Find the largest letters in which names can be read.

    Args:
        names: of the rows or the columns of a matrix.
        room: points from one name to the next.
        side: points of the panel, across the axis: names may take a part of it.
        below: whether they stand below columns, where they can be turned, or left of rows.
    """
    longest = max(map(_letters, names))
    rotation = 0
    size = room / _LINE
    if below and longest <= _SHORT and room / (_WIDTH * longest) >= _SMALLEST:
        size = room / (_WIDTH * longest)
    elif below:
        rotation = 45 if room >= math.sqrt(2) * _LARGEST else 90
        size = _LARGEST if rotation == 45 else size
    size = min(_LARGEST, max(_SMALLEST, size))
    lean = math.sin(math.radians(rotation)) if rotation else 1.0
    return Lettering(
        size=size,
        rotation=rotation,
        step=max(1, math.ceil(_SMALLEST * _LINE / room)) if rotation or not below else 1,
        longest=max(4, int(_SHARE * side / (_WIDTH * size * lean))),
    )


def side_for(names: Sequence[str] | None, least: float, most: float = 8) -> float:
    """The inches of a panel's side along which names stand; `least` where they fit into that."""
    if names is None:
        return least
    longest = min(_LONG, max(map(_letters, names)))
    return min(most, max(least, 0.8 + 0.14 * len(names) + 0.05 * longest))


def _letters(name: str) -> int:
    """The width of a name in letters; Chinese, Japanese and Korean ones are twice as wide."""
    return max(1, sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in name))


def _shortened(name: str, longest: int) -> str:
    while _letters(name) > longest:
        name = name.removesuffix("…")[:-1].rstrip() + "…"
    return name
