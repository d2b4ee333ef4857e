"""Checks of the reader's own answers to the exercises of the book."""

from . import heatmaps, lookups, pooling, scoring  # Each registers its exercises.
from .checking import Verdict, check, names

__all__ = ["Verdict", "check", "heatmaps", "lookups", "names", "pooling", "scoring"]
