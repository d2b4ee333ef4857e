"""The live figures."""

from .attention_explorer import AttentionExplorer, explore

__all__ = ["AttentionExplorer", "explore"]
