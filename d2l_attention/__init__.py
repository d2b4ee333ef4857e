"""Attention to take hold of: the helper package of the notebooks."""

from .attention import (
    AdditiveAttention,
    Attention,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
)
from .devices import try_gpu
from .language import set_language
from .softmax import masked_softmax

__all__ = [
    "AdditiveAttention",
    "Attention",
    "DistanceAttention",
    "DotProductAttention",
    "MultiplicativeAttention",
    "masked_softmax",
    "set_language",
    "try_gpu",
]
