"""Numbers that differ from run to run, written so that what holds everywhere can be compared.

In a cell tagged `trained`, "0.996 (≥ 0.98)", "0.014 (≤ 0.2)" and "0.53 (0.4 … 0.7)" are a number of
this run and a range in which it stays; "~61 ms" is a time of this run, and "~15×" a ratio of times.
"""

import math
import re
from collections.abc import Iterator

_NUMBER = r"[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?%?"
_BOUNDED = re.compile(
    rf" *(?P<number>{_NUMBER})(?P<bounds> \((?:(?P<sign>[≥≤]) (?P<bound>{_NUMBER})"
    rf"|(?P<least>{_NUMBER}) … (?P<most>{_NUMBER}))\))"
)
_TIME = re.compile(r" *~ *\d+(?:\.\d+)?(?P<unit> (?:ms|s|µs)\b|×)")


def comparable(text: str) -> str:
    """The text with a sign for each time, and for each number that keeps the bounds beside it."""
    return _TIME.sub(r" ~#\g<unit>", _BOUNDED.sub(_sign, text))


def has_measured(text: str) -> bool:
    """Whether a text has a number with bounds, or a time."""
    return bool(_BOUNDED.search(text) or _TIME.search(text))


def out_of_bounds(text: str) -> Iterator[str]:
    """The numbers that do not keep the bounds beside them."""
    for match in _BOUNDED.finditer(text):
        if not _keeps_bounds(match):
            yield match.group().strip()


def _sign(match: re.Match[str]) -> str:
    return f" #{match['bounds']}" if _keeps_bounds(match) else match.group()


def _keeps_bounds(match: re.Match[str]) -> bool:
    least = match["least"] or (match["bound"] if match["sign"] == "≥" else None)
    most = match["most"] or (match["bound"] if match["sign"] == "≤" else None)
    return _read(least, -math.inf) <= _read(match["number"]) <= _read(most, math.inf)


def _read(text: str | None, otherwise: float = math.nan) -> float:
    return float(text.replace("−", "-").rstrip("%")) if text else otherwise
