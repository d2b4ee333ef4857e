"""Heatmaps of attention weights and scores: panels of one figure, under one colour scale."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .descriptions import Labels, describe, titles_of_examples
from .language import gettext as _
from .lettering import Lettering, lettering, side_for
from .pictures import DPI, Picture, new_figure, plain_style, show_picture
from .plain import check_float32, read_numbers
from .scales import colour_limits, colour_map, pool_blocks

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

PANEL_INCHES = 2.5
MOST_PANELS = 12
"""So many are drawn side by side, and so many below one another."""


def show_heatmaps(
    matrices: "ArrayLike",
    xlabel: str,
    ylabel: str,
    titles: list[str] | None = None,
    figsize: tuple[float, float] | None = None,
    cmap: "str | Colormap | None" = None,
    *,
    key_labels: list[str] | None = None,
    query_labels: list[str] | None = None,
    row_titles: list[str] | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    sentence: str | None = None,
) -> Picture:
    """Show matrices of weights or scores as panels of one figure, under one colour scale.

    Weights run from 0, always white, to the largest in any panel; numbers of both signs are
    symmetric about 0. A matrix with more rows or columns than its panel has pixels is pooled
    (the largest of each block, by magnitude), and the figure says so.

    Args:
        matrices: (rows, columns, num_queries, num_keys), a panel for each of the first two axes.
            Three dimensions, (batch, num_queries, num_keys) as in `attention_weights`, are one
            row with a panel for each example; two are one panel. A tensor of any real dtype, on
            any device, or what `torch.as_tensor` makes one of. NaN and inf are drawn grey; NaN
            also stands for what an array of NumPy masks. Of many panels 12 rows and 12 columns
            are drawn, and the figure says so.
        xlabel, ylabel: what the columns and the rows of each matrix are.
        titles: a title for each column of panels.
        figsize: width and height of the whole figure in inches; if left out, 2.5 by 2.5 a panel, and
            more where names need it.
        cmap: a matplotlib colour map.
        key_labels, query_labels: names of the columns and the rows, drawn in place of numbers. Where
            there is no room to read them all, long ones are cut and every second is drawn, or fewer.
        row_titles: a title for each row of panels.
        vmin, vmax: ends of the colour scale, in the unit of the matrices.
        sentence: what to say of the picture, where its own numbers would be too many or not the
            same on every machine, as after training.

    Returns:
        A handle with the matplotlib `.figure`, which is the one to save (pyplot does not know it:
        `plt.savefig` saves an empty figure), and the `.sentence` that describes it: the sizes,
        the row sums, each row's largest entry, and how many entries are exactly 0.

    Raises:
        ValueError: matrices of another rank, empty, complex, sparse or beyond float32; labels or
            titles whose number is not that of what they name; vmin not below vmax.

    Source: the function of this name in Dive into Deep Learning, section "Queries, Keys, and
    Values".

    >>> print(show_heatmaps(torch.eye(2), xlabel="Keys", ylabel="Queries").sentence)
    Heatmap of 2 × 2 (Queries × Keys), from 0.00 to 1.00. Each row sums to 1. Largest in each row: \
0 → 0 (1.00), 1 → 1 (1.00). Exactly 0: 2 of 4.
    """
    # (rows, columns, num_queries, num_keys)
    panels = read_matrices(matrices).to("cpu", torch.float32)
    rows, columns = panels.shape[:2]
    if titles is None and rows == 1:
        titles = titles_of_examples(columns)
    labels = Labels(xlabel, ylabel, titles, row_titles, key_labels, query_labels)
    labels.check(panels.shape)
    limits = colour_limits(panels, vmin, vmax)
    drawn, labels = panels[:MOST_PANELS, :MOST_PANELS], labels.first(MOST_PANELS)
    left_out = note_of_left_out(panels.shape)
    figure, description = draw_panels(drawn, labels, limits, figsize, cmap, left_out)
    return show_picture(figure, sentence or description)


def note_of_left_out(shape: Sequence[int]) -> str:
    """Say how many of the panels are drawn; nothing where all are."""
    rows, columns = shape[:2]
    if max(rows, columns) <= MOST_PANELS:
        return ""
    return _("The first {drawn} of {panels} panels are drawn.").format(
        drawn=min(rows, MOST_PANELS) * min(columns, MOST_PANELS), panels=rows * columns
    )


def draw_panels(
    panels: Tensor,
    labels: Labels,
    limits: tuple[float, float],
    figsize: tuple[float, float] | None = None,
    cmap: "str | Colormap | None" = None,
    left_out: str = "",
) -> tuple["Figure", str]:
    """Draw panels, (rows, columns, num_queries, num_keys), and describe them.

    `left_out` says below the figure what is not in it.
    """
    with plain_style():
        figure, axes, block, note = lay_out(
            panels.shape, labels, limits, figsize, cmap, left_out=left_out
        )
    paint(axes, pool_blocks(panels, block), block, panels.shape)
    return figure, " ".join(filter(None, [describe(panels, labels), note, left_out]))


def paint(axes: "np.ndarray", pooled: Tensor, block: tuple[int, int], shape: Sequence[int]) -> None:
    """Put numbers, one for each block of matrices of this shape, into a figure laid out for it."""
    for ax, panel in zip(axes.flat, pooled.flatten(0, 1), strict=True):
        ax.images[0].set_data(panel.numpy())
        # The last blocks may reach past the matrix.
        width, height = panel.shape[1] * block[1], panel.shape[0] * block[0]
        ax.images[0].set_extent((-0.5, width - 0.5, height - 0.5, -0.5))
        ax.set(xlim=(-0.5, shape[3] - 0.5), ylim=(shape[2] - 0.5, -0.5))


def lay_out(
    shape: Sequence[int],
    labels: Labels,
    limits: tuple[float, float],
    figsize: tuple[float, float] | None = None,
    cmap: "str | Colormap | None" = None,
    pooling: str = "max",
    left_out: str = "",
) -> tuple["Figure", "np.ndarray", tuple[int, int], str]:
    """Make the figure with all but its numbers, and find the block that a pixel stands for."""
    from matplotlib.ticker import MaxNLocator

    rows, columns, num_queries, num_keys = shape
    figure, axes = _new_figure(rows, columns, figsize or _size_for(shape, labels))
    for ax in axes.flat:
        image = ax.imshow(
            [[0]], colour_map(limits, cmap), vmin=limits[0], vmax=limits[1],
            interpolation="nearest", origin="upper", extent=(-0.5, num_keys - 0.5, num_queries - 0.5, -0.5),
        )  # fmt: skip
    if left_out:
        figure.supxlabel(left_out, fontsize="small", parse_math=False)
    # More numbers than these would be cut off beside low panels.
    figure.colorbar(image, ax=axes, shrink=0.6, ticks=MaxNLocator(4))
    return figure, axes, *_label_and_fit(figure, axes, labels, (num_queries, num_keys), pooling)


def read_matrices(matrices: "ArrayLike") -> Tensor:
    """Read what is to be drawn, where it is: (rows, columns, num_queries, num_keys), detached.

    Raises:
        ValueError: what cannot be drawn as matrices of real numbers.
    """
    try:
        panels = read_numbers(matrices)
    except (TypeError, ValueError, RuntimeError) as error:
        words = _("matrices must be numbers, all rows of one length: {error}")
        raise ValueError(words.format(error=error)) from None
    if not 2 <= panels.ndim <= 4 or not panels.numel():
        words = _(
            "matrices has shape {shape}, where (rows, columns, num_queries, num_keys), (batch, "
            "num_queries, num_keys) or (num_queries, num_keys) is needed, with something in it"
        )
        raise ValueError(words.format(shape=tuple(panels.shape)))
    check_float32("matrices", panels)
    return panels.detach()[(None,) * (4 - panels.ndim)]


def _size_for(shape: Sequence[int], labels: Labels) -> tuple[float, float]:
    """Width and height of a figure, in inches, in which names have room."""
    rows, columns = shape[:2]
    wide = side_for(labels.key_labels, PANEL_INCHES)
    high = side_for(labels.query_labels, PANEL_INCHES)
    return columns * wide, rows * high


def _new_figure(
    rows: int, columns: int, figsize: tuple[float, float]
) -> tuple["Figure", "np.ndarray"]:
    try:
        width, height = figsize
        fits = 0 < width < math.inf and 0 < height < math.inf
    except (TypeError, ValueError):
        fits = False
    if not fits:
        words = _("figsize is {figsize!r}, but must be a width and a height in inches")
        raise ValueError(words.format(figsize=figsize))
    figure = new_figure(width, height)
    return figure, figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)


def _label_and_fit(
    figure: "Figure", axes: "np.ndarray", labels: Labels, shape: tuple[int, int], pooling: str
) -> tuple[tuple[int, int], str]:
    """Label the panels, and say what block of the matrix each of their pixels must stand for."""
    block, note = (1, 1), ""
    layout = figure.get_layout_engine()
    assert layout is not None  # `new_figure` gives it one
    # Of the rows and of the columns. They are tried in the room that a panel has without its names.
    width, height = figure.get_size_inches() * 72
    panel = height / axes.shape[0], width / axes.shape[1]
    drawn = _letterings(labels, panel, shape, panel)
    while True:
        _label(axes, labels, note, drawn)
        # All that is needed of a drawing: where the panels come to stand.
        layout.execute(figure)
        axes[0, 0].apply_aspect()
        box = axes[0, 0].bbox
        points = [box.height * 72 / figure.dpi, box.width * 72 / figure.dpi]
        fitting = _letterings(labels, points, shape, panel)
        less = [one.or_less(other) for one, other in zip(drawn, fitting, strict=True)]
        if less != drawn:
            drawn = less
            continue
        pixels = box.height * DPI // figure.dpi, box.width * DPI // figure.dpi
        needed = tuple(
            math.ceil(size / max(1, room)) for size, room in zip(shape, pixels, strict=True)
        )
        if needed[0] <= block[0] and needed[1] <= block[1]:
            return block, note
        # The note takes room itself, so the panels are measured again with it.
        block = max(block[0], needed[0]), max(block[1], needed[1])
        if pooling == "max":
            note = _("(each pixel is the largest of {rows} × {columns})")
        else:
            note = _("(each pixel is the mean of {rows} × {columns})")
        note = note.format(rows=block[0], columns=block[1])


def _letterings(
    labels: Labels, points: Sequence[float], shape: Sequence[int], panel: Sequence[float]
) -> list[Lettering]:
    """How the names of rows and of columns are drawn where a matrix has so many points."""
    return [
        lettering(names, points[at] / shape[at], panel[1 - at], below=at == 1)
        if names
        else Lettering()
        for at, names in enumerate((labels.query_labels, labels.key_labels))
    ]


def _label(axes: "np.ndarray", labels: Labels, note: str, letterings: Sequence[Lettering]) -> None:
    for j, ax in enumerate(axes[0]):
        ax.set_title(labels.titles[j] if labels.titles else "", parse_math=False)
    for ax in axes[-1]:
        ax.set_xlabel(f"{labels.xlabel}\n{note}".rstrip(), parse_math=False)
    for i, ax in enumerate(axes[:, 0]):
        row_title = labels.row_titles[i] + "\n" if labels.row_titles else ""
        ax.set_ylabel(row_title + labels.ylabel, parse_math=False)
    for ax in axes.flat:
        _label_ticks(ax.yaxis, labels.query_labels, letterings[0])
        _label_ticks(ax.xaxis, labels.key_labels, letterings[1])


def _label_ticks(axis: "Axis", names: list[str] | None, drawn: Lettering) -> None:
    from matplotlib.ticker import MaxNLocator

    if names is None:
        axis.set_major_locator(MaxNLocator("auto", integer=True))
    else:
        drawn.draw(axis, names)
