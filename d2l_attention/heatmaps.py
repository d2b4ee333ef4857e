"""Heatmaps of attention weights and scores: panels of one figure, under one colour scale."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .descriptions import Labels, describe
from .language import gettext as _
from .pictures import DPI, Picture, plain_style, show_picture
from .scales import colour_limits, colour_map, pool_blocks

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axis import Axis
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

PANEL_INCHES = 2.5


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
            any device, or what `torch.as_tensor` makes one of. NaN and inf are drawn grey.
        xlabel, ylabel: what the columns and the rows of each matrix are.
        titles: a title for each column of panels.
        figsize: width and height of the whole figure in inches; 2.5 by 2.5 a panel if left out.
        cmap: a matplotlib colour map.
        key_labels, query_labels: names of the columns and the rows, drawn in place of numbers.
        row_titles: a title for each row of panels.
        vmin, vmax: ends of the colour scale, in the unit of the matrices.
        sentence: what to say of the picture, where its own numbers would be too many or not the
            same on every machine, as after training.

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
    # (rows, columns, num_queries, num_keys)
    panels = read_matrices(matrices).to("cpu", torch.float32)
    rows, columns = panels.shape[:2]
    if titles is None and rows == 1 and columns > 1:
        titles = [_("Example {i}").format(i=i) for i in range(columns)]
    labels = Labels(xlabel, ylabel, titles, row_titles, key_labels, query_labels)
    labels.check(panels.shape)
    limits = colour_limits(panels, vmin, vmax)
    figure, description = draw_panels(panels, labels, limits, figsize, cmap)
    return show_picture(figure, sentence or description)


def draw_panels(
    panels: Tensor,
    labels: Labels,
    limits: tuple[float, float],
    figsize: tuple[float, float] | None = None,
    cmap: "str | Colormap | None" = None,
) -> tuple["Figure", str]:
    """Draw panels, (rows, columns, num_queries, num_keys), and describe them."""
    with plain_style():
        figure, axes, block, note = lay_out(panels.shape, labels, limits, figsize, cmap)
    paint(axes, pool_blocks(panels, block), block, panels.shape)
    return figure, f"{describe(panels, labels)} {note}".rstrip()


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
) -> tuple["Figure", "np.ndarray", tuple[int, int], str]:
    """Make the figure with all but its numbers, and find the block that a pixel stands for."""
    from matplotlib.ticker import MaxNLocator

    rows, columns, num_queries, num_keys = shape
    figure, axes = _new_figure(rows, columns, figsize)
    for ax in axes.flat:
        image = ax.imshow(
            [[0]], colour_map(limits, cmap), vmin=limits[0], vmax=limits[1],
            interpolation="nearest", origin="upper", extent=(-0.5, num_keys - 0.5, num_queries - 0.5, -0.5),
        )  # fmt: skip
    # More numbers than these would be cut off beside low panels.
    figure.colorbar(image, ax=axes, shrink=0.6, ticks=MaxNLocator(4))
    return figure, axes, *_label_and_fit(figure, axes, labels, (num_queries, num_keys), pooling)


def read_matrices(matrices: "ArrayLike") -> Tensor:
    """Read what is to be drawn, where it is: (rows, columns, num_queries, num_keys), detached.

    Raises:
        ValueError: what cannot be drawn as matrices of real numbers.
    """
    try:
        if isinstance(matrices, (list, tuple)) and isinstance(matrices[0], Tensor):
            matrices = torch.stack(list(matrices))
        panels = torch.as_tensor(matrices)
    except (IndexError, TypeError, ValueError, RuntimeError) as error:
        words = _("matrices must be numbers, all rows of one length: {error}")
        raise ValueError(words.format(error=error)) from None
    if panels.is_complex():
        words = _("matrices has dtype {dtype}, where real numbers are needed")
        raise ValueError(words.format(dtype=panels.dtype))
    if not 2 <= panels.ndim <= 4 or not panels.numel():
        words = _(
            "matrices has shape {shape}, where (rows, columns, num_queries, num_keys), (batch, "
            "num_queries, num_keys) or (num_queries, num_keys) is needed, with something in it"
        )
        raise ValueError(words.format(shape=tuple(panels.shape)))
    return panels.detach()[(None,) * (4 - panels.ndim)]


def _new_figure(
    rows: int, columns: int, figsize: tuple[float, float] | None
) -> tuple["Figure", "np.ndarray"]:
    # Not made by pyplot: a figure that pyplot knows would be shown a second time.
    from matplotlib.figure import Figure

    if figsize is None:
        figsize = (PANEL_INCHES * columns, PANEL_INCHES * rows)
    try:
        width, height = figsize
        fits = 0 < width < math.inf and 0 < height < math.inf
    except (TypeError, ValueError):
        fits = False
    if not fits:
        words = _("figsize is {figsize!r}, but must be a width and a height in inches")
        raise ValueError(words.format(figsize=figsize))
    figure = Figure(figsize=figsize, layout="constrained")
    return figure, figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)


def _label_and_fit(
    figure: "Figure", axes: "np.ndarray", labels: Labels, shape: tuple[int, int], pooling: str
) -> tuple[tuple[int, int], str]:
    """Label the panels, and say what block of the matrix each of their pixels must stand for."""
    block, note = (1, 1), ""
    while True:
        _label(axes, labels, note)
        figure.draw_without_rendering()
        box = axes[0, 0].bbox
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


def _label(axes: "np.ndarray", labels: Labels, note: str) -> None:
    for j, ax in enumerate(axes[0]):
        ax.set_title(labels.titles[j] if labels.titles else "", parse_math=False)
    for ax in axes[-1]:
        ax.set_xlabel(f"{labels.xlabel}\n{note}".rstrip(), parse_math=False)
    for i, ax in enumerate(axes[:, 0]):
        row_title = labels.row_titles[i] + "\n" if labels.row_titles else ""
        ax.set_ylabel(row_title + labels.ylabel, parse_math=False)
    for ax in axes.flat:
        _label_ticks(ax.xaxis, labels.key_labels, slanted=True)
        _label_ticks(ax.yaxis, labels.query_labels, slanted=False)


def _label_ticks(axis: "Axis", labels: list[str] | None, slanted: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    if labels is None:
        axis.set_major_locator(MaxNLocator("auto", integer=True))
    else:
        axis.set_ticks(range(len(labels)), labels, parse_math=False)
        if slanted and max(map(len, labels)) > 3:
            axis.set_tick_params(rotation=45, rotation_mode="xtick")
