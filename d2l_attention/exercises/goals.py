"""Goals that are set in a live figure."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from ..language import gettext as _
from ..number_text import number_text
from .checking import Wrong

REACHED = 0.05  # the same as in the figure


@runtime_checkable
class FigureWithGoal(Protocol):
    """What is asked of an `AttentionExplorer`, which a check need not import."""

    @property
    def weights(self) -> Tensor | None: ...  # None where the reader's score failed

    @property
    def target_distance(self) -> float | None: ...

    @property
    def changed(self) -> list[str]: ...


def reach(explorer: object, free: list[str]) -> Tensor:
    """Require that the weights are at the target, and that nothing but `free` changed.

    Returns:
        The weights, (…, num_queries, num_keys).
    """
    if not isinstance(explorer, FigureWithGoal):
        came = type(explorer).__name__
        raise Wrong(_("a live figure is needed, not {type}").format(type=came))
    if explorer.weights is None:
        raise Wrong(_("the score of this figure failed, so it has no weights"))
    distance = explorer.target_distance
    if distance is None:
        raise Wrong(_("this figure has no goal"))
    for name in explorer.changed:
        if name not in free:
            words = _("only {free} should be changed, and {changed} was too")
            raise Wrong(words.format(free=", ".join(free), changed=name))
    if not distance <= REACHED:  # NaN too
        words = _("the goal is not reached: the worst weight is off by {distance}")
        raise Wrong(words.format(distance=number_text(distance)))
    return explorer.weights


def nothing_after(weights: Tensor) -> None:
    """Require weights of exactly 0 on what lies after a query's own place."""
    for at in weights.triu(diagonal=1).nonzero().tolist():
        words = _("query {i} gives key {j} a weight of {weight:.4g}, and not exactly 0")
        raise Wrong(words.format(i=at[-2], j=at[-1], weight=weights[tuple(at)].item()))
