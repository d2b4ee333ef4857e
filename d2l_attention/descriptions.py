"""What a figure of heatmaps says in words: its labels, and the sentence that describes it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from .language import gettext as _
from .number_text import number_text
from .scales import strips_of

ROWS_DESCRIBED = 8
TIES_DESCRIBED = 3


@dataclass
class Labels:
    """The words of a figure of panels, (rows, columns, num_queries, num_keys), all the caller's."""

    xlabel: str
    ylabel: str
    titles: list[str] | None = None
    row_titles: list[str] | None = None
    key_labels: list[str] | None = None
    query_labels: list[str] | None = None

    def __post_init__(self) -> None:
        self.xlabel, self.ylabel = str(self.xlabel), str(self.ylabel)
        for name in ("titles", "row_titles", "key_labels", "query_labels"):
            labels = getattr(self, name)
            if isinstance(labels, str):
                words = _("{name} is {labels!r}, but must be a list of labels")
                raise TypeError(words.format(name=name, labels=labels))
            if labels is not None:
                setattr(self, name, [str(label) for label in labels])

    def check(self, shape: Sequence[int]) -> None:
        """Refuse a list that is not one label for each thing it names."""
        rows, columns, num_queries, num_keys = shape
        for name, number in (
            ("titles", columns),
            ("row_titles", rows),
            ("key_labels", num_keys),
            ("query_labels", num_queries),
        ):
            labels = getattr(self, name)
            if labels is not None and len(labels) != number:
                raise ValueError(_wrong_number(name).format(count=len(labels), number=number))

    def first(self, most: int) -> "Labels":
        """The labels of the panels in the first rows and columns, so many of each."""
        titles, row_titles = self.titles, self.row_titles
        return replace(
            self, titles=titles and titles[:most], row_titles=row_titles and row_titles[:most]
        )

    def panel_names(self, rows: int, columns: int) -> list[str]:
        """Name each panel by its row's title, or number, and its own, row by row."""
        row_titles = self.row_titles
        if row_titles is None and rows > 1:
            row_titles = [_("row {i}").format(i=i) for i in range(rows)]
        return [
            ", ".join(title for title in (row_title, title) if title)
            for row_title in row_titles or [""]
            for title in self.titles or [""] * columns
        ]


def titles_of_examples(number: int) -> list[str] | None:
    """The titles of the examples of a batch; None where there is only one."""
    return [_("Example {i}").format(i=i) for i in range(number)] if number > 1 else None


def _wrong_number(name: str) -> str:
    return {
        "titles": _("titles has {count} entries, but there are {number} columns of panels"),
        "row_titles": _("row_titles has {count} entries, but there are {number} rows of panels"),
        "key_labels": _("key_labels has {count} entries, but there are {number} matrix columns"),
        "query_labels": _("query_labels has {count} entries, but there are {number} matrix rows"),
    }[name]


@dataclass
class Summary:
    """What is said of a matrix, gathered from its rows in one piece or one block after another."""

    shape: tuple[int, int]
    described: int = ROWS_DESCRIBED
    low: float = math.inf
    high: float = -math.inf
    zeros: Tensor | int = 0
    not_finite: int = 0
    sum_to_one: Tensor | bool = True
    first: Tensor = field(
        default_factory=lambda: torch.empty(0)
    )  # the rows that are described, and one more if there is one

    def add(self, rows: Tensor) -> None:
        """Take in the next rows, (any number, num_keys)."""
        if not self.first.numel():
            self.first = rows[: self.described + 1].cpu()
        elif len(self.first) <= self.described:
            missing = self.described + 1 - len(self.first)
            self.first = torch.cat([self.first, rows[:missing].cpu()])
        sums = rows.sum(dim=1, dtype=torch.promote_types(rows.dtype, torch.float32))
        # The two numbers of a block that are waited for; what follows is left on the device.
        low, high = torch.stack(rows.aminmax()).tolist()
        if not math.isfinite(low) or not math.isfinite(high):
            finite = rows[rows.isfinite()]
            self.not_finite += rows.numel() - finite.numel()
            low, high = map(float, finite.aminmax()) if finite.numel() else (math.inf, -math.inf)
        self.low, self.high = min(self.low, low), max(self.high, high)
        if low <= 0 <= high:
            self.zeros += rows.numel() - rows.count_nonzero()
        self.sum_to_one &= torch.isclose(sums, torch.ones_like(sums), atol=5e-3).all()

    def read(self) -> None:
        """Read what was gathered, when no more rows come."""
        self.zeros, self.sum_to_one = int(self.zeros), bool(self.sum_to_one)


def describe(panels: Tensor, labels: Labels) -> str:
    """Say what panels of heatmaps show, for who reads the sentence and not the picture.

    Args:
        panels: (rows, columns, num_queries, num_keys), floating, on the CPU.

    Returns:
        For each panel its size, its range, the row sums if nothing is negative, the largest entry
        of the first rows, and how many entries are exactly 0 or not finite.
    """
    rows, columns = panels.shape[:2]
    described = max(1, ROWS_DESCRIBED // (rows * columns))
    sentences = []
    names = labels.panel_names(rows, columns)
    for panel, name in zip(panels.flatten(0, 1), names, strict=True):
        summary = Summary(tuple(panel.shape), described)
        for strip in strips_of(panel):
            summary.add(strip)
        sentences.append(describe_summary(summary, labels, name))
    return " ".join(sentences)


def describe_summary(
    summary: Summary, labels: Labels, name: str = "", number: Callable[[float], str] = number_text
) -> str:
    """Say what one panel shows; `number` writes a number."""
    summary.read()
    words = _("Heatmap of {rows} × {columns} ({ylabel} × {xlabel})").format(
        rows=summary.shape[0], columns=summary.shape[1], ylabel=labels.ylabel, xlabel=labels.xlabel
    )
    if summary.low <= summary.high:
        span = _(", from {low} to {high}")
        words += span.format(low=number(summary.low), high=number(summary.high))
    parts = [f"{name}: {words}." if name else f"{words}."]
    if 0 <= summary.low <= summary.high:
        parts.append(_describe_sums(summary, number))
    parts.append(_describe_peaks(summary, labels, number))
    total = summary.shape[0] * summary.shape[1]
    for message, count in (
        (_("Exactly 0: {count} of {total}."), summary.zeros),
        (_("Not finite: {count} of {total}."), summary.not_finite),
    ):
        if count:
            parts.append(message.format(count=count, total=total))
    return " ".join(parts)


def significant(x: float) -> str:
    """Write a number with two digits that count: among many keys each weight is small."""
    return f"{x:.2g}".replace("-", "−") if math.isfinite(x) else number_text(x)


def _describe_sums(summary: Summary, number: Callable[[float], str]) -> str:
    if summary.sum_to_one:
        return _("Each row sums to 1.")
    sums = [number(x) for x in summary.first.double().sum(dim=1).tolist()]
    return _("Row sums: {sums}.").format(sums=_list(sums, summary.described))


def _describe_peaks(summary: Summary, labels: Labels, number: Callable[[float], str]) -> str:
    peaks = []
    for i, row in enumerate(summary.first):
        query = labels.query_labels[i] if labels.query_labels else i
        row = row.nan_to_num(-torch.inf, torch.inf, -torch.inf)
        top = row.max()
        # Within rounding of the top, so that devices that round differently name the same key.
        at_top = torch.isclose(row, top, rtol=1e-6, atol=0).nonzero().flatten().tolist()
        if top == -torch.inf:
            peaks.append(f"{query} → –")
            continue
        if len(at_top) == len(row) > 1:
            key = _("all alike")
        else:
            names = [labels.key_labels[j] if labels.key_labels else str(j) for j in at_top]
            key = "/".join(names[:TIES_DESCRIBED]) + "/…" * (len(names) > TIES_DESCRIBED)
        peaks.append(f"{query} → {key} ({number(top.item())})")
    return _("Largest in each row: {peaks}.").format(peaks=_list(peaks, summary.described))


def _list(items: list[str], most: int) -> str:
    return ", ".join(items[:most]) + (", …" if len(items) > most else "")
