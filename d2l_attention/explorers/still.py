"""An explorer where nothing moves: a sentence and a picture of what it shows."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..descriptions import Labels, describe
from ..language import gettext as _
from ..number_text import number_text
from ..scales import colour_limits, colour_map
from . import packing
from .attention_state import AttentionResult, AttentionState, Presentation
from .scorings import words_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The picture is the algebra: a product stands to the right of its left factor and below its right.
PLAIN = [("", "K", "", "V"), ("Q", "scores", "weights", "output")]
WITH_PARAMETERS = [
    ("", "W_q", "K", "", ""),
    ("", "W_k", "k", "w_v", "V"),
    ("Q", "q", "scores", "weights", "output"),
]
CELL_INCHES = 0.42
MOST_NUMBERS = 200  # in a matrix whose cells carry them


def sentence(
    state: AttentionState, result: AttentionResult, shown: Presentation, lens: Tensor | None
) -> str:
    """Say what an explorer shows: its score, temperature, valid lengths and weights.

    Args:
        lens: the valid lengths, in the shape that readers know.
    """
    words = _("{scoring} at temperature {temperature:g}, valid lengths {lens}.")
    said = _("none") if lens is None else lens.tolist()
    scoring = words_of(state.scoring)
    parts = [words.format(scoring=scoring, temperature=state.temperature, lens=said)]
    if result.error:
        parts.append(_("The score failed: {error}.").format(error=result.error))
    if result.weights is not None:
        weights = result.weights.float().cpu()  # (batch, num_queries, num_keys)
        titles = None
        if len(weights) > 1:
            titles = [_("Example {i}").format(i=i) for i in range(len(weights))]
        names = (shown.key_labels, shown.query_labels)
        parts.append(describe(weights[None], Labels(_("Keys"), _("Queries"), titles, None, *names)))
    distance = target_distance(result, shown)
    if distance is not None:
        words = _("Distance from the goal: {distance}.")
        parts.append(words.format(distance=number_text(distance)))
    return " ".join(parts)


def target_distance(result: AttentionResult, shown: Presentation) -> float | None:
    """Find the largest difference between the weights and the goal, where it says something."""
    if shown.target is None or result.weights is None:
        return None
    off = (result.weights.cpu().float() - shown.target).abs()
    return off[~shown.target.isnan()].max().item()


def picture(explorer) -> "Figure":
    """Draw what the browser would show of the example that is chosen."""
    from matplotlib.figure import Figure

    panels = _panels(explorer)
    rows = [
        [name if name in panels else "." for name in line]
        for line in (WITH_PARAMETERS if "q" in panels else PLAIN)
    ]
    kept = [j for j in range(len(rows[0])) if any(row[j] != "." for row in rows)]
    rows = [[row[j] for j in kept] for row in rows if any(name != "." for name in row)]
    widths = [max(panels[r[j]][1].shape[1] for r in rows if r[j] != ".") for j in range(len(kept))]
    heights = [max(panels[name][1].shape[0] for name in row if name != ".") for row in rows]
    scale = CELL_INCHES * min(1, 28 / sum(widths))
    figure = Figure(
        figsize=(scale * (sum(widths) + 2 * len(widths)), scale * (sum(heights) + 2 * len(rows))),
        layout="constrained",
    )
    axes = figure.subplot_mosaic(
        rows, gridspec_kw={"width_ratios": widths, "height_ratios": heights}
    )
    masked = _masked(explorer)
    for name, (title, X) in panels.items():
        square = name in ("scores", "weights")
        _draw(axes[name], title, X, name == "weights", masked if square else None)
    _label(explorer, axes)
    return figure


def _panels(explorer) -> dict:
    """Name each matrix that is shown, with its title and its numbers."""
    words, i = attention_words(), explorer.batch
    X = {"Q": explorer._X["Q"][i], "K": explorer._X["K"][i].T, "V": explorer._X["V"][i]}
    X |= {name: x[i] for name, x in (explorer._result or {}).items()}
    kind = scorings.kind_of(explorer.attention)
    if explorer._show == "weights":
        X = {name: x for name, x in X.items() if name in ("weights", "V", "output")}
    elif explorer._show == "parameters" and kind in ("multiplicative", "additive"):
        W_q, W_k = (scorings.parameter(explorer._modules, name) for name in ("W_q", "W_k"))
        X |= {"W_q": W_q.T, "W_k": W_k, "q": X["Q"] @ W_q.T, "k": W_k @ X["K"]}
        if kind == "additive":
            X["w_v"] = scorings.parameter(explorer._modules, "w_v").T
    return {name: (words[f"title {name}"], packing.small(x)) for name, x in X.items()}


def _masked(explorer):
    """Mark the keys that a query of the example may not see: (num_queries, num_keys)."""
    if explorer._X["valid_lens"] is None or packing.is_large(explorer):
        return None
    lens = explorer._X["valid_lens"][explorer.batch].cpu()
    return torch.arange(explorer._X["K"].shape[1]) >= lens[:, None]


def _draw(ax, title: str, X, sequential: bool, masked) -> None:
    if masked is not None:
        X = X.masked_fill(masked, 0)
    if sequential:
        limits = (0.0, 1.0)
    else:
        reach = max(abs(limit) for limit in colour_limits(X))
        limits = (-reach, reach)
    colours = colour_map(limits)
    ax.imshow(X.numpy(), cmap=colours, vmin=limits[0], vmax=limits[1])
    ax.set_anchor("SW")
    ax.set_title(title, fontsize=9, loc="left")
    ax.set_xticks([])
    ax.set_yticks([])
    if X.numel() > MOST_NUMBERS:
        return
    for i, row in enumerate(X):
        for j, x in enumerate(row):
            if masked is not None and masked[i, j]:
                # Struck out, so that it cannot be taken for a small weight.
                ax.plot([j - 0.4, j + 0.4], [i + 0.4, i - 0.4], color="0.55", linewidth=1)
                continue
            red, green, blue, _alpha = colours((x.item() - limits[0]) / (limits[1] - limits[0]))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
            ink = "white" if dark else "black"
            ax.text(j, i, numbers_text(x), ha="center", va="center", fontsize=7, color=ink)


def numbers_text(X: torch.Tensor) -> str:
    """Write numbers in one line, as the browser does."""
    return ", ".join(number_text(x) for x in X.flatten().tolist())


def _label(explorer, axes) -> None:
    queries, keys = explorer._query_labels, explorer._key_labels
    first = axes.get("Q") or axes.get("weights")
    if queries and first:
        first.set_yticks(range(len(queries)), queries, fontsize=8, parse_math=False)
    if keys:
        axes["V"].set_yticks(range(len(keys)), keys, fontsize=8, parse_math=False)
        if "K" in axes:
            axes["K"].set_xticks(range(len(keys)), keys, fontsize=8, rotation=90, parse_math=False)
            axes["K"].xaxis.tick_top()
