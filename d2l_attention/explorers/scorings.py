"""The scoring functions that an explorer can switch between, all on the same queries and keys."""

import copy

import torch
from torch import Tensor

from ..attention import Attention, DistanceAttention, DotProductAttention
from ..language import gettext as _
from ..projected import AdditiveAttention, MultiplicativeAttention

# What the browser's engine calls the score of each class.
KINDS = {
    DotProductAttention: "dot",
    MultiplicativeAttention: "multiplicative",
    DistanceAttention: "distance",
    AdditiveAttention: "additive",
}
PROJECTED = (MultiplicativeAttention, AdditiveAttention)
PARAMETERS = ("W_q", "W_k", "w_v")
MOST_HIDDENS = 4


def kind_of(attention: Attention) -> str | None:
    """Name the score for the browser's engine; None for a score, or a pooling, of the reader's."""
    for cls, kind in KINDS.items():
        if (type(attention).score, type(attention).pool) == (cls.score, cls.pool):
            return kind
    return None


def name_of(attention: Attention) -> str:
    """Name a module by its class; a reader's own class may bear the name of one of ours."""
    name = type(attention).__name__
    taken = kind_of(attention) is None and name in {cls.__name__ for cls in KINDS}
    return _("{name} (yours)").format(name=name) if taken else name


@torch.no_grad()
def prepare(attention: Attention, queries: Tensor, keys: Tensor) -> Attention:
    """Copy a module for an explorer: its own weights, made if they were lazy, and no dropout."""
    attention = copy.deepcopy(attention).eval()
    attention.keep_weights = True
    if isinstance(attention, PROJECTED) and kind_of(attention):
        # Lazy weights are drawn on first use, which must not disturb the reader's own draws.
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            attention.score(queries[:, :1], keys[:, :1])
    return attention


@torch.no_grad()
def alternatives(attention: Attention, queries: Tensor, keys: Tensor) -> dict[str, Attention]:
    """Make a module of each scoring function that fits the sizes, by class name.

    Those with projections share W_q and W_k with each other, and with the module if it has them.
    """
    modules = {name_of(attention): attention}
    query_size, key_size = queries.shape[-1], keys.shape[-1]
    projected = isinstance(attention, PROJECTED) and kind_of(attention) is not None
    num_hiddens = attention.num_hiddens if projected else min(query_size, MOST_HIDDENS)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
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
            module.W_q, module.W_k = attention.W_q, attention.W_k
    if isinstance(attention, AdditiveAttention) and projected:
        additive.w_v = attention.w_v
    multiplicative.W_q, multiplicative.W_k = additive.W_q, additive.W_k
    others = [multiplicative, additive]
    if query_size == key_size:
        others = [DotProductAttention(), multiplicative, DistanceAttention(), additive]
    for module in others:
        modules.setdefault(type(module).__name__, module)
    return modules


def parameter(modules: dict[str, Attention], name: str) -> Tensor:
    """Find W_q, W_k or w_v, (rows, columns), which the modules share, to read or write in place."""
    return getattr(modules["AdditiveAttention"], name).weight.detach()


def choices(modules: dict[str, Attention]) -> list[dict]:
    """List the scoring functions for the browser, with the reason where one does not fit."""
    names = [cls.__name__ for cls in KINDS]
    reason = _("needs queries and keys of one size")
    own = [name for name in modules if name not in names]
    return [
        {"value": name, "words": name, "reason": None if name in modules else reason}
        for name in own + names
    ]
