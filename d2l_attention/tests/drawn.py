"""What is on a saved picture, read from its pixels."""

import io

import numpy as np
from PIL import Image, ImageColor

FINE = 2  # pixels in a CSS pixel


def pixels(png) -> np.ndarray:
    """Decode a picture: (height, width, 3), uint8."""
    image = Image.open(io.BytesIO(png.data))
    assert image.format == "PNG" and image.mode == "RGB" and image.info == {}
    assert image.width == FINE * png.width
    return np.asarray(image)


def where(picture: np.ndarray, colour) -> np.ndarray:
    """Find a colour, exactly: (height, width), bool."""
    if isinstance(colour, str):
        colour = ImageColor.getrgb(colour)
    # A channel at a time: `all` over an axis of three takes five times as long.
    red, green, blue = (picture[..., at] == part for at, part in enumerate(colour))
    return red & green & blue


def box_of(picture: np.ndarray, colour) -> tuple[int, int, int, int]:
    """Find the first and the last column and row that have a colour: left, top, right, bottom."""
    rows, columns = np.nonzero(where(picture, colour))
    assert len(rows), f"no pixel is {colour}"
    return columns.min(), rows.min(), columns.max(), rows.max()


def margin(picture: np.ndarray, width: int = 4) -> np.ndarray:
    """The pixels along the edges, where nothing may be drawn."""
    inner = picture[width:-width, width:-width]
    assert inner.size
    edges = np.ones(picture.shape[:2], dtype=bool)
    edges[width:-width, width:-width] = False
    return picture[edges]
