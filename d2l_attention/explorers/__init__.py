"""The live figures."""

from .attention_explorer import AttentionExplorer, explore
from .database_explorer import DatabaseExplorer, explore_database
from .live_heatmaps import LiveHeatmaps

__all__ = ["AttentionExplorer", "DatabaseExplorer", "LiveHeatmaps", "explore", "explore_database"]
