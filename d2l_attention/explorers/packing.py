"""What goes between an explorer and its browser: numbers in one buffer, and what they are."""

import math

import torch
from torch import Tensor

from ..scales import pool_blocks
from . import scorings
from .panels import panels

CELLS = 64  # the most rows or columns that are drawn as cells
POOLED = 128  # the most that are sent of anything larger


def is_large(explorer) -> bool:
    """Say whether a matrix has too many rows or columns to be cells."""
    return any(max(explorer._X[name].shape[1:]) > CELLS for name in "QKV")


def setup(explorer, words: dict) -> dict:
    """Describe what never changes: sizes, labels, words, and the scoring functions there are."""
    Q, K, V = (explorer._X[name] for name in "QKV")
    large = is_large(explorer)
    sizes = {"batch": len(Q), "n": Q.shape[1], "m": K.shape[1], "dq": Q.shape[2]}
    sizes |= {"dk": K.shape[2], "v": V.shape[2]}
    sizes["h"] = scorings.parameter(explorer._modules, "W_q").shape[0]
    shapes = {}
    if large:
        n, m, dq, dk, v = (sizes[name] for name in ("n", "m", "dq", "dk", "v"))
        pairs = {"Q": (n, dq), "K": (dk, m), "V": (m, v), "scores": (n, m), "weights": (n, m)}
        shapes = {name: f"{rows} × {columns}" for name, (rows, columns) in pairs.items()}
        shapes["output"] = f"{n} × {v}"
        sizes |= {name: _pooled_size(sizes[name]) for name in ("n", "m", "dq", "dk", "v")}
    labels = {"queryLabels": explorer._query_labels, "keyLabels": explorer._key_labels}
    counts = {"queryLabels": sizes["n"], "keyLabels": sizes["m"]}
    drawn = {name: _drawn(labels[name], counts[name], large) for name in labels}
    return {
        "sizes": sizes,
        "shapes": shapes,
        "batch": len(Q),
        "large": large,
        "named": {"query": bool(explorer._query_labels), "key": bool(explorer._key_labels)},
        "show": explorer._show,
        "kinds": {name: scorings.kind_of(m) for name, m in explorer._modules.items()},
        "choices": scorings.choices(explorer._modules),
        "words": words,
        "panels": panels(explorer._show),
        **drawn,
    }


def _drawn(labels: list[str] | None, count: int, large: bool) -> list[str] | None:
    if large:
        return None
    return labels or [str(i) for i in range(count)]


def _pooled_size(size: int) -> int:
    return math.ceil(size / math.ceil(size / POOLED))


def _pool(X: Tensor) -> Tensor:
    block = tuple(math.ceil(size / POOLED) for size in X.shape[-2:])
    return pool_blocks(X.float()[:, None], block)[:, 0]


def small(X: Tensor) -> Tensor:
    """Bring one matrix to the CPU, pooled if it is large: (rows, columns), float32."""
    return small_each(X[None])[0]


def small_each(X: Tensor) -> Tensor:
    """Copy matrices to the CPU together, pooled if they are large: (number, rows, columns)."""
    return _pool(X).to("cpu", copy=True)


def everything(explorer) -> tuple[dict, bytes]:
    """Pack inputs, parameters, target and results."""
    X = {name: explorer._X[name] for name in "QKV"}
    lens = explorer._X["valid_lens"]
    full = X["Q"].new_full(X["Q"].shape[:2], X["K"].shape[1])
    if is_large(explorer):
        X = {name: _pool(x[explorer.batch : explorer.batch + 1]) for name, x in X.items()}
        lens = full.new_full(X["Q"].shape[:2], X["K"].shape[1])
    X["valid_lens"] = full if lens is None else lens
    for name in scorings.PARAMETERS:
        X[name] = scorings.parameter(explorer._modules, name)
    if explorer._target is not None:
        X["target"] = explorer._target
    return _pack(explorer, X | _results(explorer))


def results(explorer) -> tuple[dict, bytes]:
    """Pack what changes when an input does; a large input is drawn pooled, for the example shown."""
    if is_large(explorer):
        return everything(explorer)
    return _pack(explorer, _results(explorer))


def _results(explorer) -> dict[str, Tensor]:
    shown = slice(explorer.batch, explorer.batch + 1)
    result = {name: X[shown] for name, X in (explorer._result or {}).items()}
    return {name: _pool(X) for name, X in result.items()} if is_large(explorer) else result


def _pack(explorer, X: dict[str, Tensor]) -> tuple[dict, bytes]:
    now = {
        "epoch": explorer._epoch,
        "temperature": explorer.temperature,
        "scoring": explorer.scoring,
        "batch": explorer.batch,
        "lens": explorer._lens_kind,
        "device": str(explorer._X["Q"].device),
        "error": explorer._error,
        "arrays": [[name, x.numel()] for name, x in X.items()],
    }
    # Joined where they are, so that they leave the device together.
    device = explorer._X["Q"].device
    flat = [x.detach().reshape(-1).to(device, torch.float32) for x in X.values()]
    return now, torch.cat(flat).cpu().numpy().tobytes()


def shuffle(explorer) -> None:
    """Draw new queries, keys and values, the same at the same shuffle, with two decimals."""
    explorer._shuffles += 1
    generator = torch.Generator().manual_seed(explorer._shuffles)
    for name in "QKV":
        X = explorer._X[name]
        drawn = torch.randn(X.shape, generator=generator, dtype=torch.float64)
        explorer._X[name] = drawn.mul(100).round().div(100).to(X)
    explorer._renew()


def apply_edits(explorer, edits: list) -> dict[str, Tensor]:
    """Write [name, index, value] into the inputs; return what the changed ones were."""
    touched = {}
    for name in dict.fromkeys(name for name, _index, _value in edits):
        touched[name] = explorer._read(name)
        where, values = zip(*((i, x) for n, i, x in edits if n == name), strict=True)
        if name in scorings.PARAMETERS:
            X = scorings.parameter(explorer._modules, name)
        elif name == "valid_lens" and explorer._X[name] is None:
            Q, K = explorer._X["Q"], explorer._X["K"]
            X = torch.full(Q.shape[:2], K.shape[1], device=Q.device)
        else:
            X = explorer._X[name].clone(memory_format=torch.contiguous_format)
        X.view(-1)[list(where)] = torch.tensor(values, dtype=X.dtype, device=X.device)
        if name not in scorings.PARAMETERS:
            explorer._X[name] = X
    return touched
