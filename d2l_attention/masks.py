"""Which keys count: how lengths and masks are read, and what stands where no query may look."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .language import gettext as _
from .plain import DTYPES, INTEGER_DTYPES, check_kind, read_numbers, structure_of
from .precision import widened

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LARGEST = 2.0**31  # a length that float32 holds, past any number of keys
BLANK = 1  # not 0, because a score may divide by a key or take its logarithm


class Valid(NamedTuple):
    """Which keys count for a query: those before its length that its mask marks.

    The two stay apart, because what they say together may be as large as all weights.
    """

    lens: Tensor | None = None  # int64, (batch, 1 or num_queries)
    mask: Tensor | None = None  # boolean, (1 or batch, 1 or num_queries, num_keys)

    def rows(self, start: int, stop: int) -> "Valid":
        """Take what is said of some queries."""
        return Valid(*(X if X is None or X.shape[1] == 1 else X[:, start:stop] for X in self))

    def example(self, i: int) -> "Valid":
        """Take what is said of one example."""
        return Valid(*(X if X is None or len(X) == 1 else X[i : i + 1] for X in self))


def read_valid(
    valid_lens: "ArrayLike | None", mask: "ArrayLike | None", X: Tensor, num_keys: int,
    batched: bool = True,
) -> Valid:  # fmt: skip
    """Read the lengths and the mask that go with X, as the two functions below do."""
    lens = None if valid_lens is None else read_valid_lens(valid_lens, X, batched)
    if mask is None:
        return Valid(lens)
    return together(lens, read_mask(mask, X, num_keys, batched))


def together(lens: Tensor | None, mask: Tensor | None) -> Valid:
    """Let a key count where both lengths and mask, of the shapes of `Valid`, say so."""
    if lens is None or mask is None or lens.shape[1] == 1 or mask.shape[1] == 1:
        return Valid(lens, mask)
    # Both are for each query: a key that none may see is found only where both are laid together.
    return Valid(None, valid_mask(Valid(lens, mask), mask.shape[2]))


def read_valid_lens(valid_lens: "ArrayLike", X: Tensor, batched: bool = True) -> Tensor:
    """Read the lengths that go with X, (batch, num_queries, …).

    Args:
        batched: X came with its batch axis. If not, lengths come without one, too: a number, or
            (num_queries,).

    Returns:
        int64 on the device of X: (batch, 1), one for all queries, or (batch, num_queries).

    Raises:
        ValueError: the lengths are not numbers, or of another shape.
    """
    batch, num_queries = X.shape[:2]
    if not isinstance(valid_lens, Tensor):
        try:
            valid_lens = read_numbers(valid_lens)
        except (TypeError, ValueError, RuntimeError) as error:
            words = _("valid_lens must be {needed}: {error}")
            raise ValueError(words.format(needed=_needed(X, batched), error=error)) from None
    has_no_numbers = valid_lens.is_meta and not X.is_meta
    check_kind("valid_lens", "meta" if has_no_numbers else structure_of(valid_lens))
    if valid_lens.dtype not in (*INTEGER_DTYPES, *DTYPES):
        words = _("valid_lens has dtype {dtype}, but must be {needed}")
        if valid_lens.dtype == torch.bool:
            words = _("valid_lens has dtype {dtype}, but must be {needed}; booleans go into mask")
        raise ValueError(words.format(dtype=valid_lens.dtype, needed=_needed(X, batched)))
    lens = valid_lens if batched else valid_lens[None]
    # Compared one by one, so that a compiled module is not tied to these sizes.
    if lens.shape != (batch,) and lens.shape != (batch, num_queries):
        words = _("valid_lens has shape {shape}, but must be {needed}")
        shape = tuple(valid_lens.shape)
        raise ValueError(words.format(shape=shape, needed=_needed(X, batched)))
    if lens.is_floating_point():
        # j < length where j < ⌈length⌉; NaN, which is above no j, is no length at all.
        (lens,) = widened(lens)
        lens = lens.nan_to_num(nan=0.0).clamp(-1, LARGEST).ceil()
    elif lens.dtype == torch.uint64:
        lens = lens.to(torch.int64)
        lens = torch.where(lens < 0, int(LARGEST), lens)  # what int64 cannot hold
    lens = lens.to(X.device, torch.int64)
    return lens[:, None] if lens.ndim == 1 else lens


def _needed(X: Tensor, batched: bool) -> str:
    batch, num_queries = X.shape[:2]
    if not batched:
        words = _("an integer or integers of shape ({num_queries},), as queries have no batch axis")
        return words.format(num_queries=num_queries)
    words = _("integers of shape ({batch},) or ({batch}, {num_queries})")
    return words.format(batch=batch, num_queries=num_queries)


def read_mask(mask: "ArrayLike", X: Tensor, num_keys: int, batched: bool = True) -> Tensor:
    """Read the mask that goes with X, (batch, num_queries, …).

    Args:
        batched: X came with its batch axis. If not, the mask comes without one, too.

    Returns:
        Boolean on the device of X, (1 or batch, 1 or num_queries, num_keys).

    Raises:
        ValueError: the mask is not boolean, of another shape, or a tensor of another device.
    """
    needed = (*X.shape[:2], num_keys) if batched else (X.shape[1], num_keys)
    if isinstance(mask, np.ma.MaskedArray):
        mask = mask.filled(False)  # where NumPy has no number, nothing says that a key counts
    if not isinstance(mask, Tensor):
        try:
            mask = read_numbers(mask).to(X.device)
        except (TypeError, ValueError, RuntimeError) as error:
            words = _("mask must be {needed}: {error}")
            raise ValueError(words.format(needed=_needed_mask(needed), error=error)) from None
    check_kind("mask", structure_of(mask))
    if mask.dtype != torch.bool:
        words = _("mask has dtype {dtype}, but must be {needed}")
        raise ValueError(words.format(dtype=mask.dtype, needed=_needed_mask(needed)))
    if mask.device != X.device:
        words = _("mask is on {device}, but what it masks is on {needed}: move both to one device")
        raise ValueError(words.format(device=mask.device, needed=X.device))
    sizes = zip(mask.shape[::-1], needed[::-1], strict=False)
    if mask.ndim > len(needed) or any(size != 1 and size != most for size, most in sizes):
        words = _("mask has shape {shape}, but must be {needed}")
        raise ValueError(words.format(shape=tuple(mask.shape), needed=_needed_mask(needed)))
    return mask[(None,) * (3 - mask.ndim)].expand(-1, -1, num_keys)


def _needed_mask(shape: tuple[int, ...]) -> str:
    if len(shape) == 2:
        words = _(
            "booleans of shape {shape}, as queries have no batch axis, or what broadcasts to it"
        )
    else:
        words = _(
            "booleans of shape {shape}, or what broadcasts to it; one for each key of an example is "
            "(batch, 1, num_keys)"
        )
    return words.format(shape=tuple(shape))


def valid_mask(valid: Valid, num_keys: int) -> Tensor | None:
    """Mark the keys that count, (1 or batch, 1 or num_queries, num_keys); None if all do."""
    lens, mask = valid
    if lens is None:
        return mask
    before = torch.arange(num_keys, device=lens.device) < lens[:, :, None]
    return before if mask is None else before & mask


def guarded(
    valid: Valid, queries: Tensor, keys: Tensor, values: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Blank the queries that see nothing and the keys and values that nothing sees."""
    seen = blank_masked(keys, valid)
    values = seen if values is keys else blank_masked(values, valid)
    return blank_empty_queries(queries, valid), seen, values


def blank_empty_queries(queries: Tensor, valid: Valid) -> Tensor:
    """Put ones where a query may see no key: its answer is zero, whatever stands there."""
    lens, mask = valid
    if mask is None:
        return queries if lens is None else torch.where(lens[:, :, None] > 0, queries, BLANK)
    if not mask.shape[2]:
        return torch.where(mask.any(dim=2, keepdim=True), queries, BLANK)  # a gradient, of zeros
    # The first key that a mask marks is the last to be cut off by a length.
    sees, first = mask.max(dim=2, keepdim=True)  # (1 or batch, 1 or num_queries, 1)
    if lens is not None:
        sees = sees & (first < lens[:, :, None])
    return torch.where(sees, queries, BLANK)


def blank_masked(X: Tensor, valid: Valid) -> Tensor:
    """Put ones where no query of an example may look, so that nothing there can do harm.

    A weight of zero is not enough: 0 · NaN is NaN, and so is the gradient.

    Args:
        X: keys or values, (batch, num_keys, size). Not modified.
        valid: as `read_valid` returns it.
    """
    lens, mask = valid
    if lens is not None and lens.shape[1] != 1:
        # The 0 that is appended serves where there are no queries.
        lens = F.pad(lens, (0, 1)).amax(dim=1, keepdim=True)  # (batch, 1)
    if mask is not None and mask.shape[1] != 1:
        # amax takes a quarter of the time of any, but wants at least one query.
        reduce = mask.amax if mask.shape[1] else mask.any
        mask = reduce(dim=1, keepdim=True)  # (1 or batch, 1, num_keys)
    seen = valid_mask(Valid(lens, mask), X.shape[1])
    return X if seen is None else torch.where(seen.mT, X, BLANK)
