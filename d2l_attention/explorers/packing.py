"""What the attention explorers send to the browser: sizes and words once, then arrays of numbers."""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..scales import pool_blocks
from .attention_state import AttentionState

CELLS = 64  # the most rows or columns that are drawn as cells
POOLED = 128  # the most that are sent of anything larger
RESULTS = ("scores", "weights", "output")


def is_large(state: AttentionState) -> bool:
    """Say whether a matrix has too many rows or columns to be cells."""
    return any(max(X.shape[1:]) > CELLS for X in (state.Q, state.K, state.V))


def sizes_of(state: AttentionState) -> dict[str, int]:
    """Name the sizes of a state's tensors, as the browser's arithmetic calls them."""
    Q, K, V = state.Q, state.K, state.V
    return {
        "batch": len(Q), "n": Q.shape[1], "m": K.shape[1], "dq": Q.shape[2], "dk": K.shape[2],
        "v": V.shape[2], "h": len(state.W_q),
    }  # fmt: skip


def describe_sizes(state: AttentionState) -> dict[str, Any]:
    """Give the browser the sizes of what is drawn, and the true shapes where that is pooled."""
    sizes = sizes_of(state)
    if not is_large(state):
        return {"sizes": sizes, "shapes": {}}
    n, m, v = sizes["n"], sizes["m"], sizes["v"]
    pairs = {"Q": (n, sizes["dq"]), "K": (sizes["dk"], m), "V": (m, v), "output": (n, v)}
    pairs |= {"scores": (n, m), "weights": (n, m)}
    shapes = {name: f"{rows} × {columns}" for name, (rows, columns) in pairs.items()}
    pooled = {name: _pooled_size(sizes[name]) for name in ("n", "m", "dq", "dk", "v")}
    return {"sizes": sizes | pooled, "shapes": shapes}


def _pooled_size(size: int) -> int:
    return math.ceil(size / math.ceil(size / POOLED))


def pool(X: Tensor) -> Tensor:
    """Keep the largest entries of blocks: (batch, rows, columns), at most POOLED by POOLED."""
    rows, columns = (math.ceil(size / POOLED) for size in X.shape[-2:])
    return pool_blocks(X.float()[:, None], (rows, columns))[:, 0]


def pooled_on_cpu(X: Tensor) -> Tensor:
    """Copy matrices to the CPU together, pooled if they are large: (number, rows, columns)."""
    return pool(X).to("cpu", copy=True)


def pack_inputs(state: AttentionState, target: Tensor | None) -> dict[str, Tensor]:
    """Gather inputs, parameters, the goal and the prediction."""
    X = {"Q": state.Q, "K": state.K, "V": state.V}
    # Of float32, as what is sent: half precision has no room for every whole number.
    full = torch.full(
        state.Q.shape[:2], state.K.shape[1], dtype=torch.float32, device=state.Q.device
    )
    lens = state.valid_lens
    if is_large(state):
        shown = slice(state.batch, state.batch + 1)
        X = {name: pool(x[shown]) for name, x in X.items()}
        full, lens = full.new_full(X["Q"].shape[:2], state.K.shape[1]), None
    X["valid_lens"] = full if lens is None else lens
    if state.mask is not None and not is_large(state):
        X["mask"] = state.mask.expand(*state.Q.shape[:2], -1)
    X |= {"W_q": state.W_q, "W_k": state.W_k, "w_v": state.w_v}
    more = {"target": target, "prediction": state.prediction}
    return X | {name: x for name, x in more.items() if x is not None}


def pack_results(state: AttentionState, results: Mapping[str, Tensor | None]) -> dict[str, Tensor]:
    """Gather the results of the example that is drawn; none before the first is computed."""
    shown = slice(state.batch, state.batch + 1)
    X = {name: x[shown] for name, x in results.items() if x is not None}
    return {name: pool(x) for name, x in X.items()} if is_large(state) else X


def edited(X: Tensor, edits: Mapping[int, Any]) -> Tensor:
    """Copy a tensor with other numbers at some places, counted row by row."""
    made = X.clone(memory_format=torch.contiguous_format)
    values = torch.tensor(list(edits.values()), dtype=X.dtype, device=X.device)
    made.view(-1)[list(edits)] = values
    return made
