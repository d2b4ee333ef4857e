"""Attention to take hold of: the helper package of the notebooks."""

from .attention import (
    AdditiveAttention,
    Attention,
    DistanceAttention,
    DotProductAttention,
    MultiplicativeAttention,
)
from .database import Database
from .devices import try_gpu
from .heatmaps import show_heatmaps
from .language import set_language
from .softmax import masked_softmax

__all__ = [
    "AdditiveAttention",
    "Attention",
    "Database",
    "DistanceAttention",
    "DotProductAttention",
    "MultiplicativeAttention",
    "masked_softmax",
    "set_language",
    "show_heatmaps",
    "try_gpu",
]
