"""Plain numbers: what carries more than these is honoured, as a mask of NumPy's, or refused by name."""

import numpy as np
import torch
from torch import Tensor

from .language import gettext as _

MOST = torch.finfo(torch.float32).max  # figures are of float32


def kind_of(X: Tensor) -> str | None:
    """Say what keeps the real numbers of a tensor from being read one by one; None of most tensors."""
    if isinstance(X, torch.masked.MaskedTensor):
        return "MaskedTensor"
    if X.is_nested:
        return "nested"
    if X.layout != torch.strided:
        return str(X.layout)
    if X.device.type == "meta" and type(X.detach()) is Tensor:  # a subclass may hold numbers
        return "meta"
    return str(X.dtype) if X.is_quantized or X.is_complex() else None


def read_numbers(value: object, dtype: torch.dtype | None = None) -> Tensor:
    """Read real numbers, from whatever holds them, as a tensor; what NumPy masks is NaN.

    Raises:
        TypeError, ValueError or RuntimeError: no numbers, or no plain ones.
    """
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], Tensor):
            value = torch.stack(list(value))
        elif any(isinstance(X, np.ma.MaskedArray) for X in value):
            value = np.ma.stack(value)
    if isinstance(value, np.ma.MaskedArray) and value.dtype.kind != "c":
        value = np.ma.filled(value.astype(np.float64), np.nan)
    # Of lists with the dtype, or they would get torch's default one, which may be narrower.
    X = torch.as_tensor(value, dtype=None if hasattr(value, "dtype") else dtype)
    if kind := kind_of(X):
        raise ValueError(_("{kind} is no plain tensor of real numbers").format(kind=kind))
    return X if dtype is None else X.to(dtype)


def check_float32(name: str, X: Tensor) -> None:
    """Refuse finite numbers that float32 cannot hold: they would be drawn as infinite."""
    if X.dtype != torch.float64:
        return
    low, high = X.aminmax()
    if -MOST <= low and high <= MOST:
        return
    if (X.isfinite() & (X.abs() > MOST)).any():
        words = _("{name} has entries beyond {most:g}, and cannot be drawn")
        raise ValueError(words.format(name=name, most=MOST))
