"""The plane explorer: queries and keys as points, over a map of where each key wins."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ..attention import Attention
from ..checks import check_tensor
from ..language import gettext as _
from ..language import ngettext
from ..masks import Valid
from ..number_text import number_text
from ..pictures import Png
from ..rows import scores_alone, takes_positions
from ..softmax import masked_softmax
from . import packing, still
from .attention_explorer import AttentionExplorer
from .attention_state import AttentionResult, AttentionState, State, compute, cool, score
from .inputs import LEAST, MOST, is_plain, shape_or_type
from .live_figure import Edit, StateTrait
from .modules import linked
from .plane_picture import Plane, draw_plane
from .scorings import words_of
from .still import failure, numbers_text
from .words import plane_words

ROWS = 256  # of the map: as many queries each way
ROUGH = 64  # while the reader holds a point: 16 times less to compute and to send
# Okabe and Ito's colours, which can be told apart with any colour vision.
COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999"]
POINTS = {"Q": "queries", "K": "keys", "V": "values"}


@dataclass(frozen=True)
class PlaneState(AttentionState):
    """What can be changed in a plane."""

    reach: float = 0.0  # the plane is drawn from −reach to reach
    held: bool = False  # the reader holds a point: the plane does not come back, the map is rough


@dataclass(frozen=True)
class PlaneResult(AttentionResult):
    """What follows, with the map: the winning key of each query of the plane, and its share."""

    chart: Tensor | None = None  # (2, ROWS²) or (2, ROUGH²), uint8


class PlaneExplorer(AttentionExplorer):
    """The live figure that `explore_plane` makes; see there.

    Q, K, V, temperature and scoring can be assigned, and with `predict=` prediction and shown;
    weights and output are what follows from them. All can be read and observed, and so can reach:
    the plane is drawn from −reach to reach.
    """

    _esm = linked("plane.js")

    reach = StateTrait(read_only=True)

    _state_type = PlaneState
    _result_type = PlaneResult
    _predictable = ("output",)
    _most = MOST

    def __init__(
        self, attention: Attention, queries: Tensor, keys: Tensor, values: Tensor | None = None,
        *, predict: str | None = None,
    ):  # fmt: skip
        self._tied = values is None
        values = keys if values is None else values
        for name, X in (("queries", queries), ("keys", keys), ("values", values)):
            _check_points(name, X)
        super().__init__(attention, queries, keys, values, predict=predict)

    def _words(self) -> dict[str, str]:
        return super()._words() | plane_words()

    def _read(self, state: State, values: Mapping[str, Any]) -> State:
        if "valid_lens" in values:
            raise ValueError(_("valid_lens cannot be set: the plane shows every key"))
        if "V" in values and self._tied:
            raise ValueError(
                _("V cannot be set: without values of their own, the keys are the values")
            )
        return super()._read(_reaching(state, self._first.reach), values)

    def _edited(self, state: State, edits: list[Edit], controls: dict[str, Any]) -> State:
        """Let the plane come back to its points, but not while the reader holds one."""
        others = {name: value for name, value in controls.items() if name != "held"}
        made = super()._edited(state, edits, others)
        return _reaching(made, self.reach, held=True) if controls.get("held") else made

    def _settled(self, state: PlaneState) -> PlaneState:
        """Let values follow keys that are tied to them, and the plane grow with its points."""
        if self._tied:
            state = replace(state, V=state.K)
        # One number tells both how far the points reach and whether all can be drawn.
        points = torch.cat([state.Q, state.K, state.V], dim=1)  # (1, all points, 2)
        largest = points.abs().max().item()
        if not largest <= MOST:
            for name in POINTS:
                _check_drawable(name, getattr(state, name))
        reach = state.reach if largest <= state.reach else _round_up(1.2 * largest)
        return replace(state, reach=reach if reach >= LEAST else 1.0)

    def _computed(self, attention: Attention, state: PlaneState, own: bool) -> PlaneResult:
        result = compute(attention, state, state.scoring, copies=own)
        chart = chart_of(attention, state, ROUGH if state.held else ROWS, copies=own)
        return PlaneResult(**vars(result), chart=chart)

    # The browser.

    def _describe(self) -> dict[str, Any]:
        return super()._describe() | {"tied": self._tied, "colours": COLOURS}

    def _results(self, result: PlaneResult) -> dict[str, Tensor | None]:
        if result.chart is None:
            return super()._results(result)
        # The bytes of the map travel as if they were floats.
        chart = result.chart.flatten().view(torch.float32)[None]
        return super()._results(result) | {"map": chart}

    def _pack(self, everything: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
        now, arrays = super()._pack(everything)
        return now, arrays | {"reach": torch.tensor([self.state.reach])}

    # What stays when there is no browser.

    def _sentence(self) -> str:
        state, result = self._shown
        n, m = state.Q.shape[1], state.K.shape[1]
        sizes = ngettext("{n} query", "{n} queries", n).format(n=n)
        sizes += ", " + ngettext("{m} key", "{m} keys", m).format(m=m)
        words = _("Plane: {sizes}; {scoring} at temperature {temperature:g}.")
        scoring = words_of(state.scoring)
        parts = [words.format(sizes=sizes, scoring=scoring, temperature=state.temperature)]
        if result.error:
            parts.append(failure(result.error))
        if result.weights is not None:
            columns = (X[0].cpu() for X in (state.Q, result.weights, result.output))
            answers = enumerate(zip(*columns, strict=True))
            parts += [_answer(i, rows, covered=not state.shown) for i, rows in answers]
        return " ".join([*parts, *still.prediction(state, result, self.presentation)])

    def _picture(self) -> Png:
        state, result = self._shown
        points = {"q": state.Q, "k": state.K}
        if not self._tied:
            points["v"] = state.V
        if result.output is not None and state.shown:
            points["o"] = result.output
        if state.prediction is not None:
            points["p"] = state.prediction
        notes = [] if state.shown else _weights_of(result)
        places = {name: X[0].float().cpu().numpy() for name, X in points.items()}
        if result.chart is None:
            return draw_plane(Plane(state.reach, places, notes=notes))
        keys, shares = result.chart.cpu().numpy()
        return draw_plane(Plane(state.reach, places, keys, shares, COLOURS, notes))


def _weights_of(result: PlaneResult) -> list[str]:
    """Say the weights of each query, from which a covered output can be predicted."""
    if result.weights is None:
        return []
    words = _("weights of q{i}: {weights}")
    rows = enumerate(result.weights[0])
    return [words.format(i=i, weights=numbers_text(row)) for i, row in rows]


def _reaching(state: Any, reach: float, held: bool = False) -> Any:
    return replace(state, reach=reach, held=held)


def _answer(i: int, rows: tuple[Tensor, ...], covered: bool) -> str:
    """Say which key a query attends to most and its output; if that is covered, all its weights."""
    query, weights, output = rows
    share, j = weights.max(dim=0)
    words = _("Query {i} at {query} attends most to key {j} ({share}); output {output}.")
    if covered:
        words = _("Query {i} at {query}: weights {weights}.")
    return words.format(
        i=i,
        query=f"({numbers_text(query)})",
        j=j.item(),
        share=number_text(share.item()),
        output=f"({numbers_text(output)})",
        weights=numbers_text(weights),
    )


@torch.no_grad()
def chart_of(attention: Attention, state: PlaneState, rows: int, copies: bool = False) -> Tensor:
    """Find which key each query of the plane attends to most, and its weight from 0 to 255.

    Queries go row by row from the top left: (2, rows * rows), uint8.
    """
    K = state.K
    x = state.reach * ((2 * torch.arange(rows, device=K.device).to(K) + 1) / rows - 1)
    y, x = torch.meshgrid(-x, x, indexing="ij")
    queries = torch.stack([x, y], dim=-1).reshape(1, -1, 2)  # (1, rows², 2)
    if copies and (takes_positions(attention) or not scores_alone(attention, queries, K, rows)):
        words = _(
            "{attention}.score depends on a query's position or on other queries, and a place in "
            "the plane has neither: use explore"
        )
        raise ValueError(words.format(attention=state.scoring))
    scores = score(attention, queries, K, state.scoring, copies)  # (1, rows², num_keys)
    weights = masked_softmax(cool(scores, Valid(), state.temperature))
    shares, keys = weights[0].max(dim=-1)
    return torch.stack([keys.byte(), (255 * shares).round().byte()])


def _check_points(name: str, X: object) -> None:
    if not is_plain(X) or X.ndim != 2 or X.shape[1] != 2 or not len(X):
        words = _("{name} has {came}, but must be points in the plane, (number, 2)")
        raise ValueError(words.format(name=name, came=shape_or_type(X)))
    check_tensor(name, X, ("number", "2"))
    _check_drawable(name, X)
    if len(X) > packing.CELLS:
        words = _("{name} has {count} points, but there can be {most} at most")
        raise ValueError(words.format(name=name, count=len(X), most=packing.CELLS))


def _check_drawable(name: str, X: Tensor) -> None:
    largest = X.abs().max().item()  # NaN if any entry is
    if not largest < math.inf:
        words = _("{name} has entries that are not finite, and cannot be drawn")
        raise ValueError(words.format(name=name))
    if largest > MOST:
        words = _("{name} has entries beyond {most:g}, and cannot be drawn")
        raise ValueError(words.format(name=name, most=MOST))


def _round_up(x: float) -> float:
    """Round up to one digit: 0.034 to 0.04."""
    power = 10.0 ** math.floor(math.log10(x))
    return math.ceil(x / power) * power


def explore_plane(
    attention: Attention, queries: Tensor, keys: Tensor, values: Tensor | None = None, *,
    predict: str | None = None,
) -> PlaneExplorer:  # fmt: skip
    r"""Show queries and keys as points in the plane, over a map of which key would win where.

    map(q) = argmax_j α(q, k_j), as sharp as max_j α(q, k_j), for every query q of the plane

    The output of each query, Σ_j α(q, k_j) v_j, lies inside the convex hull of the values. As in
    `explore`, the module is copied, and the real one computes on its device, else the queries'.

    Args:
        attention: any `Attention` that takes queries and keys of size 2.
        queries: (num_queries, 2), floating.
        keys: (num_keys, 2), likewise.
        values: (num_keys, 2), likewise; the keys themselves if left out.
        predict: "output" covers the outputs and asks the reader where they are, as in `explore`.

    Raises:
        TypeError, ValueError: an argument whose type, shape, dtype or number does not fit.

    Source: Dive into Deep Learning, sections "Queries, Keys, and Values" and "Attention Scoring
    Functions".

    >>> from d2l_attention import DistanceAttention
    >>> keys = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    >>> explore_plane(DistanceAttention(), queries=torch.zeros(1, 2), keys=keys).output
    tensor([[0., 0.]])
    """
    return PlaneExplorer(attention, queries, keys, values, predict=predict)
