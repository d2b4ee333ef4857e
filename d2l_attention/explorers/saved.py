"""What a saved notebook keeps of a live figure: its inputs, from which a page can compute the rest."""

import json
import math

import torch
from anywidget import AnyWidget

RESULTS = ("scores", "weights", "output", "map")
# What a page knows by itself, in its language, or has no torch to compare with.
PAGE_KNOWS = ("words", "choices", "panels", "tolerance")
DIGITS = 6  # Torch's own float32 differs from machine to machine only beyond them.


def inputs(explorer: AnyWidget) -> str | None:
    """Write the inputs of an explorer as JSON; None where only a kernel can compute the results."""
    state = explorer.get_state(["_setup", "_now", "_numbers"])
    setup, now = state["_setup"], state["_now"]
    if setup.get("large") or ("kinds" in setup and setup["kinds"][now["scoring"]] is None):
        return None
    left_out = [*PAGE_KNOWS, "epoch", "device", "error", "arrays"]
    if setup["predict"] is None:
        left_out += ["predict", "shown"]
    numbers = torch.frombuffer(bytearray(state["_numbers"]), dtype=torch.float32)
    arrays = zip(now["arrays"], numbers.split([size for _, size in now["arrays"]]), strict=True)
    kept = {
        "kind": type(explorer).__name__,
        "setup": {name: x for name, x in setup.items() if name not in left_out},
        "now": {name: x for name, x in now.items() if name not in left_out},
        "numbers": {name: X.tolist() for (name, _), X in arrays if name not in RESULTS},
    }
    return json.dumps(_rounded(kept), ensure_ascii=False, separators=(",", ":"))


def _rounded(x: object) -> object:
    """Round numbers in lists and dictionaries; JSON has no NaN (null here) and no infinity."""
    if isinstance(x, dict):
        return {name: _rounded(part) for name, part in x.items()}
    if isinstance(x, (list, tuple)):
        return [_rounded(part) for part in x]
    if not isinstance(x, float):
        return x
    if math.isnan(x):
        return None
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    rounded = float(f"{x:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded
