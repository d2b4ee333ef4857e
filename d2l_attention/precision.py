"""The precision of scores: float32 at least, because half precision cannot hold them."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def widened(*tensors: Tensor) -> list[Tensor]:
    """Bring tensors to one dtype, float32 or wider."""
    dtype = torch.float32
    changes = False
    for X in tensors:
        if X.dtype != torch.float32:  # for small tensors each call counts
            dtype, changes = torch.promote_types(dtype, X.dtype), True
    return [X.to(dtype) for X in tensors] if changes else list(tensors)


def without_autocast(X: Tensor) -> AbstractContextManager[object]:
    """Leave autocast, which would round products on the device of X to half precision."""
    kind = X.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()


def output_dtype(values: Tensor) -> torch.dtype:
    """Return the dtype that a product with the values has: autocast's, where it is enabled."""
    kind = values.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.get_autocast_dtype(kind)
    return values.dtype
