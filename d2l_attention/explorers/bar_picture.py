"""The saved picture of the database explorer: a bar for the weight of each record."""

from dataclasses import dataclass

from ..number_text import number_text
from ..pictures import Png
from ..scales import SEQUENTIAL
from .sheet import FAINT, INK, LINE, Sheet, fitted, text_width

MARGIN = 8
ROW = 24
BAR = 14
FULL = 260  # the width of a bar for a weight of 1
LONGEST_LABEL = 280
BESIDE = 8  # between a bar and the words beside it
TITLE = 13
LABEL = 12
TRACK = "#eef3f8"  # where the bar of a weight of 1 would be


@dataclass
class Bar:
    """A record: its words, its weight from 0 to 1, and what stands there if it has none.

    A weight of None is covered. What has a note, and weighs something all the same, was predicted.
    """

    label: str
    weight: float | None
    note: str = ""


def draw_bars(title: str, bars: list[Bar], rest: str = "") -> Png:
    """Draw a bar for each record under a title; one with a note is struck out, and says why.

    `rest` says below what is left out.
    """
    labels = [fitted(bar.label, LABEL, LONGEST_LABEL) for bar in bars]
    said = [_said(bar) for bar in bars]
    left = MARGIN + max((text_width(label, LABEL) for label in labels), default=0) + BESIDE
    right = left + FULL + BESIDE + max((text_width(text, LABEL) for text in said), default=0)
    title = fitted(title, TITLE, max(right, 480) - MARGIN)
    width = max(right, MARGIN + text_width(title, TITLE)) + MARGIN
    top = MARGIN + ROW
    sheet = Sheet(width, top + ROW * (len(bars) + bool(rest)) + MARGIN)
    sheet.text(MARGIN, MARGIN + TITLE / 2 + 1, title, TITLE)
    for at, (bar, label, text) in enumerate(zip(bars, labels, said, strict=True)):
        y = top + (at + 0.5) * ROW
        sheet.text(left - BESIDE, y, label, LABEL, align="right", ink=FAINT if bar.note else INK)
        if bar.note:
            sheet.line(left - BESIDE - text_width(label, LABEL), y, left - BESIDE, y, ink=FAINT)
        if bar.weight is None:
            sheet.hatch(left, y - BAR / 2, FULL, BAR)
            sheet.frame(left, y - BAR / 2, FULL, BAR)
        else:
            sheet.box(left, y - BAR / 2, FULL, BAR, TRACK)
            sheet.box(left, y - BAR / 2, FULL * bar.weight, BAR, SEQUENTIAL[3])
        sheet.text(left + FULL + BESIDE, y, text, LABEL, ink=FAINT if bar.note else INK)
    sheet.line(left, top, left, top + ROW * len(bars), ink=LINE)
    if rest:
        sheet.text(left, top + (len(bars) + 0.5) * ROW, rest, LABEL, ink=FAINT)
    return sheet.png()


def _said(bar: Bar) -> str:
    if bar.note and not bar.weight:
        return bar.note
    number = "?" if bar.weight is None else number_text(bar.weight)
    return f"{number} · {bar.note}" if bar.note else number
