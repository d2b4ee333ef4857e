"""A white sheet to draw a saved picture on with Pillow, in CSS pixels and twice as fine."""

import functools
import io
import math
import unicodedata
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..pictures import Png

FINENESS = 2  # pixels of the picture in a CSS pixel, so that text is sharp
INK = "#1a1a1a"
FAINT = "#555555"
LINE = "#767676"
HATCH = ((244, 244, 244), (196, 196, 196))  # the ground and the stripes of what is covered
STRIPE = 12  # pixels from a stripe to the next
ELLIPSIS = "…"
LONGEST = 400  # characters of a text that are looked at: no more of them ever fit
PAD = 4  # pixels around a line of text: letters may reach beyond their width
# Edges of letters in three steps: sharp at this fineness, and the file is half as large.
SOFTNESS = [85 * round(x / 85) for x in range(256)]


class Sheet:
    """Text, lines and images on white; every coordinate and size is in CSS pixels."""

    def __init__(self, width: float, height: float):
        # Whole CSS pixels: shown at any other size, text would be blurred.
        size = (FINENESS * math.ceil(width), FINENESS * math.ceil(height))
        self.image = Image.new("RGB", size, "white")
        self._draw = ImageDraw.Draw(self.image)

    def png(self) -> Png:
        """Compress what was drawn."""
        file = io.BytesIO()
        self.image.save(file, format="PNG")
        return Png(file.getvalue(), self.image.width // FINENESS)

    def text(
        self, x: float, y: float, text: str, size: float = 12, *, align: str = "left",
        ink: str = INK, bold: bool = False, halo: float = 0,
    ) -> None:  # fmt: skip
        """Write one line whose left end, middle or right end is at x, and its middle at y."""
        font, line = _font(bold, size), _printable(text)
        for colour, outline in (("white", _pixels(halo)), (ink, 0)):
            if colour == ink or outline:
                strip = _strip(line, font, outline)
                before = {"left": PAD, "middle": strip.width / 2, "right": strip.width - PAD}[align]
                corner = round(FINENESS * x - before), round(FINENESS * y - strip.height / 2)
                self.image.paste(colour, corner, strip)

    def upright_text(self, x: float, y: float, text: str, size: float) -> None:
        """Write one line that climbs from y, its middle at x."""
        strip = _strip(_printable(text), _font(False, size), 0).transpose(Image.Transpose.ROTATE_90)
        corner = round(FINENESS * x - strip.width / 2), _pixels(y) + PAD - strip.height
        self.image.paste(INK, corner, strip)

    def line(self, *xy: float, ink: str = LINE, width: float = 1) -> None:
        """Draw a line from (x, y) to (x, y)."""
        self._draw.line([_pixels(x) for x in xy], ink, _pixels(width))

    def box(self, left: float, top: float, width: float, height: float, fill: str) -> None:
        """Fill a rectangle; one without width or height is not there."""
        corners = _corners(left, top, width, height)
        if corners[0] <= corners[2] and corners[1] <= corners[3]:
            self._draw.rectangle(corners, fill)

    def frame(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        ink: str | tuple[int, ...] = LINE,
        thick: float = 1,
    ) -> None:
        """Draw the edge of a rectangle, inside it."""
        corners = _corners(left, top, width, height)
        self._draw.rectangle(corners, outline=ink, width=_pixels(thick))

    def polygon(self, corners: list[tuple[float, float]], fill: str) -> None:
        """Fill a polygon and draw its edge."""
        points = [(_pixels(x), _pixels(y)) for x, y in corners]
        self._draw.polygon(points, fill, INK, FINENESS)

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        """Fill a circle and draw its edge."""
        self._draw.circle((_pixels(x), _pixels(y)), _pixels(radius), fill, INK, FINENESS)

    def hatch(self, left: float, top: float, width: float, height: float) -> None:
        """Fill a rectangle with stripes: what would be there is covered."""
        down, across = np.ogrid[: _pixels(height), : _pixels(width)]
        stripes = ((down + across) % STRIPE < FINENESS).astype(int)
        image = Image.fromarray(np.array(HATCH, np.uint8)[stripes])
        self.image.paste(image, (_pixels(left), _pixels(top)))

    def pixels(
        self, left: float, top: float, width: float, height: float, colours: np.ndarray
    ) -> None:
        """Fill a rectangle with colours, (rows, columns, 3), each as large as any other."""
        size = (_pixels(width), _pixels(height))
        image = Image.fromarray(colours).resize(size, Image.Resampling.NEAREST)
        self.image.paste(image, (_pixels(left), _pixels(top)))


def text_width(text: str, size: float = 12, bold: bool = False) -> float:
    """Measure one line."""
    return _font(bold, size).getlength(_printable(text)) / FINENESS


def fitted(text: str, size: float, most: float) -> str:
    """Shorten one line to a width, with an ellipsis at its end."""
    text = _printable(text)
    if text_width(text, size) <= most:
        return text
    fits, fails = 0, len(text)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size) <= most:
            fits = middle
        else:
            fails = middle
    return text[:fits].rstrip() + ELLIPSIS


def wrapped(text: str, size: float, most: float, lines: int) -> list[str]:
    """Break text between words into lines of a width; more than `lines` end in an ellipsis."""
    done, line = [], ""
    for word in _printable(text).split():
        longer = f"{line} {word}".lstrip()
        if line and text_width(longer, size) > most:
            done.append(line)
            longer = word
        line = longer
    done.append(line)
    if len(done) > lines:
        done[lines - 1 :] = [f"{done[lines - 1]} {ELLIPSIS}"]
    return [fitted(line, size, most) for line in done if line]


def _printable(text: str) -> str:
    """Replace what would begin another line, or is no character."""
    broken = ("Cc", "Cs", "Zl", "Zp")
    return "".join(" " if unicodedata.category(c) in broken else c for c in text[:LONGEST])


def _pixels(x: float) -> int:
    return round(FINENESS * x)


def _corners(left: float, top: float, width: float, height: float) -> tuple[int, int, int, int]:
    """Name the first and the last pixel of a rectangle."""
    right, bottom = left + width, top + height
    return _pixels(left), _pixels(top), _pixels(right) - 1, _pixels(bottom) - 1


@functools.lru_cache(maxsize=1024)
def _strip(line: str, font: ImageFont.FreeTypeFont, outline: int) -> Image.Image:
    """Draw one line of text, to paste a colour through: as high as any other of its font."""
    ascent, descent = font.getmetrics()
    size = (math.ceil(font.getlength(line)) + 2 * PAD, ascent + descent + 2 * PAD)
    strip = Image.new("L", size)
    ImageDraw.Draw(strip).text((PAD, PAD), line, 255, font, stroke_width=outline)
    return strip.point(SOFTNESS)


def _font(bold: bool, size: float) -> ImageFont.FreeTypeFont:
    """Find DejaVu Sans, or what the reader chose in matplotlib's settings."""
    import matplotlib

    chosen = [tuple(matplotlib.rcParams[name]) for name in ("font.family", "font.sans-serif")]
    return _load_font(*chosen, bold, _pixels(size))


@functools.cache
def _load_font(
    family: tuple[str, ...], sans_serif: tuple[str, ...], bold: bool, size: int
) -> ImageFont.FreeTypeFont:
    import matplotlib

    defaults = matplotlib.rcParamsDefault
    if [*family, *sans_serif] == [*defaults["font.family"], *defaults["font.sans-serif"]]:
        name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
        return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), size)
    from matplotlib.font_manager import FontProperties, findfont

    file = findfont(FontProperties(family=list(family), weight="bold" if bold else "normal"))
    # A file may hold several faces.
    return ImageFont.truetype(file, size, index=getattr(file, "face_index", 0))
