"""The exercises of the notebook on additive attention."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, exercise


class _LargestMade(TorchDispatchMode):
    """Remember the largest tensor that is made: what it holds, however it is viewed."""

    numbers = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for X in result if isinstance(result, tuple | list) else (result,):
            if isinstance(X, Tensor):
                held = X.untyped_storage().nbytes() // X.element_size()
                self.numbers = max(self.numbers, held)
        return result


@exercise
def lean_scores(answer: Answer) -> None:
    """Additive scores of all queries and keys, without a tensor of queries × keys × hiddens."""
    _scores_are_right(answer, *([[x]] for x in (0.5, 0.25, 1.0, 2.0, 3.0)))
    generator = torch.Generator().manual_seed(0)
    shapes = ((2, 3), (3, 2), (2, 3), (2, 2), (1, 2))
    _scores_are_right(answer, *(torch.randn(s, generator=generator).tolist() for s in shapes))
    shapes = ((5, 2), (6, 3), (8, 2), (8, 3), (1, 8))
    arguments = [torch.randn(s, generator=generator).tolist() for s in shapes]
    trial, made = _scores_are_right(answer, *arguments)
    enough = 6 * 8  # one query beside all keys, and more than any argument or the result
    if made > enough:
        words = _("it makes a tensor of {made} numbers, where {enough} are enough")
        raise trial.wrong(words.format(made=made, enough=enough))


def _scores_are_right(answer: Answer, *arguments: list[list[float]]) -> tuple[Trial, int]:
    names = ("queries", "keys", "W_q", "W_k", "w_v")
    largest = _LargestMade()

    def watched(*arguments: Tensor) -> Any:
        with largest:
            return answer(*arguments)

    tensors = dict(zip(names, map(torch.tensor, arguments), strict=True))
    trial = Trial(watched, **tensors)
    queries, keys, W_q, W_k, (w_v,) = arguments
    scores = [
        [
            sum(
                v * math.tanh(_dot(row_q, query) + _dot(row_k, key))
                for v, row_q, row_k in zip(w_v, W_q, W_k, strict=True)
            )
            for key in keys
        ]
        for query in queries
    ]
    trial.is_near(torch.tensor(scores, dtype=torch.float64))
    return trial, largest.numbers


def _dot(x: list[float], y: list[float]) -> float:
    return sum(a * b for a, b in zip(x, y, strict=True))


@exercise
def like_with_like(answer: object) -> None:
    """In the live figure, each query attends to the key of its own sign, by the parameters."""
    goals.reach(answer, free=["W_q", "W_k", "w_v"])
