"""Valid lengths: how they are read, the mask they make, and what stands where no query may look."""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from .language import gettext as _
from .plain import DTYPES, INTEGER_DTYPES, check_kind, read_numbers, structure_of
from .precision import widened

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

LARGEST = 2.0**31  # a length that float32 holds, past any number of keys


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


def valid_mask(valid_lens: Tensor, num_keys: int) -> Tensor:
    """Mark the keys that count: (batch, 1 or num_queries, num_keys), from lengths as read above."""
    return torch.arange(num_keys, device=valid_lens.device) < valid_lens[:, :, None]


def blank_empty_queries(queries: Tensor, valid_lens: Tensor) -> Tensor:
    """Put ones where a query may see no key: its answer is zero, whatever stands there."""
    return torch.where(valid_lens[:, :, None] > 0, queries, 1)


def blank_masked(X: Tensor, valid_lens: Tensor | None) -> Tensor:
    """Put ones where no query of an example may look, so that nothing there can do harm.

    A weight of zero is not enough: 0 · NaN is NaN, and so is the gradient. Ones and not zeros,
    because a score may divide by a key or take its logarithm.

    Args:
        X: keys or values, (batch, num_keys, size). Not modified.
        valid_lens: lengths as read above, or None.
    """
    if valid_lens is None:
        return X
    if valid_lens.shape[1] != 1:
        # The 0 that is appended serves where there are no queries.
        valid_lens = F.pad(valid_lens, (0, 1)).amax(dim=1, keepdim=True)  # (batch, 1)
    seen = valid_mask(valid_lens, X.shape[1]).mT  # (batch, num_keys, 1)
    return torch.where(seen, X, 1)
