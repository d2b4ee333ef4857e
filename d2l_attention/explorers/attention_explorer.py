"""The attention explorer: a figure of the whole computation whose every number can be changed."""

from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..attention import Attention
from ..checks import check_shows_its_weights
from ..language import gettext as _
from ..pictures import Png
from ..plain import MOST, check_float32
from . import packing, predictions, still
from .attention_state import AttentionResult, AttentionState, Presentation, State, compute
from .inputs import (
    read_inputs,
    read_labels,
    read_lens,
    read_like,
    read_marks,
    read_target,
    read_temperature,
)
from .live_figure import Edit, LiveFigure, StateTrait
from .modules import linked
from .notifications import differing
from .panels import STEPS, panels
from .scorings import PARAMETERS, Scorings, kind_of
from .words import attention_words

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class AttentionExplorer(LiveFigure):
    """The live figure that `explore` makes; see there.

    Q, K, V, W_q, W_k, w_v, valid_lens, temperature, scoring and batch can be assigned, alone or
    several at once with `assign`; scores, weights and output are what follows from them, and from
    mask, which stays. With `predict=` so can prediction and shown. All can be read and observed.
    Tensors are read as copies, in the shape in which the inputs were given.
    """

    _esm = linked("attention.js")

    Q, K, V, W_q, W_k, w_v, valid_lens = (StateTrait() for _ in range(7))
    temperature, scoring, batch, prediction, shown = (StateTrait() for _ in range(5))
    mask, scores, weights, output = (StateTrait(read_only=True) for _ in range(4))

    _state_type: type[AttentionState] = AttentionState
    _result_type: type[AttentionResult] = AttentionResult
    _predictable: tuple[str, ...] = tuple(predictions.COVERED)
    _most = MOST

    def __init__(
        self, attention: Attention, queries: Tensor, keys: Tensor, values: Tensor,
        valid_lens: "ArrayLike | None" = None, *, mask: "ArrayLike | None" = None,
        query_labels: list[str] | None = None, key_labels: list[str] | None = None,
        show: str | None = None, target: "ArrayLike | None" = None, predict: str | None = None,
    ):  # fmt: skip
        if not isinstance(attention, Attention):
            words = _("attention must be an Attention, not {type}")
            raise TypeError(words.format(type=type(attention).__name__))
        check_shows_its_weights(attention, Attention)
        if show not in (None, *STEPS):
            words = _("show is {show!r}, but must be one of {steps}")
            raise ValueError(words.format(show=show, steps=", ".join(STEPS)))
        predict = predictions.read_predict(predict, self._predictable)
        (Q, K, V), self._single = read_inputs(attention, queries, keys, values)
        lens, by_query = read_lens(valid_lens, Q, self._single)
        num_queries, num_keys = Q.shape[1], K.shape[1]
        self.presentation = Presentation(
            show=show or "parameters",
            words=self._words(),
            query_labels=read_labels("query_labels", query_labels, num_queries),
            key_labels=read_labels("key_labels", key_labels, num_keys),
            target=read_target(target, Q.shape[:2] + (num_keys,), self._single),
            predict=predict,
        )
        self._scorings = Scorings(attention, Q, K)
        parameters: dict[str, Any] = {**self._scorings.parameters()}
        for name, X in parameters.items():
            check_float32(name, X)
        sizes = {"weights": (*Q.shape[:2], num_keys), "output": (*Q.shape[:2], V.shape[2])}
        state = self._state_type(
            Q=Q, K=K, V=V, valid_lens=lens, lens_by_query=by_query, scoring=self._scorings.own,
            prediction=predictions.empty(predict, sizes), shown=predict is None,
            mask=read_marks(mask, Q, num_keys, self._single), **parameters,
        )  # fmt: skip
        if predict is not None and packing.is_large(state):
            words = _(
                "predict is {predict!r}, but nothing can be predicted in matrices of more than "
                "{cells} rows or columns"
            )
            raise ValueError(words.format(predict=predict, cells=packing.CELLS))
        super().__init__(state)

    def _words(self) -> dict[str, str]:
        return attention_words()

    @property
    def attention(self) -> Attention:
        """Give the module that computes, the explorer's own copy and never the one it was given."""
        return self._scorings.modules[self.state.scoring]

    @property
    def target_distance(self) -> float | None:
        """The largest difference between the weights and the target, where it says something."""
        return still.target_distance(self.result, self.presentation)

    def show(self) -> None:
        """Uncover what was to be predicted."""
        self.shown = True

    @property
    def prediction_distance(self) -> Tensor | None:
        """How far each row of the prediction is off, NaN where nothing was predicted.

        Of weights: Σ_j max(prediction_j − weight_j, 0), the share of the attention that was put in
        the wrong place; of an output: the Euclidean distance. (num_queries,) or, of a batch,
        (batch, num_queries); None where nothing is asked.
        """
        (state, result), predict = self._shown, self.presentation.predict
        if predict is None:
            return None
        off = predictions.distance(state.prediction, predict, getattr(result, predict))
        return off[0] if self._single else off

    @property
    def changed(self) -> list[str]:
        """The names of what was changed since the explorer was made, controls too; not the batch."""
        changed = differing(vars(self._first), vars(self.state))
        names = [name for name in self._state_names if self._has_changed(name, changed)]
        return [name for name in names if name != "batch"]

    # The state.

    def view(self, name: str, shown: tuple[Any, Any] | None = None) -> Any:
        """Find a part of the state or of the result, in the shape in which inputs were given."""
        shown = shown or self._shown
        X = super().view(name, shown)
        if not isinstance(X, Tensor) or name in PARAMETERS:
            return X
        if name == "valid_lens" and not shown[0].lens_by_query:
            X = X[:, 0]
        return X[0] if self._single else X

    def _reset_state(self) -> AttentionState:
        """Keep the example: which one is looked at is no change of it."""
        return replace(self._first, batch=self.state.batch)

    def _has_changed(self, name: str, changed: list[str]) -> bool:
        return name in changed or (name == "valid_lens" and "lens_by_query" in changed)

    def _read(self, state: State, values: Mapping[str, Any]) -> State:
        read: dict[str, Any] = {}
        for name, value in values.items():
            if name == "temperature":
                read[name] = read_temperature(value)
            elif name == "scoring":
                read[name] = self._read_scoring(value)
            elif name == "batch":
                read[name] = _read_batch(value, len(state.Q))
            elif name == "valid_lens":
                read[name], read["lens_by_query"] = read_lens(value, state.Q, self._single)
            elif name == "shown":
                read[name] = predictions.read_shown(value, self.presentation.predict)
            else:
                bare = self._single and name not in PARAMETERS
                value = self._read_tensor(name, value)
                read[name] = value[None] if bare and value is not None else value
        return replace(state, **read)

    def _read_tensor(self, name: str, value: Any) -> Tensor | None:
        names = [known for known in self._state_names if not self.traits()[known].read_only]
        if name not in names:
            words = _("{name} cannot be assigned, but {names} can")
            raise TypeError(words.format(name=name, names=", ".join(names)))
        old, predict = self.view(name), self.presentation.predict
        if name == "prediction":
            return predictions.read_prediction(value, old, predict)
        return read_like(name, value, old, self._most)

    def _read_scoring(self, value: object) -> str:
        if value not in list(self._scorings.modules):  # the value need not have a hash
            words = _("scoring is {scoring!r}, but must be one of {names}")
            raise ValueError(words.format(scoring=value, names=", ".join(self._scorings.modules)))
        return str(value)

    def _edited(self, state: State, edits: list[Edit], controls: dict[str, Any]) -> State:
        places: dict[str, dict[int, float | None]] = {}
        for name, index, value in edits:
            places.setdefault(name, {})[index] = value
        changed: dict[str, Any] = {}
        if "prediction" in places:
            rows, predict = self.view("prediction"), self.presentation.predict
            made = predictions.edited(rows, places.pop("prediction"), predict)
            changed["prediction"] = made[None] if self._single else made
        for name, values in places.items():
            X = getattr(state, name)
            if X is None:  # valid_lens: every key is valid
                shape, device = state.Q.shape[:2], state.Q.device
                X = torch.full(shape, state.K.shape[1], device=device)
            changed[name] = packing.edited(X, values)
        return self._read(replace(state, **changed), controls)

    @torch.no_grad()
    def _compute(self, state: AttentionState, previous: AttentionResult | None) -> AttentionResult:
        self._scorings.load({name: getattr(state, name) for name in PARAMETERS})
        attention = self._scorings.modules[state.scoring]
        own = kind_of(attention) is None
        try:
            return self._computed(attention, state, own)
        except Exception as error:
            if not own:
                raise
            # A reader's own score is at fault: the figure says so, and the notebook goes on.
            said = f"{type(error).__name__}: {error}"
            return replace(previous or self._result_type(), error=said)

    def _computed(self, attention: Attention, state: Any, own: bool) -> AttentionResult:
        return compute(attention, state, state.scoring, copies=own)

    # The browser.

    def _describe(self) -> dict[str, Any]:
        state, shown = self.state, self.presentation
        large = packing.is_large(state)
        described = packing.describe_sizes(state)
        labels = {"queryLabels": shown.query_labels, "keyLabels": shown.key_labels}
        counts = {"queryLabels": described["sizes"]["n"], "keyLabels": described["sizes"]["m"]}
        numbered = {name: labels[name] or list(map(str, range(counts[name]))) for name in labels}
        return described | {
            "batch": len(state.Q),
            "large": large,
            "named": {"query": bool(shown.query_labels), "key": bool(shown.key_labels)},
            "show": shown.show,
            "predict": shown.predict,
            "kinds": self._scorings.kinds(),
            "choices": self._scorings.choices(),
            "tolerance": 1e-3 if state.Q.dtype in (torch.float32, torch.float64) else 0.05,
            "words": shown.words,
            "panels": panels(shown.show),
            **(dict.fromkeys(labels) if large else numbered),
        }

    def _pack(self, everything: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
        state, result = self._shown
        now = {
            "temperature": state.temperature,
            "scoring": state.scoring,
            "batch": state.batch,
            "shown": state.shown,
            "lens": "query" if state.lens_by_query else "example",
            "device": str(state.Q.device),
            "error": result.error,
        }
        arrays = packing.pack_results(state, self._results(result))
        if everything or packing.is_large(state):
            arrays = packing.pack_inputs(state, self.presentation.target) | arrays
        return now, arrays

    def _results(self, result: Any) -> dict[str, Tensor | None]:
        return {name: getattr(result, name) for name in packing.RESULTS}

    # What stays when there is no browser.

    def _sentence(self) -> str:
        shown = self._shown
        return still.sentence(*shown, self.presentation, self.view("valid_lens", shown))

    def _picture(self) -> Png:
        return still.picture(*self._shown, self.presentation, kind_of(self.attention))


def _read_batch(value: object, count: int) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool):
        words = _("{name} must be a whole number, not {type}")
        raise TypeError(words.format(name="batch", type=type(value).__name__))
    value = int(value)
    if not 0 <= value < count:
        words = _("batch is {batch}, but there are {count}")
        raise ValueError(words.format(batch=value, count=count))
    return value


def explore(
    attention: Attention, queries: Tensor, keys: Tensor, values: Tensor,
    valid_lens: "ArrayLike | None" = None, *, mask: "ArrayLike | None" = None,
    query_labels: list[str] | None = None, key_labels: list[str] | None = None, show: str | None = None,
    target: "ArrayLike | None" = None, predict: str | None = None,
) -> AttentionExplorer:  # fmt: skip
    r"""Show the whole computation of attention as a figure whose every number can be changed.

    weights = masked_softmax(score(Q, K) / temperature, valid_lens, mask=mask);  output = weights V

    The browser draws at once, and the real module confirms: on its device, else the queries'.
    The module is copied (without dropout); the caller's is never touched. Matrices with more than
    64 rows or columns are drawn pooled and cannot be edited by cell.

    Args:
        attention: any `Attention`, the reader's own `score` included.
        queries: (batch, num_queries, query_size) or (num_queries, query_size), floating.
        keys, values: likewise, (…, num_keys, key_size) and (…, num_keys, value_size).
        valid_lens: as in `masked_softmax`; without a batch axis, an integer or (num_queries,).
        mask: likewise; without a batch axis, (num_queries, num_keys). It cannot be changed.
        query_labels, key_labels: names to draw beside the rows of queries and of keys.
        show: how much of it: "weights" (with values and output), "scores" (and Q, Kᵀ), "mask" (and
            the valid length) or "parameters" (and W_q, W_k, w_v); all there is if left out.
        target: a goal for the weights, of their shape, NaN where anything will do.
        predict: "weights" or "output": what the reader is to predict by hand. It is covered, with
            what follows from it, until `shown` (assignable, as `prediction` is) or `show()`;
            `prediction_distance` then says how far each row was off.

    Raises:
        TypeError, ValueError: an argument whose type, shape, dtype or number does not fit.

    Source: Dive into Deep Learning, sections "Queries, Keys, and Values" and "Attention Scoring
    Functions".

    >>> from d2l_attention import DotProductAttention
    >>> x = torch.tensor([[2.0, 0.0], [0.0, 2.0]])
    >>> explorer = explore(DotProductAttention(), queries=x, keys=x, values=x)
    >>> explorer.temperature = 0.5
    >>> explorer.weights
    tensor([[0.9965, 0.0035],
            [0.0035, 0.9965]])

    >>> explorer = explore(DotProductAttention(), x, x, x, predict="weights")
    >>> explorer.prediction = [[1.0, 0.0], [0.5, 0.5]]
    >>> explorer.prediction_distance
    tensor([0.0558, 0.4442])
    """
    return AttentionExplorer(
        attention, queries, keys, values, valid_lens, mask=mask, query_labels=query_labels,
        key_labels=key_labels, show=show, target=target, predict=predict,
    )  # fmt: skip
