"""The saved picture of the plane explorer: points over a map of where each key wins."""

from dataclasses import dataclass, field

import numpy as np

from ..pictures import Png
from .colours import rgb
from .sheet import LINE, Sheet, fitted, text_width

SIDE = 384  # of the plane: a multiple of the rows of its map
MARGIN = 8
BESIDE = 6  # between the plane and the ends of its axes
END = 11  # the size of their letters, and of a point's name
NOTE = 20  # the height of a line below the plane
RADIUS = 4.5  # of a point
# Where a name stands beside its point, the first that is free: right or left, above or below.
SIDES = [(1, -1), (1, 1), (-1, -1), (-1, 1), (1, 0), (-1, 0), (0, -1), (0, 1)]
RINGS = 4  # how often all sides are tried, further out each time
Box = tuple[float, float, float, float]  # left, top, right, bottom
MARKS = {"q": "circle", "k": "square", "v": "triangle", "o": "diamond", "p": "cross"}


@dataclass
class Plane:
    """A square from −reach to reach, points in it by the letter of their names, and its map.

    `points` are (number, 2), by "q", "k", "v", "o" or "p" (predicted outputs). `keys` and `shares`
    are the key that wins at each pixel, row by row from the top left, and its weight from 0 to 255;
    `colours` those of keys; `notes` are lines below the plane.
    """

    reach: float
    points: dict[str, np.ndarray]
    keys: np.ndarray | None = None
    shares: np.ndarray | None = None
    colours: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def draw_plane(plane: Plane) -> Png:
    """Draw the map, then the points, then their names where no other name or point is."""
    end = f"{plane.reach:g}"
    left = MARGIN + text_width(f"−{end}", END) + BESIDE
    top = MARGIN + END / 2
    width = left + SIDE + MARGIN + text_width(end, END) / 2
    below = top + SIDE + BESIDE + 2 * END
    sheet = Sheet(width, below + NOTE * len(plane.notes))
    if plane.keys is not None and plane.shares is not None:
        sheet.pixels(left, top, SIDE, SIDE, mixed_colours(plane.keys, plane.shares, plane.colours))
    middle = SIDE / 2
    sheet.box(left, top + middle, SIDE, 0.5, LINE)
    sheet.box(left + middle, top, 0.5, SIDE, LINE)
    sheet.frame(left, top, SIDE, SIDE)
    for text, at in ((f"−{end}", 0), ("0", middle), (end, SIDE)):
        sheet.text(left + at, top + SIDE + BESIDE + END / 2, text, END, align="middle")
        sheet.text(left - BESIDE, top + SIDE - at, text, END, align="right")
    for at, note in enumerate(plane.notes):
        sheet.text(left, below + NOTE * (at + 0.5), fitted(note, END, SIDE), END)
    _draw_points(sheet, plane, left, top)
    return sheet.png()


def mixed_colours(keys: np.ndarray, shares: np.ndarray, names: list[str]) -> np.ndarray:
    """Mix the colour of each pixel's key with white, by its weight: (rows, columns, 3), uint8."""
    rows = round(len(keys) ** 0.5)
    colours = np.array([rgb(name) for name in names])
    colours = colours[np.asarray(keys, dtype=int) % len(colours)]
    mixed = 255 + (colours - 255) * (np.asarray(shares)[:, None] / 255)
    return np.floor(mixed + 0.5).astype(np.uint8).reshape(rows, rows, 3)


def _draw_points(sheet: Sheet, plane: Plane, left: float, top: float) -> None:
    places = {}
    for letter, X in plane.points.items():
        for i, (x, y) in enumerate(np.asarray(X, dtype=float)):
            if np.isfinite((x, y)).all():
                across, down = np.clip([x / plane.reach, -y / plane.reach], -1, 1)
                places[f"{letter}{i}"] = (
                    left + SIDE / 2 * (1 + across),
                    top + SIDE / 2 * (1 + down),
                )
    for name, place in places.items():
        _mark(sheet, MARKS[name[0]], *place)
    for name, box in name_boxes(places, (left, top, left + SIDE, top + SIDE)).items():
        sheet.text(box[0], (box[1] + box[3]) / 2, name, END, halo=1.5)


def name_boxes(places: dict[str, tuple[float, float]], bounds: Box) -> dict[str, Box]:
    """Find for the name of each point where it covers no other name, no point and no edge."""
    taken = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in places.values()]
    boxes = {}
    for name, place in places.items():
        tried = [
            _beside(place, text_width(name, END), side, RADIUS * (1 + ring))
            for ring in range(RINGS)
            for side in SIDES
        ]
        inside = [box for box in tried if _holds(bounds, box)]
        free = [box for box in inside if not any(_overlap(box, other) for other in taken)]
        boxes[name] = (free or inside)[0]
        taken.append(boxes[name])
    return boxes


def _mark(sheet: Sheet, mark: str, x: float, y: float) -> None:
    r = RADIUS
    if mark == "circle":
        sheet.circle(x, y, r, "white")
        return
    corners = {
        "square": [(-r, -r), (r, -r), (r, r), (-r, r)],
        "triangle": [(0, -1.2 * r), (1.1 * r, r), (-1.1 * r, r)],
        "diamond": [(0, -1.3 * r), (1.3 * r, 0), (0, 1.3 * r), (-1.3 * r, 0)],
        "cross": _cross(1.3 * r, 0.5 * r),
    }[mark]
    sheet.polygon([(x + across, y + down) for across, down in corners], "white")


def _cross(arm: float, half: float) -> list[tuple[float, float]]:
    """List the corners of a cross whose arms are so long and half so wide."""
    quarter = [(half, -arm), (half, -half), (arm, -half)]
    turned = [(-y, x) for x, y in quarter]
    return [*quarter, *turned, *[(-x, -y) for x, y in quarter + turned]]


def _beside(
    place: tuple[float, float], width: float, side: tuple[int, int], distance: float
) -> Box:
    (x, y), (across, down) = place, side
    height = END + 1
    x += across * (distance + width / 2)
    y += down * (distance + height / 2) * (1 if across == 0 else 0.8)
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
