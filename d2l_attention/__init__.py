"""Attention to take hold of: the helper package of the notebooks."""

from importlib import import_module

from .attention import Attention, DistanceAttention, DotProductAttention
from .database import Database
from .devices import try_gpu
from .heatmaps import show_heatmaps
from .language import set_language
from .maps import show_attention
from .projected import AdditiveAttention, MultiplicativeAttention
from .softmax import masked_softmax

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

# Live figures import a widget library, so not before one is asked for.
_LIVE = (
    "AttentionExplorer",
    "DatabaseExplorer",
    "LiveHeatmaps",
    "PlaneExplorer",
    "explore",
    "explore_database",
    "explore_plane",
)


def __getattr__(name: str):
    if name in _LIVE:
        return getattr(import_module(".explorers", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
