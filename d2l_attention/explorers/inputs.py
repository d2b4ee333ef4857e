"""What an explorer is given, read into batches on one device, and handed out in the caller's shape."""

import math
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING, TypeGuard

import torch
from torch import Tensor, nn

from ..checks import check_inputs
from ..language import gettext as _
from ..masks import read_mask, read_valid_lens
from ..plain import DTYPES, check_float32, kind_of, read_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

AXES = {"queries": "num_queries, query_size", "keys": "num_keys, key_size"}
AXES["values"] = "num_keys, value_size"


# Temperatures and distances that float32, and so the browser, can divide by.
LEAST, MOST = 1e-30, 1e30


def read_temperature(value: object) -> float:
    """Read what scores are divided by: a number from 1e-30 to 1e30.

    Infinity is refused: JSON, addresses and the slider have none, and the largest does the same.
    """
    if not isinstance(value, Real) or isinstance(value, bool):
        words = _("temperature must be a number, not {type}")
        raise TypeError(words.format(type=type(value).__name__))
    if value == math.inf:
        words = _(
            "temperature is {value}, but a figure needs a finite one: at {most:g} all keys have the same "
            "weight, as at infinity"
        )
        raise ValueError(words.format(value=value, most=MOST))
    # The annotations of Real have no order.
    if not LEAST <= value <= MOST:  # type: ignore[operator]
        words = _(
            "temperature is {value}, but must be above 0 and finite (from {least:g} to {most:g})"
        )
        raise ValueError(words.format(value=value, least=LEAST, most=MOST))
    return float(value)


def read_inputs(attention: nn.Module, *tensors: Tensor) -> tuple[list[Tensor], bool]:
    """Copy queries, keys and values to the module's device, else the queries', as batches.

    Returns:
        The three, each (batch, rows, size) and detached, and whether they came without a batch.
    """
    for (name, axes), X in zip(AXES.items(), tensors, strict=True):
        if not is_plain(X) or X.ndim not in (2, 3) or 0 in X.shape:
            words = _(
                "{name} has {came}, but must be a tensor of shape ({axes}) or (batch, {axes}), "
                "with something in it"
            )
            raise ValueError(words.format(name=name, came=shape_or_type(X), axes=axes))
        if X.ndim != tensors[0].ndim:
            words = _(
                "{name} has shape {shape} and queries {queries}: all three need a batch axis, or "
                "none"
            )
            shapes = {"shape": tuple(X.shape), "queries": tuple(tensors[0].shape)}
            raise ValueError(words.format(name=name, **shapes))
    single = tensors[0].ndim == 2
    device = next((p.device for p in attention.parameters()), tensors[0].device)
    # (batch, rows, size)
    batches = [(X[None] if single else X).detach().to(device, copy=True) for X in tensors]
    check_inputs(*batches)
    for name, X in zip(AXES, batches, strict=True):
        check_float32(name, X)
    return batches, single


def is_plain(X: object) -> TypeGuard[Tensor]:
    """Whether this is a tensor whose numbers can be read one by one."""
    return isinstance(X, Tensor) and not kind_of(X)


def shape_or_type(X: object) -> str:
    """Say what came where a plain tensor of a certain shape is needed."""
    if is_plain(X):
        return _("shape {shape}").format(shape=tuple(X.shape))
    kind = kind_of(X) if isinstance(X, Tensor) else None
    return _("type {type}").format(type=kind or type(X).__name__)


def read_like(name: str, value: object, old: Tensor, most: float) -> Tensor:
    """Copy what is to stand in the place of a tensor, to its device and dtype.

    Args:
        most: what a number may be at most, in a figure of float64.
    """
    if not is_plain(value) or value.shape != old.shape:
        words = _("{name} has {came}, but must be a tensor of shape {needed}")
        came = shape_or_type(value)
        raise ValueError(words.format(name=name, came=came, needed=tuple(old.shape)))
    check_float32(name, value, most)
    made = value.detach().to(old.device, old.dtype, copy=True)
    if value.dtype != old.dtype and _are_lost(value.detach().to(old.device), made):
        words = _("{name} has numbers that {dtype} cannot hold")
        raise ValueError(words.format(name=name, dtype=old.dtype))
    return made


def _are_lost(given: Tensor, made: Tensor) -> bool:
    """Whether another dtype changes whole numbers, or makes finite ones infinite; it may round."""
    if given.is_floating_point():
        given = given if given.dtype in DTYPES else given.float()  # float8 says less of itself
        return bool((made.isinf() & given.isfinite()).any())
    return bool((made.to(given) != given).any())


def read_labels(name: str, labels: Iterable[object] | None, number: int) -> list[str] | None:
    """Read one label for each thing, as text."""
    if labels is None:
        return None
    texts = [str(label) for label in labels]
    if len(texts) != number:
        words = {
            "query_labels": _("query_labels has {count} entries, but there are {number} queries"),
            "key_labels": _("key_labels has {count} entries, but there are {number} keys"),
        }[name]
        raise ValueError(words.format(count=len(texts), number=number))
    return texts


def read_lens(
    valid_lens: "ArrayLike | None", queries: Tensor, single: bool
) -> tuple[Tensor | None, bool]:
    """Read valid lengths: (batch, num_queries), and whether each query has one, or each example.

    Without a batch, one number serves all queries, and (num_queries,) is one for each.
    """
    if valid_lens is None:
        return None, False
    lens = read_valid_lens(valid_lens, queries, not single)  # (batch, 1 or num_queries)
    by_query = read_numbers(valid_lens).ndim == (1 if single else 2)
    return lens.expand(queries.shape[:2]).clone(), by_query


def read_marks(
    mask: "ArrayLike | None", queries: Tensor, num_keys: int, single: bool
) -> Tensor | None:
    """Copy a mask to the queries' device: (1 or batch, 1 or num_queries, num_keys)."""
    if mask is None:
        return None
    if isinstance(mask, Tensor) and not mask.is_meta:
        mask = mask.to(queries.device)  # as the queries were
    return read_mask(mask, queries, num_keys, not single).clone()


def read_target(target: "ArrayLike | None", shape: torch.Size, single: bool) -> Tensor | None:
    """Read a goal for the weights, (batch, num_queries, num_keys); NaN where anything will do."""
    if target is None:
        return None
    needed = tuple(shape[1:] if single else shape)
    try:
        target = read_numbers(target, torch.float32).detach().to("cpu", copy=True)
    except (TypeError, ValueError, RuntimeError) as error:
        words = _("{name} is {type}, but must be numbers, {needed}: {error}")
        came = type(target).__name__
        said = words.format(name="target", type=came, needed=needed, error=error)
        raise TypeError(said) from None
    target = target[None] if single and target.ndim == 2 else target
    if target.shape != shape:
        words = _("target has shape {shape}, but must be that of the weights, {needed}")
        raise ValueError(words.format(shape=tuple(target.shape), needed=needed))
    wanted = target[~target.isnan()]
    if not wanted.numel():
        raise ValueError(_("target is NaN throughout, but must say what one weight is to be"))
    if ((wanted < 0) | (wanted > 1)).any():
        raise ValueError(
            _("target has weights outside [0, 1]; NaN is for those that may be anything")
        )
    return target
