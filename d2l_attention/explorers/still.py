"""An attention explorer where nothing moves: a sentence, and a picture of the example that is shown."""

from typing import Any

import torch
from torch import Tensor

from ..descriptions import Labels, describe, titles_of_examples
from ..language import gettext as _
from ..masks import valid_mask
from ..number_text import number_text
from ..pictures import Png
from . import packing, predictions
from .attention_state import AttentionResult, AttentionState, Presentation
from .matrix_picture import Matrix, draw_matrices
from .panels import panels
from .scorings import KINDS, PROJECTED, words_of

PROJECTED_KINDS = [KINDS[cls] for cls in PROJECTED]


def sentence(
    state: AttentionState, result: AttentionResult, shown: Presentation, lens: Tensor | None
) -> str:
    """Say what an explorer shows: its score, temperature, valid lengths and weights.

    Args:
        lens: the valid lengths, in the shape that readers know.
    """
    words = _("{scoring} at temperature {temperature:g}, valid lengths {lens}.")
    said = _("none") if lens is None else lens.tolist()
    scoring = words_of(state.scoring)
    parts = [words.format(scoring=scoring, temperature=state.temperature, lens=said)]
    if result.error:
        parts.append(failure(result.error))
    covered = predictions.covered(shown.predict, state.shown)
    if result.weights is not None and "weights" not in covered:
        weights = result.weights.float().cpu()  # (batch, num_queries, num_keys)
        titles = titles_of_examples(len(weights))
        names = (shown.key_labels, shown.query_labels)
        parts.append(describe(weights[None], Labels(_("Keys"), _("Queries"), titles, None, *names)))
    told = prediction(state, result, shown)
    return " ".join([*parts, *told, *_distance(state, result, shown)])


def prediction(
    state: AttentionState, result: AttentionResult, shown: Presentation, part: slice = slice(None)
) -> list[str]:
    """Say what is covered, what was predicted and, once the truth is shown, how far that was off.

    Args:
        part: of the batch that is spoken of.
    """
    predict = shown.predict
    if state.prediction is None or predict is None:
        return []
    truth = getattr(result, predict)
    truth = None if truth is None else truth[part]
    names = shown.query_labels
    told = predictions.said(state.prediction[part], predict, truth, state.shown, names)
    return told if state.shown else [predictions.asked(predict), *told]


def failure(error: str) -> str:
    """Say that a reader's own score failed."""
    return _("The score failed: {error}.").format(error=error)


def target_distance(result: AttentionResult, shown: Presentation) -> float | None:
    """Find the largest difference between the weights and the goal, where it says something."""
    if shown.target is None or result.weights is None:
        return None
    off = (result.weights.cpu().float() - shown.target).abs()
    return off[~shown.target.isnan()].max().item()


def _distance(state: AttentionState, result: AttentionResult, shown: Presentation) -> list[str]:
    distance = target_distance(result, shown)
    if distance is None or "weights" in predictions.covered(shown.predict, state.shown):
        return []
    return [_("Distance from the goal: {distance}.").format(distance=number_text(distance))]


def picture(
    state: AttentionState, result: AttentionResult, shown: Presentation, kind: str | None
) -> Png:
    """Draw what the browser would show of the example that is chosen.

    Args:
        kind: what the browser's engine calls the score; None for a reader's own.
    """
    error = failure(result.error) if result.error else ""
    notes = _distance(state, result, shown)
    if state.shown:
        notes += prediction(state, result, shown, slice(state.batch, state.batch + 1))
    elif shown.predict is not None:  # what was predicted is drawn
        notes.append(predictions.asked(shown.predict))
    return draw_matrices(matrices(state, result, shown, kind), notes, error)


def matrices(
    state: AttentionState, result: AttentionResult, shown: Presentation, kind: str | None
) -> list[Matrix]:
    """Describe the matrices that are shown of the example, in the order of the live figure's."""
    large = packing.is_large(state)
    projects = kind in PROJECTED_KINDS and shown.show == "parameters" and not large
    shapes = packing.describe_sizes(state)["shapes"]
    labels = {"query": shown.query_labels, "key": shown.key_labels}
    covered = predictions.covered(shown.predict, state.shown)
    numbers = _numbers(state, result, kind if projects else None) | _predicted(state, shown)
    marked = None if large else valid_mask(state.valid.example(state.batch), state.K.shape[1])
    made = []
    for panel in panels(shown.show):
        name, place = panel["name"], panel["projected" if projects else "plain"]
        if name not in numbers or place is None:
            continue
        title = shown.words[f"title {name}"]
        if name == "scores":
            title += shown.words[f"formula {kind or 'own'}"]
        if name in covered and name == shown.predict:
            title = _("{title}: your prediction").format(title=title)
        X = packing.pooled_on_cpu(numbers[name][None])[0].numpy()
        matrix = Matrix(title, X, (*place, 1)[:3], shapes.get(name, ""), name in covered)
        made.append(matrix)
        if name == "weights":
            matrix.sequential = True
        if large:
            continue
        matrix.row_labels, matrix.column_labels = _names(panel, labels, X.shape)
        if name == "weights":
            matrix.limit = 1.0
        if name in covered:
            continue
        if name == "weights":
            matrix.target = None if shown.target is None else shown.target[state.batch].numpy()
            if marked is not None:
                matrix.masked = ~marked[0].expand(X.shape).cpu().numpy()
    return made


def _names(
    panel: dict[str, Any], labels: dict[str, list[str] | None], shape: tuple[int, ...]
) -> list[list[str] | None]:
    """Name rows and columns as the reader did; else queries and keys have their numbers."""
    found: list[list[str] | None] = []
    for labelled, indexed, count in zip(panel["labels"], panel["indices"], shape, strict=True):
        names = labels.get(labelled)
        axis = labelled or indexed
        if axis and labels[axis] is None:
            names = [str(i) for i in range(count)]
        found.append(names)
    return found


def _numbers(
    state: AttentionState, result: AttentionResult, projected: str | None
) -> dict[str, Tensor]:
    """Name the matrices of the example, as they are shown: keys and key features transposed."""
    i = state.batch
    X = {"Q": state.Q[i], "K": state.K[i].T, "V": state.V[i]}
    if result.weights is not None:
        X |= {name: getattr(result, name)[i] for name in packing.RESULTS}
    if projected is not None:
        X |= {"W_q": state.W_q.T, "W_k": state.W_k}
        X |= {"q": X["Q"] @ state.W_q.T, "k": state.W_k @ X["K"]}
    if projected == "additive":
        X["w_v"] = state.w_v.T
    return X


def _predicted(state: AttentionState, shown: Presentation) -> dict[str, Tensor]:
    """Give what is drawn in the place of what is covered: the prediction, NaN elsewhere."""
    rows, columns = state.Q.shape[1], {"weights": state.K.shape[1], "output": state.V.shape[2]}
    X = {}
    for name in predictions.covered(shown.predict, state.shown):
        X[name] = torch.full((rows, columns[name]), torch.nan)
        if name == shown.predict and state.prediction is not None:
            X[name] = state.prediction[state.batch]
    return X


def numbers_text(X: Tensor) -> str:
    """Write numbers in one line, as the browser does."""
    return ", ".join(number_text(x) for x in X.flatten().tolist())
