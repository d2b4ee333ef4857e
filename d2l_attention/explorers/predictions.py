"""What the reader predicts of a matrix that is covered: read, checked, measured, put into words.

A figure made with `predict=` covers the matrix asked for, and all that follows from it, until it
is shown. A row of a prediction is all NaN where nothing was predicted.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..language import gettext as _
from ..number_text import number_text
from ..plain import read_numbers
from . import packing

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# What may be asked for, and what is covered then.
COVERED = {"weights": ("weights", "output"), "output": ("output",)}
TOLERANCE = 1e-3  # of the sum of a row of weights
ALIKE = 1e-4  # weights that differ by less are equally large, as in prediction.js
DESCRIBED = 8  # rows, and numbers of a row, that are put into words


def read_predict(predict: object, choices: Sequence[str]) -> str | None:
    """Read the name of the matrix that is asked for; None where nothing is."""
    if predict is not None and predict not in choices:
        words = _("predict is {predict!r}, but must be {names}, or None")
        names = _(" or ").join(map(repr, choices))
        raise ValueError(words.format(predict=predict, names=names))
    return None if predict is None else str(predict)


def empty(predict: str | None, sizes: Mapping[str, tuple[int, ...]]) -> Tensor | None:
    """Make the prediction of who has predicted nothing; None where nothing is asked."""
    return None if predict is None else torch.full(sizes[predict], torch.nan, dtype=torch.float32)


def covered(predict: str | None, is_shown: bool) -> tuple[str, ...]:
    """Name the results that nobody may see yet."""
    return () if predict is None or is_shown else COVERED[predict]


def read_shown(value: object, predict: str | None) -> bool:
    """Read whether the truth is shown, as it always is where nothing is asked."""
    if not isinstance(value, bool):
        words = _("{name} must be True or False, not {value!r}")
        raise TypeError(words.format(name="shown", value=value))
    if predict is None and not value:
        raise ValueError(_("shown cannot be False: the figure was made without predict="))
    return value


def read_prediction(
    value: "ArrayLike | None", old: Tensor | None, predict: str | None
) -> Tensor | None:
    """Copy a prediction to the CPU, float32, of the shape of the one before, and check its rows."""
    if old is None:
        if value is not None:
            raise ValueError(_("prediction cannot be set: the figure was made without predict="))
        return None
    needed = tuple(old.shape)
    try:
        made = read_numbers(value, torch.float32).detach().to("cpu", copy=True)
    except (TypeError, ValueError, RuntimeError) as error:
        words = _("{name} is {type}, but must be numbers, {needed}: {error}")
        came = type(value).__name__
        said = words.format(name="prediction", type=came, needed=needed, error=error)
        raise TypeError(said) from None
    if made.shape != old.shape:
        words = _("prediction has shape {shape}, but must have {needed}")
        raise ValueError(words.format(shape=tuple(made.shape), needed=needed))
    _check_rows(made, predict)
    return made


def _check_rows(prediction: Tensor, predict: str | None) -> None:
    """Refuse a row that is neither a prediction nor empty, and name it."""
    above = prediction.shape[:-1]
    rows = prediction.reshape(math.prod(above), prediction.shape[-1]).double()
    for fault, wrong in _faults(rows, predict):
        if wrong.any():
            at = int(wrong.any(dim=1).nonzero()[0])
            found = {"places": _places(wrong[at]), "total": rows[at].sum().item()}
            raise ValueError(_fault_text(fault).format(row=_row_name(at, above), **found))


def _faults(rows: Tensor, predict: str | None) -> Iterator[tuple[str, Tensor]]:
    """List what can be wrong, and where it is so."""
    missing = rows.isnan()
    predicted = ~missing.all(dim=1, keepdim=True)  # (number of rows, 1)
    yield "missing", missing & predicted
    yield "not finite", rows.isinf()
    if predict == "weights":
        yield "negative", rows < 0
        off = (rows.sum(dim=1, keepdim=True) - 1).abs()
        yield "sum", predicted & (off > TOLERANCE)


def _fault_text(fault: str) -> str:
    return {
        "missing": _(
            "prediction{row} has NaN at {places}, but must be predicted whole, or be all NaN"
        ),
        "not finite": _("prediction{row} is not finite at {places}"),
        "negative": _("prediction{row} has weights below 0 at {places}"),
        "sum": _("prediction{row} sums to {total:.6g}, but must sum to 1"),
    }[fault]


def _places(wrong: Tensor) -> str:
    return ", ".join(map(str, wrong.nonzero().flatten().tolist()[:DESCRIBED]))


def _row_name(at: int, shape: Sequence[int]) -> str:
    """Name a row by its number, and its example where there is a batch; one alone has no name."""
    if not shape:
        return ""
    example, row = divmod(at, shape[-1])
    words = _(", row {row} of example {example}") if len(shape) > 1 else _(", row {row}")
    return words.format(row=row, example=example)


def edited(
    prediction: Tensor | None, edits: Mapping[int, float | None], predict: str | None
) -> Tensor:
    """Copy a prediction with the numbers that a browser changed, None for NaN, and check its rows."""
    if prediction is None:
        raise ValueError(_("prediction cannot be edited: the figure was made without predict="))
    numbers = {at: torch.nan if x is None else x for at, x in edits.items()}
    made = packing.edited(prediction, numbers)
    _check_rows(made, predict)
    return made


def distance(prediction: Tensor, predict: str, truth: Tensor | None) -> Tensor:
    """Measure how far each row of a prediction is off: (…, columns) to (…), float32.

    Of weights it is Σ_j max(prediction_j − weight_j, 0), the share of the attention that was put
    in the wrong place; of an output √Σ_j (prediction_j − output_j)². NaN where nothing was
    predicted, or nothing is computed.
    """
    if truth is None:
        return torch.full(prediction.shape[:-1], torch.nan)
    off = prediction.double() - truth.cpu().double()
    if predict == "weights":
        return off.clamp(min=0).sum(dim=-1).float()
    return off.norm(dim=-1).float()


# In words.


def asked(predict: str) -> str:
    """Say what is covered, and why."""
    if predict == "weights":
        return _("Weights and output are covered: predict first.")
    return _("The output is covered: predict first.")


def said(
    prediction: Tensor, predict: str, truth: Tensor | None, is_shown: bool,
    names: Sequence[str] | None = None,
) -> list[str]:  # fmt: skip
    """Say what was predicted and, once the truth is shown, how far each row was off.

    Args:
        prediction: (batch, rows, columns).
        truth: of the same shape; not looked at before it is shown.
        names: of the rows; their numbers if left out.
    """
    sentences = []
    most = max(1, DESCRIBED // len(prediction))
    for example, rows in enumerate(prediction):
        if rows.isnan().all():
            continue
        title = _("Example {i}").format(i=example) + ": " if len(prediction) > 1 else ""
        told = [_numbers(row) for row in rows[:most]]
        words = _("Your prediction: {rows}.")
        sentences.append(title + words.format(rows=_listed(told, names, len(rows))))
        if is_shown:
            off = distance(rows, predict, None if truth is None else truth[example])
            told = [_number(x) for x in off[:most].tolist()]
            sentences.append(_off(predict).format(rows=_listed(told, names, len(rows))))
            if predict == "weights" and truth is not None:
                told = [
                    largest_text(*row) for row in zip(rows[:most], truth[example], strict=False)
                ]
                words = _("The largest is right: {rows}.")
                sentences.append(words.format(rows=_listed(told, names, len(rows))))
    return sentences


def largest_text(prediction: Tensor, truth: Tensor) -> str:
    """Say whether the largest weights of a row that was predicted are largest in truth, too."""
    truth = truth.cpu()
    if prediction.isnan().all() or not (truth > 0).any():
        return "–"
    predicted, true = (row > row.max() - ALIKE for row in (prediction, truth))
    return _("yes") if true[predicted].all() else _("no")


def _off(predict: str) -> str:
    if predict == "weights":
        return _("Share of the attention that you put in the wrong place: {rows}.")
    return _("Your prediction was off by: {rows}.")


def _listed(texts: list[str], names: Sequence[str] | None, count: int) -> str:
    """List texts under the names of their rows, the first of so many."""
    told = [f"{names[i] if names else i} → {text}" for i, text in enumerate(texts)]
    return ", ".join(told) + (", …" if count > len(texts) else "")


def _numbers(row: Tensor) -> str:
    if row.isnan().all():
        return "–"
    numbers = [number_text(x) for x in row[:DESCRIBED].tolist()]
    return f"({', '.join(numbers)}{', …' if len(row) > DESCRIBED else ''})"


def _number(x: float) -> str:
    return "–" if math.isnan(x) else number_text(x)
