"""Plain numbers: what carries more than these is honoured, as a mask of NumPy's, or refused by name."""

import numpy as np
import torch
from torch import Tensor

from .language import gettext as _

MOST = torch.finfo(torch.float32).max  # figures are of float32
DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)  # that layers compute in
INTEGER_DTYPES = (
    torch.uint8, torch.uint16, torch.uint32, torch.uint64,
    torch.int8, torch.int16, torch.int32, torch.int64,
)  # fmt: skip
# The dtypes of which torch can read a number: of others, such as int4, it knows the name only.
REAL = {
    *DTYPES, *INTEGER_DTYPES, torch.bool, torch.float8_e4m3fn, torch.float8_e4m3fnuz,
    torch.float8_e5m2, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
}  # fmt: skip


def structure_of(X: Tensor) -> str | None:
    """Name the structure of a tensor that is no plain block of numbers; None of most tensors.

    A tensor on meta has no numbers, and yet the structure that a layer needs.
    """
    if isinstance(X, torch.masked.MaskedTensor):
        return "MaskedTensor"
    if X.is_nested:
        return "nested"
    return None if X.layout == torch.strided else str(X.layout)


def kind_of(X: Tensor) -> str | None:
    """Say what keeps the real numbers of a tensor from being read one by one; None of most tensors."""
    if kind := structure_of(X):
        return kind
    # A subclass on meta may hold numbers; torch's FakeTensor, which says it is elsewhere, has none.
    if type(X) is Tensor or type(X.detach()) is Tensor:
        if X.device.type == "meta":
            return "meta"
    elif X.device.type != "meta" and X.untyped_storage().device.type == "meta":
        return type(X).__name__
    return None if X.dtype in REAL else str(X.dtype)


def check_kind(name: str, kind: str | None) -> None:
    """Refuse a tensor of a kind, as the functions above name it."""
    if kind:
        words = _("{name} is of the kind {kind}, where a plain tensor of real numbers is needed")
        raise ValueError(words.format(name=name, kind=kind))


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
    # Only of real numbers: NumPy would also make numbers of dates, texts and complex ones.
    if isinstance(value, np.ma.MaskedArray) and value.dtype.kind in "biufO":
        value = np.ma.filled(value.astype(np.float64), np.nan)
    X = _as_tensor(value, None if hasattr(value, "dtype") else dtype)
    if kind := kind_of(X):
        raise ValueError(_("{kind} is no plain tensor of real numbers").format(kind=kind))
    X = X.resolve_neg() if X.is_neg() else X  # NumPy has no such views
    return X if dtype is None else X.to(dtype)


def _as_tensor(value: object, dtype: torch.dtype | None) -> Tensor:
    """Read a list with the dtype or, if it has fractions, as float64: torch's default is narrower."""
    try:
        X = torch.as_tensor(value, dtype=dtype)
        if dtype is None and not hasattr(value, "dtype") and X.is_floating_point():
            X = torch.as_tensor(value, dtype=torch.float64)
    except OverflowError as error:  # a whole number that no float can hold
        raise ValueError(str(error)) from None
    return X


def check_float32(name: str, X: Tensor, most: float = MOST) -> None:
    """Refuse finite float64 numbers beyond what float32, or a figure that holds less, can draw."""
    if X.dtype != torch.float64:
        return
    low, high = X.aminmax()
    if -most <= low and high <= most:
        return
    if (X.isfinite() & (X.abs() > most)).any():
        words = _("{name} has entries beyond {most:g}, and cannot be drawn")
        raise ValueError(words.format(name=name, most=most))
