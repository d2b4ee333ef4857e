"""Heatmaps of attention weights: one colour scale for all panels, and a sentence that says it."""

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .language import gettext as _
from .pictures import DPI, Picture, show_picture
from .scales import colour_limits, colour_map, pool_blocks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_INCHES = 2.5
ROWS_IN_SENTENCE = 8


def show_heatmaps(
    matrices,
    xlabel: str,
    ylabel: str,
    titles: list[str] | None = None,
    figsize: tuple[float, float] | None = None,
    cmap=None,
    *,
    key_labels: list[str] | None = None,
    query_labels: list[str] | None = None,
    row_titles: list[str] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
) -> Picture:
    """Show matrices of weights or scores as panels of one figure, under one colour scale.

    Weights run from 0, always white, to the largest in any panel; numbers of both signs are
    symmetric about 0. A matrix with more rows or columns than its panel has pixels is pooled
    (the largest of each block, by magnitude), and the figure says so.

    Args:
        matrices: (rows, columns, num_queries, num_keys), a panel for each of the first two axes.
            Three dimensions, (batch, num_queries, num_keys) as in `attention_weights`, are one
            row with a panel for each example; two are one panel. A tensor of any real dtype, on
            any device, or what `torch.as_tensor` makes one of. NaN and inf are drawn grey.
        xlabel, ylabel: what the columns and the rows of each matrix are.
        titles: a title for each column of panels.
        figsize: width and height of the whole figure in inches; 2.5 by 2.5 a panel if left out.
        cmap: a matplotlib colour map.
        key_labels, query_labels: names of the columns and the rows, drawn in place of numbers.
        row_titles: a title for each row of panels.
        vmin, vmax: ends of the colour scale, in the unit of the matrices.

    Returns:
        A handle with the matplotlib `.figure` and the `.sentence` that describes it: the sizes,
        the row sums, each row's largest entry, and how many entries are exactly 0.

    Raises:
        ValueError: matrices of another rank, empty or complex; labels or titles whose number is
            not that of what they name; vmin not below vmax.

    Source: the function of this name in Dive into Deep Learning, section "Queries, Keys, and
    Values".

    >>> print(show_heatmaps(torch.eye(2), xlabel="Keys", ylabel="Queries").sentence)
    Heatmap of 2 × 2 (Queries × Keys), from 0.00 to 1.00. Each row sums to 1. Largest in each row: \
0 → 0 (1.00), 1 → 1 (1.00). Exactly 0: 2 of 4.
    """
    panels = _read_matrices(matrices)  # (rows, columns, num_queries, num_keys)
    rows, columns, num_queries, num_keys = panels.shape
    if titles is None and rows == 1 and columns > 1:
        titles = [_("Example {i}").format(i=i) for i in range(columns)]
    _check_labels("titles", titles, columns, "columns of panels")
    _check_labels("row_titles", row_titles, rows, "rows of panels")
    _check_labels("key_labels", key_labels, num_keys, "matrix columns")
    _check_labels("query_labels", query_labels, num_queries, "matrix rows")
    limits = colour_limits(panels, vmin, vmax)

    figsize = figsize or (PANEL_INCHES * columns, PANEL_INCHES * rows)
    pixels = int(DPI * max(figsize[0] / columns, figsize[1] / rows))
    block = math.ceil(num_queries / pixels), math.ceil(num_keys / pixels)
    note = ""
    if block != (1, 1):
        note = _("each pixel is the largest of {rows} × {columns}")
        note = note.format(rows=block[0], columns=block[1])
    pooled = pool_blocks(panels, block)
    figure = _draw(pooled, panels.shape, limits, colour_map(limits, cmap), figsize)
    axes = figure.axes[: rows * columns]
    for i, ax in enumerate(axes):
        if titles and i < columns:
            ax.set_title(titles[i], parse_math=False)
        if i >= (rows - 1) * columns:
            ax.set_xlabel(f"{xlabel}\n({note})" if note else xlabel, parse_math=False)
        if i % columns == 0:
            row = f"{row_titles[i // columns]}\n" if row_titles else ""
            ax.set_ylabel(row + ylabel, parse_math=False)
        _label_ticks(ax, key_labels, query_labels)

    names = [
        ", ".join(title for title in (row_title, title) if title)
        for row_title in row_titles or [""] * rows
        for title in titles or [""] * columns
    ]
    sentences = [
        describe(panel, xlabel, ylabel, key_labels, query_labels, name)
        for panel, name in zip(panels.flatten(0, 1), names, strict=True)
    ]
    return show_picture(figure, " ".join(sentences + [f"({note})"] * bool(note)))


def describe(
    matrix: Tensor,
    xlabel: str,
    ylabel: str,
    key_labels: list[str] | None = None,
    query_labels: list[str] | None = None,
    title: str = "",
) -> str:
    """Say in words what a heatmap shows, (num_queries, num_keys), for who cannot see it."""
    num_queries, num_keys = matrix.shape
    finite = matrix[matrix.isfinite()]
    words = _("Heatmap of {rows} × {columns} ({ylabel} × {xlabel})").format(
        rows=num_queries, columns=num_keys, ylabel=ylabel, xlabel=xlabel
    )
    parts = [f"{title}: {words}" if title else words]
    if finite.numel():
        span = _(", from {low} to {high}.")
        parts[0] += span.format(low=_number(finite.min()), high=_number(finite.max()))
        if finite.min() >= 0:
            parts.append(_describe_sums(matrix))
        parts.append(_describe_peaks(matrix, key_labels, query_labels))
    else:
        parts[0] += "."
    for message, count in (
        (_("Exactly 0: {count} of {total}."), (matrix == 0).sum().item()),
        (_("Not finite: {count} of {total}."), matrix.numel() - finite.numel()),
    ):
        if count:
            parts.append(message.format(count=count, total=matrix.numel()))
    return " ".join(parts)


def _describe_sums(matrix: Tensor) -> str:
    sums = matrix.double().sum(dim=1)
    if torch.allclose(sums, torch.ones_like(sums), atol=5e-3):
        return _("Each row sums to 1.")
    listed = ", ".join(_number(total) for total in sums[:ROWS_IN_SENTENCE])
    return _("Row sums: {sums}.").format(sums=listed + _ellipsis(len(sums)))


def _describe_peaks(matrix: Tensor, key_labels, query_labels) -> str:
    peaks = []
    for i, row in enumerate(matrix[:ROWS_IN_SENTENCE]):
        query = query_labels[i] if query_labels else i
        top = row.nan_to_num(nan=-torch.inf).max()
        # Within rounding of the top, so that devices that round differently name the same key.
        at_top = (row >= top - 1e-6).nonzero().flatten().tolist()
        if len(at_top) == len(row) > 1:
            key = _("all alike")
        else:
            key = key_labels[at_top[0]] if key_labels else at_top[0]
        peaks.append(f"{query} → {key} ({_number(top)})")
    listed = ", ".join(peaks) + _ellipsis(len(matrix))
    return _("Largest in each row: {peaks}.").format(peaks=listed)


def _ellipsis(rows: int) -> str:
    return ", …" if rows > ROWS_IN_SENTENCE else ""


def _number(x: Tensor) -> str:
    # Rounded twice: what is 0.125 but for the last bit must not be 0.12 here and 0.13 elsewhere.
    return f"{round(x.item(), 5):.2f}".replace("-", "−")


def _read_matrices(matrices) -> Tensor:
    try:
        panels = torch.as_tensor(matrices)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"matrices must be numbers, all rows of one length: {error}") from None
    if panels.is_complex():
        raise ValueError(f"matrices has dtype {panels.dtype}, where real numbers are needed")
    if not 2 <= panels.ndim <= 4 or not panels.numel():
        raise ValueError(
            f"matrices has shape {tuple(panels.shape)}, where (rows, columns, num_queries, "
            f"num_keys), (batch, num_queries, num_keys) or (num_queries, num_keys) is needed, "
            f"with something in it"
        )
    panels = panels.detach().to("cpu", torch.float32)
    return panels[(None,) * (4 - panels.ndim)]


def _check_labels(name: str, labels, number: int, things: str) -> None:
    if labels is not None and len(labels) != number:
        raise ValueError(f"{name} has {len(labels)} entries, but there are {number} {things}")


def _draw(panels: Tensor, shape, limits, cmap, figsize) -> "Figure":
    # Not made by pyplot: a figure that pyplot knows would be shown a second time.
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    rows, columns, num_queries, num_keys = shape
    figure = Figure(figsize=figsize, layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for ax, panel in zip(axes.flat, panels.flatten(0, 1), strict=True):
        image = ax.imshow(
            panel.numpy(), cmap=cmap, vmin=limits[0], vmax=limits[1], interpolation="nearest",
            extent=(-0.5, num_keys - 0.5, num_queries - 0.5, -0.5),
        )  # fmt: skip
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    figure.colorbar(image, ax=axes, shrink=0.6)
    return figure


def _label_ticks(ax, key_labels, query_labels) -> None:
    if key_labels:
        slant = 45 if max(map(len, key_labels)) > 3 else 0
        ax.set_xticks(range(len(key_labels)), key_labels, parse_math=False, rotation=slant)
    if query_labels:
        ax.set_yticks(range(len(query_labels)), query_labels, parse_math=False)
