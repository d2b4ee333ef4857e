"""The colours of numbers, as painting.js has them."""

import functools
import math

import numpy as np

from ..scales import DIVERGING, NOT_FINITE, SEQUENTIAL

STEPS = 256
STRUCK = (255, 255, 255)
DARK = 140  # of 255: below it, numbers are white
LUMA = (0.299, 0.587, 0.114)


def rgb(colour: str) -> tuple[int, int, int]:
    """Read a colour such as #ffffff."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


@functools.cache
def table(sequential: bool) -> np.ndarray:
    """List the colours of a scale from its start to its end, (257, 3), uint8."""
    stops = np.array([rgb(colour) for colour in (SEQUENTIAL if sequential else DIVERGING)])
    at = np.arange(STEPS + 1) / STEPS * (len(stops) - 1)
    left = np.minimum(np.floor(at).astype(int), len(stops) - 2)
    mixed = stops[left] + (at - left)[:, None] * (stops[left + 1] - stops[left])
    return np.floor(mixed + 0.5).astype(np.uint8)


def colours_of(X: np.ndarray, sequential: bool, limit: float) -> np.ndarray:
    """Colour numbers, (…), on a scale from 0 (or −limit) to limit: (…, 3), uint8."""
    X = np.asarray(X, dtype=float)
    finite = np.isfinite(X)
    shares = np.where(finite, X, 0) / limit
    shares = np.clip(shares if sequential else (shares + 1) / 2, 0, 1)
    colours = table(sequential)[np.floor(shares * STEPS + 0.5).astype(int)]
    return np.where(finite[..., None], colours, np.array(rgb(NOT_FINITE), np.uint8))


def is_dark(colours: np.ndarray) -> np.ndarray:
    """Say where numbers must be white to be read, for colours (…, 3)."""
    return colours @ np.array(LUMA) < DARK


def nice_limit(X: np.ndarray) -> float:
    """Choose the end of the scale: 1, 2 or 5 times a power of ten, which stays as numbers move."""
    finite = np.abs(X[np.isfinite(X)])
    size = float(finite.max(initial=0)) or 1.0
    power = 10.0 ** math.floor(math.log10(size) + 1e-9)
    return power * next(step for step in (1, 2, 5, 10) if step * power >= size * 0.999999)
