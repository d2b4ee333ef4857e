"""How numbers become colours and pixels: one scale for all panels, peaks kept when pooled."""

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from .language import gettext as _

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

SEQUENTIAL = ["#ffffff", "#c6dbef", "#6baed6", "#2171b5", "#08306b"]
DIVERGING = ["#7f3b08", "#b35806", "#fdb863", "#ffffff", "#6baed6", "#2171b5", "#08306b"]
NOT_FINITE = "#8c8c8c"
STRIP = 2**20  # numbers of a matrix that are looked at together


def colour_limits(
    panels: Tensor, vmin: float | None = None, vmax: float | None = None
) -> tuple[float, float]:
    """Choose the ends of the one scale: from 0 if nothing is negative, else symmetric about 0.

    Raises:
        ValueError: vmin is not below vmax.
    """
    low, high = _finite_range(panels)
    if low < 0 or (vmin is not None and vmin < 0):
        # One end that is given sets the other, so that 0 stays white.
        reach = next((abs(end) for end in (vmax, vmin) if end is not None), max(-low, high))
        low = -reach
    else:
        low, reach = 0.0, high or 1.0
    low, high = low if vmin is None else vmin, reach if vmax is None else vmax
    if not -math.inf < low < high < math.inf:
        words = _(
            "the colours would run from {low} to {high}: vmin must be below vmax, both finite"
        )
        raise ValueError(words.format(low=low, high=high))
    return low, high


def strips_of(panel: Tensor, multiple: int = 1) -> tuple[Tensor, ...]:
    """Split (num_queries, num_keys) into strips of a million numbers, each so many rows or a multiple.

    A large matrix is read strip by strip: what is made on the way takes no memory to speak of.
    """
    return panel.split(max(1, STRIP // (multiple * max(1, panel.shape[1]))) * multiple)


def _finite_range(panels: Tensor) -> tuple[float, float]:
    ends = []
    for strip in panels.flatten().split(STRIP):
        finite = strip[strip.isfinite()]
        if finite.numel():
            ends.append(torch.stack(finite.aminmax()))
    if not ends:
        return 0.0, 1.0
    low, high = torch.stack(ends).T
    return low.min().item(), high.max().item()


def colour_map(limits: tuple[float, float], cmap: "str | Colormap | None" = None) -> "Colormap":
    """Choose white to blue for what is never negative, brown over white to blue for the rest."""
    import matplotlib
    from matplotlib.colors import LinearSegmentedColormap

    if cmap is None:
        colours = SEQUENTIAL if limits[0] >= 0 else DIVERGING
        # An odd number of colours, so that the middle is one of them: 0 is white and not near it.
        cmap = LinearSegmentedColormap.from_list("attention", colours, N=257)
    return matplotlib.colormaps.get_cmap(cmap).with_extremes(bad=NOT_FINITE)


def pool_blocks(panels: Tensor, block: tuple[int, int]) -> Tensor:
    """Keep of each block the number furthest from 0 (or not finite), so that peaks survive.

    Args:
        panels: (rows, columns, num_queries, num_keys), floating.
        block: the height and width of a block; those at the far edges may be smaller.
    """
    if block == (1, 1):
        return panels
    pooled = [
        torch.cat([_pool_strip(strip, block) for strip in strips_of(panel, block[0])])
        for panel in panels.flatten(0, 1)
    ]
    return torch.stack(pooled).unflatten(0, panels.shape[:2])


def _pool_strip(strip: Tensor, block: tuple[int, int]) -> Tensor:
    num_queries, num_keys = strip.shape
    padding = (0, -num_keys % block[1], 0, -num_queries % block[0])
    reach = F.pad(strip.abs().nan_to_num(nan=torch.inf), padding, value=-1)
    _largest, where = F.max_pool2d(reach[None], block, return_indices=True)
    return F.pad(strip, padding).flatten()[where[0]]
