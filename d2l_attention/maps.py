"""Heatmaps of attention weights that are too many to hold: drawn from queries and keys."""

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from tqdm import tqdm  # torch imports it too

from .attention import Attention
from .checks import check_inputs, check_shows_its_weights
from .descriptions import (
    ROWS_DESCRIBED,
    Labels,
    Summary,
    describe_summary,
    significant,
    titles_of_examples,
)
from .heatmaps import MOST_PANELS, lay_out, note_of_left_out, paint
from .language import gettext as _
from .masks import Valid, read_valid
from .pictures import Picture, plain_style, show_picture
from .plain import check_kind, kind_of
from .scales import colour_limits, colour_map
from .streaming import BLOCK_SIZE
from .undisturbed import evaluating

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from numpy.typing import ArrayLike

PANEL_INCHES = 4.0
POOLINGS = ("max", "mean")
PATIENCE = 3.0  # seconds before a progress bar appears
# What takes the most room beside a colour bar: room is left for it before the weights are known.
WIDEST_LIMITS = (0.0, 0.00015)


@torch.no_grad()
def show_attention(
    attention: Attention,
    queries: Tensor,
    keys: Tensor,
    valid_lens: "ArrayLike | None" = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    titles: list[str] | None = None,
    figsize: tuple[float, float] | None = None,
    cmap: "str | Colormap | None" = None,
    *,
    mask: "ArrayLike | None" = None,
    pooling: str = "max",
    vmin: float | None = None,
    vmax: float | None = None,
) -> Picture:
    """Show the weights that queries give to keys, however many: the whole matrix is never held.

    weights = attention.weights(queries, keys, valid_lens, mask=mask), some queries at a time; each
    block of weights becomes one pixel as soon as it is known, on the module's device.

    Args:
        attention: any `Attention` that overrides nothing but `score`. It is in eval mode meanwhile,
            and stays as it is, `attention_weights` included.
        queries: (batch, num_queries, query_size), a panel for each example.
        keys: (batch, num_keys, key_size), of the queries' dtype and device.
        valid_lens, mask: as in `masked_softmax`.
        xlabel, ylabel: what the columns and rows are, "Keys" and "Queries" if left out.
        titles, cmap, vmin, vmax: as in `show_heatmaps`.
        figsize: width and height of the whole figure in inches; 4 by 4 a panel if left out.
        pooling: what a pixel shows of its block: "max", so that peaks survive, or "mean".

    Returns:
        A handle with the matplotlib `.figure` and the `.sentence`, as from `show_heatmaps`. The
        sentence is about every weight, the picture about blocks; the figure says of what size.

    Raises:
        TypeError, ValueError: an argument whose type, shape, dtype, device or size does not fit.

    Source: the weights of Dive into Deep Learning, section "Attention Scoring Functions".

    >>> from d2l_attention import DotProductAttention
    >>> X = torch.eye(3)[None]
    >>> print(show_attention(DotProductAttention(), queries=8 * X, keys=X).sentence)
    Heatmap of 3 × 3 (Queries × Keys), from 0.0097 to 0.98. Each row sums to 1. Largest in each \
row: 0 → 0 (0.98), 1 → 1 (0.98), 2 → 2 (0.98).
    """
    _check(attention, queries, keys, pooling)
    valid = read_valid(valid_lens, mask, queries, keys.shape[1])
    shape = (1, *queries.shape[:2], keys.shape[1])
    if titles is None:
        titles = titles_of_examples(len(queries))
    labels = Labels(
        _("Keys") if xlabel is None else xlabel, _("Queries") if ylabel is None else ylabel, titles
    )
    labels.check(shape)
    left_out = note_of_left_out(shape)
    if left_out:
        queries, keys, labels = queries[:MOST_PANELS], keys[:MOST_PANELS], labels.first(MOST_PANELS)
        shape = (1, MOST_PANELS, *shape[2:])
    if figsize is None:
        figsize = (PANEL_INCHES * len(queries), PANEL_INCHES)
    with plain_style():
        figure, axes, block, note = lay_out(
            shape, labels, WIDEST_LIMITS, figsize, cmap, pooling, left_out
        )
    with evaluating(attention):
        pooled, summaries = _pool_weights(attention, queries, keys, valid, block, pooling)
    limits = colour_limits(pooled, vmin, vmax)
    with plain_style():
        for ax in axes.flat:
            ax.images[0].set(cmap=colour_map(limits, cmap), clim=limits)
    paint(axes, pooled, block, shape)
    names = labels.panel_names(*shape[:2])
    sentences = [
        describe_summary(summary, labels, name, significant)
        for summary, name in zip(summaries, names, strict=True)
    ]
    return show_picture(figure, " ".join(filter(None, [*sentences, note, left_out])))


def _check(attention: Attention, queries: Tensor, keys: Tensor, pooling: str) -> None:
    if not isinstance(attention, Attention):
        words = _("attention must be an Attention, not {type}")
        raise TypeError(words.format(type=type(attention).__name__))
    check_shows_its_weights(attention, Attention)
    check_inputs(queries, keys, values=keys)
    for name, X in (("queries", queries), ("keys", keys)):
        check_kind(name, kind_of(X))
        if not X.numel():
            words = _("{name} has shape {shape}: there is nothing to show")
            raise ValueError(words.format(name=name, shape=tuple(X.shape)))
    if pooling not in POOLINGS:
        words = _("pooling is {pooling!r}, but must be {names}")
        raise ValueError(words.format(pooling=pooling, names=_(" or ").join(map(repr, POOLINGS))))


def _pool_weights(
    attention: Attention, queries: Tensor, keys: Tensor, valid: Valid,
    block: tuple[int, int], pooling: str,
) -> tuple[Tensor, list[Summary]]:  # fmt: skip
    """Return one number for each block of weights, (1, batch, …, …), and what to say of them all."""
    batch, num_queries, num_keys = len(queries), queries.shape[1], keys.shape[1]
    # As many queries at a time as fill a block of memory, but no part of a pixel.
    rows = max(1, BLOCK_SIZE // (block[0] * num_keys)) * block[0]
    progress = tqdm(total=batch * math.ceil(num_queries / rows), delay=PATIENCE, leave=False)
    maps, summaries = [], []
    for i in range(batch):
        summary = Summary((num_queries, num_keys), max(1, ROWS_DESCRIBED // batch))
        strips = []
        Q, K = queries[i : i + 1], keys[i : i + 1]
        lens, mask = valid.example(i)
        lens = None if lens is None else lens.expand(1, num_queries)
        for weights in attention.weights_in_blocks(Q, K, lens, mask=mask, rows=rows):
            summary.add(weights[0])
            strips.append(_pool(weights[0], block, pooling))
            progress.update()
        maps.append(torch.cat(strips))
        summaries.append(summary)
    progress.close()
    return torch.stack(maps)[None].float().cpu(), summaries


def _pool(weights: Tensor, block: tuple[int, int], pooling: str) -> Tensor:
    """Pool weights, (num_queries, num_keys); blocks at the far edges may be smaller."""
    # Rows first: a reduction over whole rows is the fast one, and leaves little for the second.
    for size in block:
        reduce = torch.amax if pooling == "max" else torch.mean
        whole = len(weights) // size * size
        parts = [reduce(weights[:whole].unflatten(0, (-1, size)), 1)] if whole else []
        if whole < len(weights):
            parts.append(reduce(weights[whole:], 0, keepdim=True))
        weights = torch.cat(parts).mT
    return weights
