"""The pictures inside HTML outputs: find them, and compare what they show."""

import base64
import io
import json
import re
from typing import Any

import numpy as np
from bs4 import BeautifulSoup, Tag
from PIL import Image

BLOCK = 4
TOLERANCE = 6 / 255
"""Fonts are drawn a little differently from machine to machine; a wrong cell differs by more."""

PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def attribute(tag: Tag, name: str) -> str:
    """An attribute of a tag; empty where the tag has none of that name."""
    return str(tag.get(name, ""))


def saved_state(html: str) -> dict[str, Any]:
    """What the HTML output of a live figure keeps of it; empty if there is none."""
    figure = parse(html).find("figure")
    state = attribute(figure, "data-d2l-attention") if isinstance(figure, Tag) else ""
    return json.loads(state or "{}")


def without_pictures(html: str) -> str:
    """The HTML with each picture's data left out."""
    return PNG.sub("data:image/png", html)


def pictures(html: str) -> list[np.ndarray]:
    """The pictures of an HTML output, as arrays of red, green, blue and opacity from 0 to 1."""
    return [_decode(data) for data in PNG.findall(html)]


def _decode(data: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        return np.asarray(image.convert("RGBA"), dtype=float) / 255


def difference(expected: np.ndarray, actual: np.ndarray) -> str | None:
    """In what way two pictures differ, or None if they show the same."""
    if expected.shape != actual.shape:
        height, width = expected.shape[:2]
        new_height, new_width = actual.shape[:2]
        return f"it was {width}×{height} pixels and is now {new_width}×{new_height}"
    distance = np.abs(_block_means(expected) - _block_means(actual)).max(axis=2)
    # The slack is for rounding: a mean that is off by the tolerance exactly is within it.
    wrong = distance > TOLERANCE + 1e-9
    if not wrong.any():
        return None
    rows, columns = np.nonzero(wrong)
    return (
        f"{wrong.sum()} of {wrong.size} blocks of {BLOCK}×{BLOCK} pixels differ, by up to "
        f"{255 * distance.max():.0f}/255 (allowed: {255 * TOLERANCE:.0f}/255), between the pixels "
        f"({columns.min() * BLOCK}, {rows.min() * BLOCK}) and "
        f"({(columns.max() + 1) * BLOCK}, {(rows.max() + 1) * BLOCK}) from the top left"
    )


def _block_means(picture: np.ndarray) -> np.ndarray:
    height, width = (range(0, size, BLOCK) for size in picture.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(picture, height, axis=0), width, axis=1)
    # Blocks at the right and at the bottom may be smaller.
    heights, widths = (
        np.diff([*starts, size])
        for starts, size in zip((height, width), picture.shape, strict=False)
    )
    return sums / np.outer(heights, widths)[..., None]
