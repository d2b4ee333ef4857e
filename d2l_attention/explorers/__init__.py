"""The live figures."""

from .attention_explorer import AttentionExplorer, explore
from .database_explorer import DatabaseExplorer, explore_database
from .live_heatmaps import LiveHeatmaps
from .plane_explorer import PlaneExplorer, explore_plane

__all__ = [
    "AttentionExplorer",
    "DatabaseExplorer",
    "LiveHeatmaps",
    "PlaneExplorer",
    "explore",
    "explore_database",
    "explore_plane",
]
