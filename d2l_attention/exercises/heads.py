"""The exercises of the notebook on heads that learn to look."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import torch
from torch import Tensor

from ..language import gettext as _
from . import goals
from .checking import Answer, Trial, Wrong, exercise, shown

# Three tokens that two numbers tell apart.
CODES = {"A": (1.0, 0.0), "B": (0.0, 1.0), "C": (-1.0, -1.0)}


@exercise
def split_heads(answer: Answer) -> None:
    """Each head's share of the features, all heads of one example after another."""
    for shape, num_heads in (((1, 2, 4), 2), ((2, 2, 2), 2), ((1, 2, 2), 1), ((1, 2, 6), 3)):
        _splits(answer, _numbered(shape), num_heads)
    X = _numbered((2, 3, 2))
    _splits(answer, X, 2)
    try:
        _splits(answer, _transposed(X), 2)
    except Wrong as wrong:
        raise _of_memory(wrong) from None


@exercise
def join_heads(answer: Answer) -> None:
    """The inverse of split_heads: the features of all heads, side by side."""
    for shape, num_heads in (((1, 2, 4), 2), ((2, 2, 2), 2), ((1, 2, 2), 1), ((1, 2, 6), 3)):
        _joins(answer, _numbered(shape), num_heads)
    joined = _numbered((1, 3, 4))
    _joins(answer, joined, 2)
    try:
        _joins(answer, joined, 2, transposed=True)
    except Wrong as wrong:
        raise _of_memory(wrong) from None


def _numbered(shape: tuple[int, int, int]) -> Tensor:
    """Numbers that say where they stand: 100 · example + 10 · token + feature, from 1 on."""
    examples, tokens, features = (torch.arange(size, dtype=torch.float32) for size in shape)
    return 100 * examples[:, None, None] + 10 * tokens[:, None] + features + 1


def _transposed(X: Tensor) -> Tensor:
    """The same numbers, in memory column by column."""
    return X.mT.contiguous().mT


def _of_memory(wrong: Wrong) -> Wrong:
    words = _(
        "{words} The same numbers came out right from a contiguous X. This X is transposed, and its "
        "rows do not lie one after another in memory: use reshape, which minds that, and not view."
    )
    return Wrong(words.format(words=wrong))


def _splits(answer: Answer, X: Tensor, num_heads: int) -> None:
    batch, num_tokens, num_hiddens = X.shape
    size = num_hiddens // num_heads
    wanted = _split(X, num_heads)
    trial = Trial(answer, X=X, num_heads=num_heads)
    if (at := _first_off(trial, wanted)) is None:
        return
    i = at[0]
    words = _("result[{i}] is {came}, and should be head {h} of example {b}, {wanted}").format(
        i=i, b=i // num_heads, h=i % num_heads,
        came=shown(trial.result[i]), wanted=shown(wanted[i]),
    )  # fmt: skip
    heads_last = X.reshape(batch, num_tokens, size, num_heads)
    traps = (
        (
            X.reshape(wanted.shape),
            _("a reshape alone does not move the axis of the heads before that of the tokens"),
        ),
        (
            wanted.reshape(batch, num_heads, num_tokens, size).transpose(0, 1).flatten(0, 1),
            _("head 0 of every example comes first; all heads of example 0 should"),
        ),
        (
            heads_last.permute(0, 3, 1, 2).flatten(0, 1),
            _("the features of a head stand {num_heads} apart; they should be neighbours").format(
                num_heads=num_heads
            ),
        ),
    )
    raise _named(trial, words, traps)


def _joins(answer: Answer, joined: Tensor, num_heads: int, transposed: bool = False) -> None:
    batch, num_tokens, num_hiddens = joined.shape
    X = _split(joined, num_heads)
    trial = Trial(answer, X=_transposed(X) if transposed else X, num_heads=num_heads)
    if (at := _first_off(trial, joined)) is None:
        return
    b, t = at[:2]
    words = _("token {t} of example {b} is {came}, and should be {wanted}").format(
        t=t, b=b, came=shown(trial.result[b, t]), wanted=shown(joined[b, t])
    )
    heads = X.reshape(batch, num_heads, num_tokens, num_hiddens // num_heads)
    other_order = X.reshape(num_heads, batch, num_tokens, num_hiddens // num_heads)
    traps = (
        (
            X.reshape(joined.shape),
            _("a reshape alone does not move the axis of the heads back behind that of the tokens"),
        ),
        (
            other_order.permute(1, 2, 0, 3).flatten(2),
            _("it takes head 0 of every example to come first; all heads of example 0 do"),
        ),
        (
            heads.permute(0, 2, 3, 1).flatten(2),
            _("the features of the heads alternate; those of one head should stay together"),
        ),
    )
    raise _named(trial, words, traps)


def _split(X: Tensor, num_heads: int) -> Tensor:
    """What split_heads should give, cut out head by head."""
    return torch.stack([share for example in X for share in example.chunk(num_heads, dim=1)])


def _first_off(trial: Trial, wanted: Tensor) -> list[int] | None:
    """Find the first place where the result is not what is wanted, once it has its shape."""
    trial.has_shape(*wanted.shape)
    off = ~torch.isclose(trial.result.to(wanted), wanted, atol=1e-4, rtol=0.0)
    return off.nonzero()[0].tolist() if off.any() else None


def _named(trial: Trial, words: str, traps: Iterable[tuple[Tensor, str]]) -> Wrong:
    """Say what is wrong, and the reason where the result is that of a known mistake."""
    for trap, reason in traps:
        if torch.allclose(trial.result.to(trap), trap):
            return trial.wrong(f"{words}: {reason}")
    return trial.wrong(words)


@exercise
def head_lens(answer: Answer) -> None:
    """A causal mask over padded sentences, as lengths, for every head of every sentence."""
    for lens, num_tokens, num_heads in (
        ([3], 4, 1),
        ([2], 3, 2),
        ([1, 3], 3, 2),
        ([3, 0, 2], 3, 2),
        ([2, 1], 2, 3),
    ):
        arguments = {"num_tokens": num_tokens, "num_heads": num_heads}
        trial = Trial(answer, valid_lens=torch.tensor(lens), **arguments)
        owners = [b for b in range(len(lens)) for _head in range(num_heads)]
        rows = [[float(min(i + 1, lens[b])) for i in range(num_tokens)] for b in owners]
        wanted = torch.tensor(rows)
        if (at := _first_off(trial, wanted)) is None:
            continue
        row, b = at[0], owners[at[0]]
        words = _("row {row}, head {h} of example {b}, is {came}, and should be {wanted}").format(
            row=row, h=row % num_heads, b=b,
            came=shown(trial.result[row]), wanted=shown(wanted[row]),
        )  # fmt: skip
        repeated = wanted[::num_heads].repeat(num_heads, 1)
        if torch.equal(trial.result.to(wanted), repeated):
            reason = _(
                "lengths that differ tell the orders apart: repeat puts all examples one after "
                "another; split_heads keeps the heads of an example together, as repeat_interleave does"
            )
            raise trial.wrong(f"{words}: {reason}")
        raise trial.wrong(words + _why_lens(trial.result[row].tolist(), lens[b]))


def _why_lens(row: list[float], length: int) -> str:
    """Name the mistake that gives a row of lengths, if it is a known one."""
    places = range(len(row))
    reasons = (
        ([length for _i in places], _("each token sees the whole sentence, what follows it too")),
        ([i + 1 for i in places], _("the tokens at the end see padding")),
        ([min(i, length) for i in places], _("a token does not see itself")),
        ([min(i + 1, length) - 1 for i in places], _("a token does not see itself")),
        ([min(i + 2, length) for i in places], _("a token sees the next one")),
        ([min(i + 1, length) + 1 for i in places], _("a token sees the next one")),
    )
    return next((f": {reason}" for known, reason in reasons if row == known), "")


@exercise
def previous_token(answer: Answer) -> None:
    """The mean weight that each head puts on the token just before."""
    one = [[1.0, 0.0], [0.25, 0.75]]
    before, itself = [[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]
    for heads in (
        [one],
        [[[1.0, 0.0, 0.0], [0.75, 0.25, 0.0], [0.25, 0.5, 0.25]]],
        [one, before, itself],
    ):
        trial = Trial(answer, weights=torch.tensor(heads))
        means = [sum(w[i][i - 1] for i in range(1, len(w))) / (len(w) - 1) for w in heads]
        wanted = torch.tensor(means)
        if (at := _first_off(trial, wanted)) is None:
            continue
        (h,) = at
        came = trial.result[h].item()
        words = _("head {h} gets {came}, and should get {wanted}").format(
            h=h, came=shown(came), wanted=shown(means[h])
        )
        raise trial.wrong(words + _why_mean(came, heads[h]))


def _why_mean(came: float, weights: list[list[float]]) -> str:
    """Name the mistake that gives this number for a head's weights, if it is a known one."""
    n = len(weights)
    before, itself, after = (
        [weights[i][i + step] for i in range(n) if 0 <= i + step < n] for step in (-1, 0, 1)
    )
    diagonal = _("that is the diagonal, the weight on the token itself")
    first = _("that divides by {n}, and token 0, which has none before it, must not count")
    above = _("that is the diagonal above, the weight on the token after")
    reasons = (
        (sum(before) / n, first.format(n=n)),
        (sum(before), _("that is the sum, not the mean")),
        (sum(itself) / n, diagonal),
        (sum(itself[1:]) / (n - 1), diagonal),
        (sum(after) / (n - 1), above),
        (sum(after) / n, above),
    )
    return next((f": {reason}" for known, reason in reasons if abs(came - known) < 1e-4), "")


@exercise
def copy_from_before(answer: Any) -> None:
    """In the live figure, a token that comes again looks at what followed it, by W_k and lengths."""
    weights = goals.reach(answer, free=["W_k", "valid_lens"])
    goals.nothing_after(weights)
    for order in permutations("ABC"):
        text = (*order, *order[:2])
        X = _with_the_token_before(text).to(answer.W_k)[None]  # (1, num_tokens, 4)
        lens = torch.arange(1, len(text) + 1, device=X.device)[None]
        weights = answer.attention.weights(X, X, lens)[0].detach()
        for i in (3, 4):
            followed = i - 2  # the place after that of the same token
            if weights[i, followed] < 0.5:
                words = _(
                    "it is reached in A B C A B, but with the same matrices the second {token} of "
                    "{text} puts only {weight:.2f} of its weight on the {next} that followed the "
                    "first: a key should say which token stood before, not which is to come"
                )
                told = {"token": text[i], "text": " ".join(text), "next": text[followed]}
                raise Wrong(words.format(weight=weights[i, followed].item(), **told))


def _with_the_token_before(text: Iterable[str]) -> Tensor:
    """The code of each token and, beside it, that of the one before: (num_tokens, 4)."""
    codes = torch.tensor([CODES[token] for token in text])
    return torch.cat([codes, torch.cat([torch.zeros(1, 2), codes[:-1]])], dim=1)
