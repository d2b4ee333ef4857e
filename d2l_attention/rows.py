"""Scoring blocks of queries: a reader's score is told their positions, or must not depend on them."""

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from .checks import check_scores
from .language import gettext as _
from .plain import kind_of
from .precision import widened
from .streaming import transformed
from .undisturbed import evaluating, keep_random_numbers

# The check of a score looks at an eighth of a block, so that it costs little beside the call, and at
# three queries at least, so that one has others on both sides.
FEWEST = 3
SHARE = 8
# Rounding may change scores by this many times what other last bits of queries and keys change.
NOISE = 4


def score_rows(
    attention: nn.Module, queries: Tensor, keys: Tensor, positions: Tensor | None = None
) -> Tensor:
    """Call a module's `score`, and tell it the positions of its rows if it takes `positions`.

    Args:
        queries: (batch, num_queries, query_size): all rows of a call, or some.
        positions: (num_queries,), which rows of the call these are; all, if left out.
    """
    score: Any = attention.score
    if not takes_positions(attention):
        return score(queries, keys)
    if positions is None:
        positions = torch.arange(queries.shape[1], device=queries.device)
    return score(queries, keys, positions=positions)


def takes_positions(attention: nn.Module) -> bool:
    """Say whether a module's `score` has a parameter `positions`."""
    own, of_class = vars(attention).get("score"), getattr(type(attention), "score", None)
    # A cache needs a hash, which a callable object may lack, and torch.compile ignores caches.
    if own is None and inspect.isfunction(of_class) and not torch.compiler.is_compiling():
        return _names_positions_cached(of_class)
    return _names_positions(of_class if own is None else own)


def _names_positions(score: Any) -> bool:
    try:
        return "positions" in inspect.signature(score).parameters
    except (TypeError, ValueError):  # functions of C may have none to read
        return False


_names_positions_cached = lru_cache(maxsize=128)(_names_positions)


class ReadersScore:
    """The `score` of a reader's own class in one call, whose queries may come in blocks."""

    def __init__(self, attention: nn.Module, queries: Tensor):
        self._attention, self._queries, self._judged = attention, queries, False

    @property
    def needs_all_queries(self) -> bool:
        """Say whether to score all at once: a graph is recorded, in which rows cannot be judged."""
        records = torch.compiler.is_compiling() or torch.jit.is_tracing()
        return records and not takes_positions(self._attention)

    def __call__(self, queries: Tensor, keys: Tensor, positions: Tensor | None = None) -> Tensor:
        """Score all queries of the call or, given their positions, a block of them."""
        if positions is None:
            return _checked_scores(self._attention, queries, keys)
        # A score may work in place, and the next block needs what this one was given.
        copies = (X.clone() for X in (queries, keys, positions))
        scores = _checked_scores(self._attention, *copies)
        if not self._judged and _readable(scores):
            self._judged = True
            self._judge(keys, queries.shape[1])
        return scores

    def _judge(self, keys: Tensor, rows: int) -> None:
        num_queries = self._queries.shape[1]
        if rows == num_queries or scores_alone(self._attention, self._queries, keys, rows // SHARE):
            return
        words = _(
            "{attention}.score gets {rows} of {num_queries} queries at a time here, and gives a "
            "query alone other scores than among others. If it counts its rows, let it take a "
            "third parameter, score(queries, keys, positions): it is told which rows these are. If "
            "it looks at other queries, call the module with keep_weights=True, which scores all "
            "at once"
        )
        name = type(self._attention).__name__
        raise ValueError(words.format(attention=name, rows=rows, num_queries=num_queries))


def _checked_scores(
    attention: nn.Module, queries: Tensor, keys: Tensor, positions: Tensor | None = None
) -> Tensor:
    scores = score_rows(attention, queries, keys, positions)
    check_scores(type(attention).__name__, scores, queries, keys)
    return scores


def _readable(scores: Tensor) -> bool:
    """Say whether numbers can be read here, to be compared."""
    if torch.compiler.is_compiling() or torch.jit.is_tracing() or transformed():
        return False
    capturing = scores.is_cuda and torch.cuda.is_current_stream_capturing()
    return not capturing and kind_of(scores) is None


def scores_alone(attention: nn.Module, queries: Tensor, keys: Tensor, count: int) -> bool:
    """Say whether a query's scores depend on itself and the keys alone, in a sample of the queries.

    Some neighbours are scored together, and the one in their middle alone. The module is in eval
    mode meanwhile, and the state of the random number generators is restored.

    Args:
        count: how many queries to look at, if it is more than `FEWEST`.
    """
    if not keys.numel() or not queries.numel():
        return True
    num_queries = queries.shape[1]
    count = min(num_queries, max(FEWEST, count))
    start, middle = (num_queries - count) // 2, count // 2
    positions = torch.arange(num_queries, device=queries.device)

    def score(start: int, count: int, copy: Callable[[Tensor], Tensor] = torch.clone) -> Tensor:
        rows = slice(start, start + count)
        inputs = (copy(queries[:, rows]), copy(keys), positions[rows].clone())
        return _checked_scores(attention, *inputs)

    with torch.no_grad(), evaluating(attention), keep_random_numbers(queries.device):
        among = score(start, count)
        row = among[:, middle : middle + 1]
        alone = score(start + middle, 1)
        if _alike(alone, row):
            return True
        if not _alike(score(start, count), among):
            return True  # drawn at random, so that nothing can be said
        # A kernel may round one row otherwise than many: now it is the first of one more.
        more = min(count + 1, num_queries - start - middle)
        if more > count and _alike(score(start + middle, more)[:, :1], row):
            return True
        if torch.finfo(queries.dtype).eps > torch.finfo(torch.float32).eps:
            return False  # what half precision rounds is allowed for already
        # Where terms cancel, rounding weighs as much as the last bit of each query and key.
        last_bits = _apart(score(start, count, _last_bits_changed), among)
        return bool((_apart(alone, row) <= NOISE * last_bits.amax()).all())


def _last_bits_changed(X: Tensor) -> Tensor:
    """Change the last bits of each number: equal numbers stay equal, and whole parts stay as they are."""
    return X * 1.1 / 1.1 * (1 + 2 * torch.finfo(X.dtype).eps)


def _alike(scores: Tensor, others: Tensor) -> bool:
    """Say whether scores differ by the rounding of scores whose terms do not cancel, at most."""
    eps = torch.finfo(scores.dtype).eps
    finite = others.isfinite()
    size = widened(others.masked_fill(~finite, 0))[0].abs().amax(dim=-1)
    rounding = eps**0.75 * _spread(others, finite) + 4 * eps * size
    return bool((_apart(scores, others) <= rounding).all())


def _apart(scores: Tensor, others: Tensor) -> Tensor:
    """Measure how far scores differ, but for what is the same for all keys: softmax does not see it.

    Args:
        scores, others: (batch, rows, num_keys).

    Returns:
        (batch, rows); infinite where only one of them is a number, or they are other infinities.
    """
    finite = scores.isfinite() & others.isfinite()
    same = finite | (scores == others) | (scores.isnan() & others.isnan())
    scores, others = (torch.where(finite, X, 0) for X in widened(scores, others))
    return _spread(scores - others, finite).masked_fill(~same.all(dim=-1), torch.inf)


def _spread(X: Tensor, where: Tensor) -> Tensor:
    """Subtract the least of each row from its largest, (batch, rows), of the numbers that count."""
    (X,) = widened(X)
    largest, least = (
        X.masked_fill(~where, sign * torch.inf).aminmax(dim=-1)[sign < 0] for sign in (-1, 1)
    )
    return (largest - least).clamp(min=0)
