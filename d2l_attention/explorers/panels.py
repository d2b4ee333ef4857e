"""Which matrices the attention explorer shows, and where: the picture is the algebra."""

from typing import Any

STEPS = ("weights", "scores", "mask", "parameters")  # how much of the computation is shown

# (row, column, rows) in the grid, without and with parameters: a product stands to the right of
# its left factor and below its right factor. In the order in which Tab visits them.
PLACES: dict[str, list[tuple[int, ...] | None]] = {
    "Q": [(2, 1), (3, 1)],
    "W_q": [None, (1, 2)],
    "W_k": [None, (2, 2)],
    "q": [None, (3, 2)],
    "K": [(1, 2), (1, 3)],
    "k": [None, (2, 3)],
    "w_v": [None, (2, 4)],
    "scores": [(2, 2), (3, 3)],
    "weights": [(2, 3), (3, 4)],
    "V": [(1, 4), (1, 5, 2)],
    "output": [(2, 4), (3, 5)],
}
# Sizes as drawn, and what a row and a column is.
AXES = {
    "Q": (("n", "dq"), ("query", "query feature")),
    "W_q": (("dq", "h"), ("query feature", "hidden")),
    "W_k": (("h", "dk"), ("hidden", "key feature")),
    "q": (("n", "h"), ("query", "hidden")),
    "K": (("dk", "m"), ("key feature", "key")),
    "k": (("h", "m"), ("hidden", "key")),
    "w_v": (("h", "1"), ("hidden", "")),
    "scores": (("n", "m"), ("query", "key")),
    "weights": (("n", "m"), ("query", "key")),
    "V": (("m", "v"), ("key", "value")),
    "output": (("n", "v"), ("query", "value")),
}
NOTHING = ["", ""]
LABELLED = {"Q": ["query", ""], "K": ["", "key"], "weights": ["", "key"], "V": ["key", ""]}
# Where the reader has named no queries or keys, their numbers stand here, too.
INDEXED = {
    "q": ["query", ""],
    "scores": ["query", "key"],
    "weights": ["query", ""],
    "output": ["query", ""],
}
TURNED = ("W_q", "K", "k")  # kept as torch keeps them, shown transposed
INPUTS = ("Q", "W_q", "W_k", "K", "w_v", "V")
FIRST = ("weights", "V", "output")  # what there is before queries and keys are shown


def panels(show: str) -> list[dict[str, Any]]:
    """Describe the panels of an explorer that shows so much, for the browser to draw."""
    labelled = LABELLED | ({"weights": ["query", "key"]} if show == "weights" else {})
    return [
        {
            "name": name,
            "plain": plain,
            "projected": projected,
            "shape": AXES[name][0],
            "axes": AXES[name][1],
            "labels": labelled.get(name, NOTHING),
            "indices": INDEXED.get(name, NOTHING),
            "turned": name in TURNED,
            "input": name in INPUTS,
        }
        for name, (plain, projected) in PLACES.items()
        if show != "weights" or name in FIRST
    ]
