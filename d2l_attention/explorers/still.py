"""An explorer where nothing moves: a sentence and a picture of what it shows."""

from typing import TYPE_CHECKING

from ..descriptions import Labels, describe
from ..language import gettext as _
from ..scales import colour_limits, colour_map
from . import packing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL_INCHES = 0.42
MOST_NUMBERS = 200  # in a matrix whose cells carry them


def sentence(explorer) -> str:
    """Say what an explorer shows: its score, temperature, valid lengths and weights."""
    lens = explorer.valid_lens
    parts = [
        _("{scoring} at temperature {temperature:g}, valid lengths {lens}.").format(
            scoring=explorer.scoring,
            temperature=explorer.temperature,
            lens=_("none") if lens is None else lens.tolist(),
        )
    ]
    if explorer._error:
        parts.append(_("The score failed: {error}.").format(error=explorer._error))
    if explorer._result:
        weights = explorer._result["weights"].float().cpu()  # (batch, num_queries, num_keys)
        titles = None
        if len(weights) > 1:
            titles = [_("Example {i}").format(i=i) for i in range(len(weights))]
        names = (explorer._query_labels, explorer._key_labels)
        labels = Labels(_("Keys"), _("Queries"), titles, None, names[1], names[0])
        parts.append(describe(weights[None], labels))
    if explorer.target_distance is not None:
        distance = _("Distance from the goal: {distance:.2f}.")
        parts.append(distance.format(distance=explorer.target_distance))
    return " ".join(parts)


def picture(explorer) -> "Figure":
    """Draw what the browser would show of the example that is chosen, without parameters."""
    from matplotlib.figure import Figure

    panels = _panels(explorer)
    rows = [
        [name if name in panels else "." for name in line]
        for line in (("", "K", "", "V"), ("Q", "scores", "weights", "output"))
    ]
    kept = [j for j in range(4) if any(row[j] != "." for row in rows)]
    rows = [[row[j] for j in kept] for row in rows]
    widths = [max(panels[r[j]][1].shape[1] for r in rows if r[j] != ".") for j in range(len(kept))]
    heights = [max((panels[n][1].shape[0] for n in row if n != "."), default=1) for row in rows]
    scale = CELL_INCHES * min(1, 28 / sum(widths))
    figure = Figure(
        figsize=(scale * (sum(widths) + 2 * len(widths)), scale * (sum(heights) + 4)),
        layout="constrained",
    )
    axes = figure.subplot_mosaic(
        rows, gridspec_kw={"width_ratios": widths, "height_ratios": heights}
    )
    for name, (title, X) in panels.items():
        _draw(axes[name], title, X, (0.0, 1.0) if name == "weights" else None)
    _label(explorer, axes)
    return figure


def _panels(explorer) -> dict:
    i = explorer.batch
    X = {"Q": (_("queries Q"), explorer._X["Q"][i]), "K": (_("keys Kᵀ"), explorer._X["K"][i].T)}
    result = explorer._result or {}
    titles = {"scores": _("scores"), "weights": _("weights"), "output": _("output")}
    X |= {name: (titles[name], x[i]) for name, x in result.items()}
    X["V"] = (_("values V"), explorer._X["V"][i])
    if explorer._show == "weights":
        X = {name: x for name, x in X.items() if name in ("weights", "V", "output")}
    return {name: (title, packing.small(x)) for name, (title, x) in X.items()}


def _draw(ax, title: str, X, limits: tuple[float, float] | None) -> None:
    signed = limits is None
    if signed:
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
    for i, row in enumerate(X.tolist()):
        for j, x in enumerate(row):
            red, green, blue, _alpha = colours((x - limits[0]) / (limits[1] - limits[0]))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
            ink = "white" if dark else "black"
            ax.text(j, i, f"{x:.2f}", ha="center", va="center", fontsize=7, color=ink)


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
