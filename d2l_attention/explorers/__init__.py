"""The live figures."""

from .attention_explorer import AttentionExplorer, explore
from .live_heatmaps import LiveHeatmaps

__all__ = ["AttentionExplorer", "LiveHeatmaps", "explore"]
