"""How an answer is checked: called on cases from small to large, until one shows what is wrong."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

from ..language import gettext as _
from ..plain import DTYPES, kind_of

READABLE = (*DTYPES, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)

Answer: TypeAlias = Callable[..., Any]
"""The function that most exercises ask for. What it returns is the reader's, and so checked."""
Check: TypeAlias = Callable[[Any], None]
_CHECKS: dict[str, Check] = {}


@dataclass(frozen=True)
class Verdict:
    """What a check has to say of an answer; it prints as its words."""

    passed: bool
    words: str

    def __repr__(self) -> str:
        return self.words


class Wrong(Exception):
    """The property that an answer lacks, in the reader's words, with the case that shows it."""


class Unsolved(Exception):
    """The answer is still the stub."""


def exercise(check: Check) -> Check:
    """Register a check under its own name: it takes an answer, and raises Wrong if it is."""
    _CHECKS[check.__name__] = check
    return check


def names() -> list[str]:
    """List the exercises that have a check."""
    return sorted(_CHECKS)


def check(**answer: object) -> Verdict:
    """Check an answer to an exercise, and say which property it lacks, with an example.

    Args:
        answer: what the exercise asks for, a function, a class, a number or a live figure, as an
            argument of the exercise's name.

    Returns:
        A verdict that prints in the chosen language. An answer that raises or returns the wrong
        thing gets a verdict too, never a traceback.

    Raises:
        TypeError: there is not one answer, or no exercise of its name; the message lists them.

    >>> check(spread=lambda weights: weights.sum(dim=-1))
    ✗ spread: for query 0 it gives 1 keys, and should give 1.384, for weights = [[0.9, 0.1]].
    """
    if len(answer) != 1 or not answer.keys() <= _CHECKS.keys():
        words = _("check takes one answer, to one of {names}; not {came}")
        came = ", ".join(answer) or _("nothing")
        raise TypeError(words.format(names=", ".join(names()), came=came))
    ((name, given),) = answer.items()
    try:
        _CHECKS[name](given)
    except Unsolved:
        return Verdict(False, _("… {name}: not solved yet.").format(name=name))
    except Wrong as wrong:
        return Verdict(False, f"✗ {name}: {wrong}")
    except Exception as error:  # noqa: BLE001  What was given may be anything at all.
        words = _("✗ {name}: this cannot be checked, because reading it raised {error}.")
        return Verdict(False, words.format(name=name, error=told(error)))
    return Verdict(True, _("✓ {name}: right in every case that was tried.").format(name=name))


class Trial:
    """One call of the reader's function: what it was given, what came back, what to say of it."""

    def __init__(self, answer: Answer, **arguments: object):
        self.arguments = arguments
        before = copy.deepcopy(arguments)
        try:
            self.result = answer(*arguments.values())
        except Exception as error:  # noqa: BLE001  Whatever it is, the reader is told.
            raise self.wrong(_("it raised {error}").format(error=told(error))) from None
        if self.result is None:
            raise Unsolved
        for name, x in arguments.items():
            if not _equal(x, before[name]):
                self.arguments = before
                raise self.wrong(_("it changes its argument {name}").format(name=name))

    def wrong(self, words: str) -> Wrong:
        """Say what is wrong, and in which case: to be raised."""
        case = ", ".join(f"{name} = {shown(x)}" for name, x in self.arguments.items())
        return Wrong(_("{words}, for {case}.").format(words=words, case=case) if case else words)

    def has_shape(self, *shape: int) -> None:
        """Require a tensor of this shape, and bring it where its numbers can be read."""
        if not isinstance(self.result, Tensor):
            words = _("it returns a {type}, and should return a tensor of shape {shape}")
            raise self.wrong(words.format(type=type(self.result).__name__, shape=shape))
        if kind := unreadable(self.result):
            words = _(
                "the result is of the kind {kind}, and should be a plain tensor of real numbers"
            )
            raise self.wrong(words.format(kind=kind))
        if self.result.shape != shape:
            words = _("the result has shape {came}, and should have {shape}")
            raise self.wrong(words.format(came=tuple(self.result.shape), shape=shape))
        self.result = self.result.detach().cpu()

    def rows_sum_to_one(self) -> None:
        """Require weights: nothing negative, and a sum of 1 along the last axis."""
        X = self.result
        if (X < 0).any():
            at = _place((X < 0).nonzero()[0])
            raise self.wrong(_("the weight at {at} is negative").format(at=at))
        sums = X.sum(dim=-1).flatten()
        for i, total in enumerate(sums.tolist()):
            if not abs(total - 1) < 1e-4:
                words = _("row {i} sums to {total}, and not to 1")
                raise self.wrong(words.format(i=i, total=shown(total)))

    def is_near(self, wanted: Tensor, words: str) -> None:
        """Require these numbers; `words` name the property that fails otherwise.

        They may hold {at}, {i}, {j}, {came} and {wanted}: the first place that is off, its first and
        its last index, and its numbers.
        """
        self.has_shape(*wanted.shape)
        came = self.result.to(wanted)
        off = ~torch.isclose(came, wanted, atol=1e-4, rtol=1e-4, equal_nan=True)
        if off.any():
            at = tuple(off.nonzero()[0].tolist())
            numbers = {"came": shown(came[at]), "wanted": shown(wanted[at])}
            raise self.wrong(words.format(at=_place(at), i=at[0], j=at[-1], **numbers))


def unreadable(X: Tensor) -> str | None:
    """Say what keeps the numbers of a tensor from being read one by one; None of most tensors."""
    if kind := kind_of(X):
        return kind
    if type(X.detach()) is not Tensor:
        return type(X).__name__
    return None if X.dtype in READABLE else str(X.dtype)


def shown(x: object) -> str:
    """Write an argument or a number as the reader would: whole, so cases must be small."""
    if isinstance(x, Tensor):
        return _listed(x.tolist())
    return f"{x:.4g}" if isinstance(x, float) else repr(x)


def _listed(x: object) -> str:
    return f"[{', '.join(map(_listed, x))}]" if isinstance(x, list) else f"{x:.4g}"


def _place(at: Iterable[int] | Tensor) -> str:
    return f"({', '.join(str(int(i)) for i in at)})"


def _equal(x: object, y: object) -> bool:
    """Say whether two arguments are the same, NaN in tensors included."""
    if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
        return x == y
    return torch.equal(x.detach().nan_to_num(nan=12345.0), y.detach().nan_to_num(nan=12345.0))


def told(error: Exception) -> str:
    """Write an error as a traceback's last line does, without what follows in other lines."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
