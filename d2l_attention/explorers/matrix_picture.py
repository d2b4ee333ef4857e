"""The saved picture of the attention explorer: matrices in a grid, laid out as the live figure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..number_text import number_text
from ..pictures import Png
from .colours import STRUCK, colours_of, is_dark, nice_limit
from .sheet import FAINT, INK, Sheet, fitted, text_width, wrapped

# As in style.css, panel.js and figure.js.
MARGIN = 8
GAP = (22, 12)  # between columns and between rows of matrices
WIDEST = 1080  # of the figure, if its cells can be that small
NUMBERED = (28, 44)  # the least and the most width of a cell with a number
BARE = (2, 30)
FLATNESS = 0.72  # the height of a cell with a number, as a share of its width
MOST_COLUMNS, MOST_ROWS = 48, 16  # of a figure whose cells have numbers
LEAST = 11  # the size of a cell that has a label
LABEL = 11  # the size of its letters
LONGEST_LABEL = 90
TITLE, TITLE_LINE = 13, 17
SMALL, SMALL_LINE = 11, 16
NOTE, NOTE_LINE, NOTE_LINES = 13, 19, 6
STRIKE = "#8a8a8a"
ERROR = "#b71c1c"


@dataclass
class Matrix:
    """One matrix of the picture.

    `X` is (rows, columns), what is drawn of it; `place` is the row and the column of the grid,
    from 1, and how many rows it spans. `size` says the size in words, where X is pooled. Where it
    is `covered`, X is what was predicted, and NaN is hatched. `masked` and `target` have the shape
    of X: what is struck out, if anything is, and the goal (NaN: anything).
    """

    title: str
    X: np.ndarray
    place: tuple[int, int, int]
    size: str = ""
    covered: bool = False
    sequential: bool = False
    limit: float = 0.0  # the end of the colours; chosen for X if left out
    masked: np.ndarray | None = None
    target: np.ndarray | None = None
    row_labels: list[str] | None = None
    column_labels: list[str] | None = None

    def __post_init__(self) -> None:
        self.X = np.asarray(self.X, dtype=np.float32)
        self.hatched = np.isnan(self.X) & self.covered
        says_nothing = self.hatched.all() and not self.limit
        if not self.limit:
            self.limit = nice_limit(self.X)
        if self.masked is None:
            self.masked = np.zeros(self.X.shape, dtype=bool)
        if not self.size:
            self.size = "{} × {}".format(*self.X.shape)
        self.has_scale = not says_nothing

    @property
    def scale(self) -> str:
        """Its size, and the ends of its colours."""
        if not self.has_scale:
            return self.size
        end = re.sub(r"e\+?(-?)0*", r"e\1", f"{self.limit:.6g}").replace("-", "−")
        return f"{self.size} · {'0' if self.sequential else f'−{end}'} … {end}"


@dataclass
class Cell:
    """How large the cells of all matrices are, and whether they have numbers."""

    width: int
    height: int
    numbered: bool


class Panel:
    """A matrix with what stands around it, measured, and where its first cell is to be."""

    def __init__(self, matrix: Matrix, cell: Cell):
        self.matrix, self.cell = matrix, cell
        rows, columns = matrix.X.shape
        self.width, self.height = columns * cell.width, rows * cell.height
        self.row_labels = _fitted(matrix.row_labels) if cell.height >= LEAST else []
        self.column_labels = _fitted(matrix.column_labels) if cell.width >= LEAST else []
        self.before = gutter(self.row_labels)
        longest = _longest(self.column_labels)
        self.upright = longest > cell.width - 2
        self.above: float = TITLE_LINE + SMALL_LINE + 2
        if self.column_labels:
            self.above += longest + 6 if self.upright else SMALL_LINE
        caption = max(text_width(matrix.title, TITLE, True), text_width(matrix.scale, SMALL))
        self.beyond = max(0, caption - self.width)
        self.left = self.top = 0.0

    def draw(self, sheet: Sheet) -> None:
        """Draw the cells from (left, top), and the words around them."""
        matrix, left, top = self.matrix, self.left, self.top
        caption = top - self.above
        sheet.text(left, caption + TITLE_LINE / 2, matrix.title, TITLE, bold=True)
        middle = caption + TITLE_LINE + SMALL_LINE / 2
        sheet.text(left, middle, matrix.scale, SMALL, ink=FAINT)
        self._draw_labels(sheet)
        colours = colours_of(matrix.X, matrix.sequential, matrix.limit)
        colours[matrix.masked] = STRUCK
        sheet.frame(left - 1, top - 1, self.width + 2, self.height + 2)
        sheet.pixels(left, top, self.width, self.height, colours)
        dark = is_dark(colours)
        for (i, j), masked in np.ndenumerate(matrix.masked):
            if matrix.hatched[i, j]:
                self._cover(sheet, i, j)
            elif masked:
                self._strike(sheet, i, j)
            elif self.cell.numbered:
                self._number(sheet, i, j, "white" if dark[i, j] else INK)
        if matrix.target is not None:
            for i, j in np.argwhere(~np.isnan(matrix.target)):
                self._frame(sheet, i, j, matrix.target[i, j])

    def _draw_labels(self, sheet: Sheet) -> None:
        width, height = self.cell.width, self.cell.height
        for i, text in enumerate(self.row_labels):
            y = self.top + (i + 0.5) * height
            sheet.text(self.left - 5, y, text, LABEL, align="right")
        for j, text in enumerate(self.column_labels):
            x = self.left + (j + 0.5) * width
            if self.upright:
                sheet.upright_text(x, self.top - 4, text, LABEL)
            else:
                sheet.text(x, self.top - SMALL_LINE / 2, text, LABEL, align="middle")

    def _corner(self, i: int, j: int) -> tuple[float, float]:
        return self.left + j * self.cell.width, self.top + i * self.cell.height

    def _strike(self, sheet: Sheet, i: int, j: int) -> None:
        """Strike a cell out, so that it cannot be taken for a small weight."""
        (left, top), cell = self._corner(i, j), self.cell
        sheet.line(left + 1, top + cell.height - 1, left + cell.width - 1, top + 1, ink=STRIKE)

    def _cover(self, sheet: Sheet, i: int, j: int) -> None:
        """Hatch a cell whose number nobody may see yet."""
        (left, top), cell = self._corner(i, j), self.cell
        sheet.hatch(left, top, cell.width, cell.height)
        if cell.numbered:
            middle = left + cell.width / 2, top + cell.height / 2
            sheet.text(*middle, "?", min(12, cell.width // 3.2), align="middle", halo=2)

    def _number(self, sheet: Sheet, i: int, j: int, ink: str) -> None:
        (left, top), cell = self._corner(i, j), self.cell
        text, size = number_text(self.matrix.X[i, j].item()), min(12, cell.width // 3.2)
        size = min(size, size * (cell.width - 2) / text_width(text, size))
        middle = left + cell.width / 2, top + cell.height / 2
        sheet.text(*middle, text, size, align="middle", ink=ink)

    def _frame(self, sheet: Sheet, i: int, j: int, wanted: np.ndarray) -> None:
        """Frame a cell in the colour that is wanted, and in ink: what is wanted may be white."""
        (left, top), cell = self._corner(i, j), self.cell
        colour = tuple(colours_of(wanted, self.matrix.sequential, self.matrix.limit).tolist())
        sheet.frame(left, top, cell.width, cell.height, colour, thick=3)
        sheet.frame(left + 3, top + 3, cell.width - 6, cell.height - 6, INK, thick=0.5)


def draw_matrices(matrices: list[Matrix], notes: Sequence[str] = (), error: str = "") -> Png:
    """Draw matrices in their places, and sentences below: an error, and what else is to be said."""
    panels = [Panel(matrix, cell_of(matrices)) for matrix in matrices]
    width, bottom = _place(panels)
    lines = [(line, ERROR) for line in wrapped(error, NOTE, width, NOTE_LINES)]
    for note in notes:
        lines += [(line, INK) for line in wrapped(note, NOTE, width, NOTE_LINES)]
    below = NOTE_LINE * len(lines) + 6 if lines else 0
    sheet = Sheet(width + 2 * MARGIN, bottom + below + MARGIN)
    for panel in panels:
        panel.draw(sheet)
    for at, (line, ink) in enumerate(lines):
        sheet.text(MARGIN, bottom + 6 + NOTE_LINE * (at + 0.5), line, NOTE, ink=ink)
    return sheet.png()


def cell_of(matrices: list[Matrix]) -> Cell:
    """Choose the largest cells that fit: numbers need room, mere colours less."""
    columns: dict[int, int] = {}  # of matrices, in each column of the grid
    fixed: dict[int, float] = {}
    for matrix in matrices:
        column = matrix.place[1]
        columns[column] = max(columns.get(column, 0), matrix.X.shape[1])
        fixed[column] = max(fixed.get(column, 0), gutter(matrix.row_labels) + GAP[0])
    total = sum(columns.values())
    fits = int((WIDEST - sum(fixed.values())) / total)
    numbered = total <= MOST_COLUMNS and max(len(matrix.X) for matrix in matrices) <= MOST_ROWS
    least, most = NUMBERED if numbered else BARE
    width = min(max(fits, least), most)
    return Cell(width, round(FLATNESS * width) if numbered else width, numbered)


def gutter(labels: list[str] | None) -> float:
    """Measure the room of labels to the left of the rows."""
    return _longest(_fitted(labels)) + 8 if labels else 0


def _fitted(labels: list[str] | None) -> list[str]:
    return [fitted(text, LABEL, LONGEST_LABEL) for text in labels or []]


def _longest(labels: list[str]) -> float:
    return max((text_width(text, LABEL) for text in labels), default=0)


def _place(panels: list[Panel]) -> tuple[float, float]:
    """Put the panels into a grid, aligned at the right and at the bottom, as algebra wants it.

    Returns:
        The width of the grid, and where it ends below.
    """
    right, x = {}, float(MARGIN)
    for column in sorted({panel.matrix.place[1] for panel in panels}):
        those = [panel for panel in panels if panel.matrix.place[1] == column]
        x += max(panel.before + panel.width for panel in those)
        right[column] = x
        x += max(panel.beyond for panel in those) + GAP[0]
    heights = _row_heights(panels)
    ends = {
        row: MARGIN + sum(h + GAP[1] for r, h in heights.items() if r <= row) for row in heights
    }
    for panel in panels:
        row, column, spanned = panel.matrix.place
        panel.left = right[column] - panel.width
        panel.top = ends[row + spanned - 1] - GAP[1] - panel.height
    return x - GAP[0] - MARGIN, max(ends.values()) - GAP[1]


def _row_heights(panels: list[Panel]) -> dict[int, float]:
    """Find how high each row of the grid must be; what spans several adds to all of them alike."""
    heights: dict[int, float] = {}
    for panel in sorted(panels, key=lambda panel: panel.matrix.place[2]):
        row, _column, spanned = panel.matrix.place
        rows = range(row, row + spanned)
        there = sum(heights.get(r, 0) for r in rows) + GAP[1] * (spanned - 1)
        lacking = max(0, panel.above + panel.height - there)
        for r in rows:
            heights[r] = heights.get(r, 0) + lacking / spanned
    return heights
