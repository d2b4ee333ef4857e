"""The attention explorer: a figure of the whole computation whose every number can be changed."""

import threading

import anywidget
import torch
from torch import Tensor
from traitlets import Bytes, Dict, Int, TraitType, Unicode, observe, validate

from ..attention import Attention
from ..checks import check_scores
from ..masks import blank_masked
from ..pictures import figure_html, plain_style
from . import packing, saved, scorings, still
from .inputs import Temperature, equal, read_inputs, read_labels, read_lens, read_like, read_target
from .modules import linked, style
from .words import attention_words

STEPS = ("weights", "scores", "mask", "parameters")
INPUTS = ("Q", "K", "V")
RESULTS = ("scores", "weights", "output")


class _TensorTrait(TraitType):
    """A tensor of the explorer: read as a copy, assigned as a whole, observed like any trait."""

    def get(self, obj, cls=None):
        return obj._read(self.name)

    def set(self, obj, value):
        old = obj._read(self.name)
        obj._write(self.name, value)
        new = obj._read(self.name)
        # Equal is silent, so that two explorers can follow each other.
        if not equal(old, new):
            obj._notify_trait(self.name, old, new)


class AttentionExplorer(anywidget.AnyWidget):
    """The live figure that `explore` makes; see there.

    Q, K, V, W_q, W_k, w_v, valid_lens, temperature, scoring and batch can be assigned; scores,
    weights and output are what follows from them. All can be read and observed. Tensors are read
    as copies, in the shape in which the inputs were given.
    """

    _esm = linked("attention.js")
    _css = style()

    # What the browser starts from; kept small until state is asked for.
    _setup = Dict().tag(sync=True)
    _now = Dict().tag(sync=True)
    _numbers = Bytes().tag(sync=True)

    Q, K, V, W_q, W_k, w_v, valid_lens = (_TensorTrait() for _ in range(7))
    scores, weights, output = (_TensorTrait(read_only=True) for _ in range(3))
    temperature = Temperature(1.0)
    scoring = Unicode()
    batch = Int(0)

    def __init__(
        self, attention: Attention, queries: Tensor, keys: Tensor, values: Tensor, valid_lens=None,
        *, query_labels=None, key_labels=None, show: str | None = None, target=None,
    ):  # fmt: skip
        if not isinstance(attention, Attention):
            raise TypeError(f"attention must be an Attention, not {type(attention).__name__}")
        if show not in (None, *STEPS):
            raise ValueError(f"show is {show!r}, but must be one of {', '.join(STEPS)}")
        self._lock = threading.RLock()
        self._epoch = self._shuffles = 0
        self._said_by_browser: dict = {}
        self._result: dict[str, Tensor] | None = None
        self._error: str | None = None
        (Q, K, V), self._single = read_inputs(attention, queries, keys, values)
        lens, self._lens_kind = read_lens(valid_lens, Q, self._single)
        self._X = {"Q": Q, "K": K, "V": V, "valid_lens": lens}
        num_queries, num_keys = Q.shape[1], K.shape[1]
        self._query_labels = read_labels("query_labels", query_labels, num_queries, "queries")
        self._key_labels = read_labels("key_labels", key_labels, num_keys, "keys")
        self._target = read_target(target, Q.shape[:2] + (num_keys,), self._single)
        attention = scorings.prepare(attention, Q, K)
        self._modules = scorings.alternatives(attention, Q, K)
        self._show = show or "parameters"
        self._first = (scorings.name_of(attention), self._snapshot())
        super().__init__(scoring=self._first[0])

    @property
    def attention(self) -> Attention:
        """Give the module that computes, the explorer's own copy and never the one it was given."""
        return self._modules[self.scoring]

    @property
    def target_distance(self) -> float | None:
        """The largest difference between the weights and the target, where it says something."""
        if self._target is None or self._result is None:
            return None
        off = (self._result["weights"].cpu().float() - self._target).abs()
        return off[~self._target.isnan()].max().item()

    @property
    def changed(self) -> list[str]:
        """The names of what was changed since the explorer was made, controls too; not the batch."""
        (X, _kind, W), (scoring, (old_X, _kind, old_W)) = self._snapshot(), self._first
        names = [name for name, x in (X | W).items() if not equal(x, (old_X | old_W)[name])]
        controls = {"scoring": scoring, "temperature": 1.0}
        return names + [name for name, first in controls.items() if getattr(self, name) != first]

    def reset(self) -> None:
        """Go back to what the explorer was made with."""
        scoring, (X, lens_kind, parameters) = self._first
        with self._lock:
            self._X = {name: None if x is None else x.clone() for name, x in X.items()}
            self._lens_kind = lens_kind
            for name, weight in parameters.items():
                scorings.parameter(self._modules, name).copy_(weight)
            self.scoring, self.temperature = scoring, 1.0
            self._renew()

    def _read(self, name: str) -> Tensor | None:
        if name in scorings.PARAMETERS:
            return scorings.parameter(self._modules, name).clone()
        X = self._X[name] if name in self._X else (self._result or {}).get(name)
        if X is None:
            return None
        if name == "valid_lens" and self._lens_kind == "example":
            X = X[:, 0]
        return (X[0] if self._single else X).clone()

    def _write(self, name: str, value) -> None:
        with self._lock:
            if name == "valid_lens":
                self._X[name], self._lens_kind = read_lens(value, self._X["Q"], self._single)
            else:
                value = read_like(name, value, self._read(name))
                if name in scorings.PARAMETERS:
                    scorings.parameter(self._modules, name).copy_(value)
                else:
                    self._X[name] = value[None] if self._single else value
            self._renew()

    def _snapshot(self):
        copies = {name: None if X is None else X.clone() for name, X in self._X.items()}
        weights = {n: scorings.parameter(self._modules, n).clone() for n in scorings.PARAMETERS}
        return copies, self._lens_kind, weights

    @validate("scoring")
    def _check_scoring(self, proposal) -> str:
        if proposal.value not in self._modules:
            names = ", ".join(self._modules)
            raise ValueError(f"scoring is {proposal.value!r}, but must be one of {names}")
        return proposal.value

    @validate("batch")
    def _check_batch(self, proposal) -> int:
        if not 0 <= proposal.value < len(self._X["Q"]):
            raise ValueError(f"batch is {proposal.value}, but there are {len(self._X['Q'])}")
        return proposal.value

    @observe("temperature", "scoring", "batch")
    def _on_control(self, change) -> None:
        # What the browser said, it knows.
        tell = self._said_by_browser.get(change.name) != change.new
        with self._lock:
            self._renew(tell)

    def _renew(self, tell: bool = True) -> None:
        """Compute again; tell the browser, whose edits on their way are void from now on."""
        self._compute()
        if tell and self.comm is not None:
            self._epoch += 1
            self._send_state()

    @torch.no_grad()
    def _compute(self) -> None:
        Q, K, V, lens = (self._X[name] for name in (*INPUTS, "valid_lens"))
        attention = self.attention
        try:
            K = blank_masked(K, lens)
            scores = attention.score(Q, K)  # (batch, num_queries, num_keys)
            check_scores(self.scoring, scores, Q, K)
            output = attention.pool(scores / self.temperature, V, lens)
            result = {"scores": scores, "weights": attention.attention_weights, "output": output}
            result |= self._besides()
        except Exception as error:
            if scorings.kind_of(attention):
                raise
            # A reader's own score is at fault: the figure says so, and the notebook goes on.
            self._error = f"{type(error).__name__}: {error}"
            return
        self._error = None
        old = {name: self._read(name) for name in RESULTS}
        self._result = result  # at once: a cell may be reading while messages are handled
        for name in RESULTS:
            new = self._read(name)
            if not equal(old[name], new):
                self._notify_trait(name, old[name], new)

    def _besides(self) -> dict[str, Tensor]:
        return {}  # what else is drawn

    def get_state(self, key=None, drop_defaults=False):
        """Pack the numbers, which nothing keeps packed."""
        state = super().get_state(key, drop_defaults)
        if "_numbers" in state:
            with self._lock:
                state["_setup"] = packing.setup(self, attention_words())
                state["_now"], state["_numbers"] = packing.everything(self)
        return state

    def _send_state(self) -> None:
        now, numbers = packing.everything(self)
        self.send({"kind": "state", **now}, [numbers])

    def _handle_custom_msg(self, content, buffers) -> None:
        # Messages arrive on another thread while a cell runs.
        with self._lock:
            if content["kind"] == "hello":
                self._send_state()
            elif content["kind"] == "reset":
                self.reset()
            elif content["kind"] == "shuffle":
                packing.shuffle(self)
            elif content["kind"] == "edit":
                self._take_edits(content)

    def _take_edits(self, content: dict) -> None:
        stale = content["epoch"] != self._epoch
        if not stale:
            touched = packing.apply_edits(self, content["edits"])
            self._said_by_browser = content["controls"]
            for name, value in content["controls"].items():
                self.set_trait(name, value)
            self._said_by_browser = {}
            if touched:
                self._compute()
            for name, old in touched.items():
                self._notify_trait(name, old, self._read(name))
        now, numbers = packing.results(self)
        reply = {"sequence": content["sequence"], "id": content["id"], "stale": stale}
        self.send({"kind": "result", **now, **reply}, [numbers])

    # What stays when there is no browser.

    __repr__ = still.sentence
    _picture = still.picture

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        words = repr(self)
        data["text/plain"] = words
        with plain_style():
            data["text/html"] = figure_html(self._picture(), words, saved.inputs(self))
        return data, metadata


def explore(
    attention: Attention, queries: Tensor, keys: Tensor, values: Tensor, valid_lens=None, *,
    query_labels: list[str] | None = None, key_labels: list[str] | None = None,
    show: str | None = None, target=None,
) -> AttentionExplorer:  # fmt: skip
    r"""Show the whole computation of attention as a figure whose every number can be changed.

    weights = masked_softmax(score(Q, K) / temperature, valid_lens);  output = weights V

    The browser draws at once, and the real module confirms: on its device, else the queries'.
    The module is copied (without dropout); the caller's is never touched. Matrices with more than
    64 rows or columns are drawn pooled and cannot be edited by cell.

    Args:
        attention: any `Attention`, the reader's own `score` included.
        queries: (batch, num_queries, query_size) or (num_queries, query_size), floating.
        keys, values: likewise, (…, num_keys, key_size) and (…, num_keys, value_size).
        valid_lens: as in `masked_softmax`; without a batch axis, an integer or (num_queries,).
        query_labels, key_labels: names to draw beside the rows of queries and of keys.
        show: how much of it: "weights" (with values and output), "scores" (and Q, Kᵀ), "mask" (and
            the valid length) or "parameters" (and W_q, W_k, w_v); all there is if left out.
        target: a goal for the weights, of their shape, NaN where anything will do.

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
    """
    return AttentionExplorer(
        attention, queries, keys, values, valid_lens, query_labels=query_labels,
        key_labels=key_labels, show=show, target=target,
    )  # fmt: skip
