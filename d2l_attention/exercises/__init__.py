"""Checks of the reader's own answers to the exercises of the book."""

# Each registers its exercises.
from . import additive, heads, heatmaps, lookups, masking, order, pooling, scoring, work
from .checking import Verdict, check, names

__all__ = [
    "Verdict",
    "additive",
    "check",
    "heads",
    "heatmaps",
    "lookups",
    "masking",
    "names",
    "order",
    "pooling",
    "scoring",
    "work",
]
