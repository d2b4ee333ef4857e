"""The scoring functions that an explorer can switch between, all on the same queries and keys."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn.modules.lazy import LazyModuleMixin

from ..attention import Attention, DistanceAttention, DotProductAttention
from ..checks import is_plain_linear
from ..language import gettext as _
from ..projected import AdditiveAttention, MultiplicativeAttention
from ..rows import score_rows
from ..undisturbed import keep_random_numbers

# What the browser's engine calls the score of each class.
KINDS: dict[type[Attention], str] = {
    DotProductAttention: "dot",
    MultiplicativeAttention: "multiplicative",
    DistanceAttention: "distance",
    AdditiveAttention: "additive",
}
PROJECTED = (MultiplicativeAttention, AdditiveAttention)
PARAMETERS = ("W_q", "W_k", "w_v")
MOST_HIDDENS = 4


def kind_of(attention: Attention) -> str | None:
    """Name the score for the browser's engine; None if it may compute anything else than ours."""
    for cls, kind in KINDS.items():
        inherits = isinstance(attention, cls) and type(attention).score is cls.score
        layers = PARAMETERS if isinstance(attention, PROJECTED) else ()
        parts = [getattr(attention, name) for name in layers if hasattr(attention, name)]
        if inherits and all(map(is_plain_linear, parts)):
            return kind
    return None


class Scorings:
    """The modules of an explorer, by name: its own copy of the reader's, and those that fit beside.

    Those with projections share W_q and W_k with each other, and with the reader's if it has them.

    Args:
        attention: the reader's module, which is copied (without dropout) and never touched.
        queries, keys: what they will be called with, (batch, rows, size).
    """

    @torch.no_grad()
    def __init__(self, attention: Attention, queries: Tensor, keys: Tensor):
        # The last weights are shared and not copied: those of a call inside torch.func cannot be.
        parts = [part for part in attention.modules() if isinstance(part, Attention)]
        kept = {id(part.attention_weights): part.attention_weights for part in parts}
        attention = copy.deepcopy(attention, kept).eval()
        attention.keep_weights = True
        _initialise(attention, queries, keys)
        self.own = name_of(attention)
        self.modules = {self.own: attention, **_alternatives(attention, queries, keys)}
        if kind_of(attention) is not None:
            self.modules[self.own] = attention

    def parameters(self) -> dict[str, Tensor]:
        """Copy W_q, W_k and w_v, (rows, columns) each."""
        return {name: self._parameter(name).clone() for name in PARAMETERS}

    @torch.no_grad()
    def load(self, parameters: dict[str, Tensor]) -> None:
        """Put W_q, W_k and w_v into the modules."""
        for name, value in parameters.items():
            self._parameter(name).copy_(value)

    def _parameter(self, name: str) -> Tensor:
        return getattr(self.modules["AdditiveAttention"], name).weight.detach()

    def kinds(self) -> dict[str, str | None]:
        """Give what the browser's engine calls each score."""
        return {name: kind_of(module) for name, module in self.modules.items()}

    def choices(self) -> list[dict[str, str | None]]:
        """List the scoring functions for the browser, with the reason where one does not fit."""
        names = [cls.__name__ for cls in KINDS]
        reason = _("needs queries and keys of one size")
        own = [name for name in self.modules if name not in names]
        return [
            {"value": name, "words": words_of(name), "reason": None if name in self.modules else reason}
            for name in own + names
        ]  # fmt: skip


YOURS = " (yours)"


def name_of(attention: Attention) -> str:
    """Name a module by its class; a reader's own class may bear the name of one of ours."""
    name = type(attention).__name__
    taken = kind_of(attention) is None and name in {cls.__name__ for cls in KINDS}
    return name + YOURS if taken else name


def words_of(name: str) -> str:
    """Say the name of a scoring function in the reader's language."""
    own = name.removesuffix(YOURS)
    return name if own == name else _("{name} (yours)").format(name=own)


@contextmanager
def _own_random_numbers(device: torch.device) -> Iterator[None]:
    """Draw the same random numbers each time, and disturb none of the reader's."""
    with keep_random_numbers(device):
        torch.default_generator.manual_seed(0)
        if device.type == "cuda":
            with torch.cuda.device(device):
                torch.cuda.manual_seed(0)
        yield


def _initialise(attention: Attention, queries: Tensor, keys: Tensor) -> None:
    """Let lazy layers draw their weights; those that were loaded become plain in a first call."""
    if not any(isinstance(layer, LazyModuleMixin) for layer in attention.modules()):
        return
    with _own_random_numbers(queries.device):
        try:
            score_rows(attention, queries.clone(), keys.clone())
        except Exception:
            if type(attention) in KINDS:
                raise
            # The reader's own score is at fault, which the first computation reports.


def _alternatives(attention: Attention, queries: Tensor, keys: Tensor) -> dict[str, Attention]:
    """Make a module of each scoring function that fits the sizes, by class name."""
    query_size, key_size = queries.shape[-1], keys.shape[-1]
    projected = attention if isinstance(attention, PROJECTED) and kind_of(attention) else None
    num_hiddens = projected.num_hiddens if projected else min(query_size, MOST_HIDDENS)
    with _own_random_numbers(torch.device("cpu")):
        additive = AdditiveAttention(num_hiddens, query_size=query_size, key_size=key_size)
        multiplicative = MultiplicativeAttention(
            num_hiddens, query_size=query_size, key_size=key_size
        )
    for drawn in additive.parameters():
        # Two decimals: torch's draws differ in the last bits from one processor to another.
        drawn.copy_(drawn.mul(100).round().div(100))
    for module in (additive, multiplicative):
        module.to(queries.device, queries.dtype).eval()
        if projected:
            module.W_q, module.W_k = projected.W_q, projected.W_k
    if isinstance(projected, AdditiveAttention):
        additive.w_v = projected.w_v
    multiplicative.W_q, multiplicative.W_k = additive.W_q, additive.W_k
    made: dict[type[Attention], Attention] = {
        type(module): module for module in (multiplicative, additive)
    }
    others = [made.get(cls) or cls() for cls in KINDS if cls in made or query_size == key_size]
    return {type(module).__name__: module for module in others}
