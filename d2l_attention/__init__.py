"""Attention to take hold of: the helper package of the notebooks."""

from importlib import import_module
from typing import TYPE_CHECKING

from .attention import Attention, DistanceAttention, DotProductAttention
from .database import Database
from .devices import try_gpu
from .heatmaps import show_heatmaps
from .language import set_language
from .maps import show_attention
from .projected import AdditiveAttention, MultiplicativeAttention
from .softmax import masked_softmax

if TYPE_CHECKING:
    from .explorers import (
        AttentionExplorer,
        DatabaseExplorer,
        LiveHeatmaps,
        PlaneExplorer,
        explore,
        explore_database,
        explore_plane,
    )

__all__ = [
    "AdditiveAttention",
    "Attention",
    "AttentionExplorer",
    "Database",
    "DatabaseExplorer",
    "DistanceAttention",
    "DotProductAttention",
    "LiveHeatmaps",
    "MultiplicativeAttention",
    "PlaneExplorer",
    "explore",
    "explore_database",
    "explore_plane",
    "masked_softmax",
    "set_language",
    "show_attention",
    "show_heatmaps",
    "try_gpu",
]


def __getattr__(name: str) -> object:
    # Live figures import a widget library, so not before one is asked for.
    if name in __all__:
        return getattr(import_module(".explorers", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
