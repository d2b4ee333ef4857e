"""The database explorer: type a query, and see which records answer, exactly, nearly and softly."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ..database import Database
from ..language import gettext as _
from ..number_text import number_text
from ..pictures import Png
from . import predictions
from .bar_picture import Bar, draw_bars
from .inputs import read_temperature
from .live_figure import Edit, LiveFigure, StateTrait
from .modules import linked
from .still import numbers_text
from .words import database_words


@dataclass(frozen=True)
class DatabaseState:
    """What can be changed."""

    query: str
    temperature: float
    deleted: tuple[str, ...] = ()
    prediction: Tensor | None = None  # (num_records,), NaN until predicted; None if not asked
    shown: bool = True


@dataclass(frozen=True)
class DatabaseResult:
    """What follows, for all records: one that is deleted has a similarity, and weighs nothing."""

    similarities: Tensor  # (num_records,)
    weights: Tensor  # (num_records,)
    answer: object
    output: Tensor | None  # (value_size,)


MOST_LISTED = 30
"""So many records are listed in what is saved: those of the largest weights."""


class DatabaseExplorer(LiveFigure):
    """The live figure that `explore_database` makes; see there.

    query, temperature and deleted can be assigned and observed. What follows from them: weights,
    (num_records,), exactly 0 where a record is deleted; answer, the value of the nearest record,
    None where all are deleted; and output, the soft answer Σ_j weights[j] value_j, (value_size,),
    None where values are no numbers. With `predict=` prediction and shown can be assigned, too.
    """

    _esm = linked("database.js")

    query, temperature, deleted, prediction, shown = (StateTrait() for _ in range(5))
    weights, answer, output = (StateTrait(read_only=True) for _ in range(3))

    def __init__(
        self, database: Database, query: str = "", temperature: float = 0.2, *,
        predict: bool = False,
    ):  # fmt: skip
        if not isinstance(database, Database):
            words = _("database must be a Database, not {type}")
            raise TypeError(words.format(type=type(database).__name__))
        self._records = tuple(database.records)
        self._vectors = _vectors(database)
        if not isinstance(predict, bool):
            words = _("{name} must be True or False, not {value!r}")
            raise TypeError(words.format(name="predict", value=predict))
        self._predict = "weights" if predict else None
        state = DatabaseState(
            _read_query(query),
            read_temperature(temperature),
            prediction=predictions.empty(self._predict, {"weights": (len(self._records),)}),
            shown=not predict,
        )
        super().__init__(state)

    @property
    def database(self) -> Database:
        """The records that are not deleted."""
        return self._kept(self.state.deleted)

    def _kept(self, deleted: tuple[str, ...]) -> Database:
        return Database(record for record in self._records if record[0] not in deleted)

    def show(self) -> None:
        """Uncover what was to be predicted."""
        self.shown = True

    @property
    def prediction_distance(self) -> float | None:
        """The share of the weights that was predicted in the wrong place; None if nothing is asked.

        Σ_j max(prediction_j − weight_j, 0), NaN where nothing was predicted.
        """
        state, result = self._shown
        if self._predict is None:
            return None
        return predictions.distance(state.prediction, self._predict, result.weights).item()

    # The state.

    def _read(self, state: DatabaseState, values: Mapping[str, Any]) -> DatabaseState:
        readers: dict[str, Callable[[Any], Any]] = {
            "query": _read_query,
            "temperature": read_temperature,
            "deleted": self._read_deleted,
            "prediction": self._read_prediction,
            "shown": lambda value: predictions.read_shown(value, self._predict),
        }
        return replace(state, **{name: readers[name](value) for name, value in values.items()})

    def _read_prediction(self, value: Any) -> Tensor | None:
        return predictions.read_prediction(value, self.state.prediction, self._predict)

    def _edited(
        self, state: DatabaseState, edits: list[Edit], controls: dict[str, Any]
    ) -> DatabaseState:
        places = {index: value for name, index, value in edits if name == "prediction"}
        if places:
            made = predictions.edited(state.prediction, places, self._predict)
            state = replace(state, prediction=made)
        return super()._edited(state, [e for e in edits if e[0] != "prediction"], controls)

    def _read_deleted(self, deleted: object) -> tuple[str, ...]:
        keys = [key for key, _value in self._records]
        if isinstance(deleted, str) or not isinstance(deleted, (list, tuple, set, frozenset)):
            words = _("deleted is {deleted!r}, but must be a list of keys")
            raise TypeError(words.format(deleted=deleted))
        for key in deleted:
            if key not in keys:
                words = _("deleted has {key!r}, but must be keys of the database")
                raise ValueError(words.format(key=key))
        return tuple(dict.fromkeys(key for key in keys if key in deleted))

    def _compute(self, state: DatabaseState, previous: DatabaseResult | None) -> DatabaseResult:
        kept = torch.tensor(
            [key not in state.deleted for key, _ in self._records], dtype=torch.bool
        )
        database = self._kept(state.deleted)
        weights = torch.zeros(len(kept), dtype=torch.float32)
        weights[kept] = database.weights(state.query, state.temperature)[0]
        return DatabaseResult(
            similarities=Database(self._records).similarities(state.query).flatten(),
            weights=weights,
            answer=database.nearest(state.query)[1] if len(database) else None,
            output=None if self._vectors is None else weights @ self._vectors,
        )

    # The browser.

    def _describe(self) -> dict[str, Any]:
        return {
            "keys": [key for key, _value in self._records],
            "values": self._value_texts(),
            "vectors": None if self._vectors is None else self._vectors.tolist(),
            "predict": self._predict,
            "tolerance": 1e-3,
            "words": database_words(),
        }

    def _pack(self, everything: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
        state, result = self._shown
        output = torch.zeros(0) if result.output is None else result.output
        arrays = {"scores": result.similarities, "weights": result.weights, "output": output}
        if everything and state.prediction is not None:
            arrays["prediction"] = state.prediction
        now = {name: x for name, x in vars(state).items() if name != "prediction"}
        return now | {"device": "cpu"}, arrays

    def _value_texts(self) -> list[str]:
        if self._vectors is None:
            return [str(value) for _key, value in self._records]
        return [numbers_text(vector) for vector in self._vectors]

    # What stays when there is no browser.

    def _sentence(self) -> str:
        state, result = self._shown
        database = self._kept(state.deleted)
        words = _("Query {query!r} at temperature {temperature:g}.")
        parts = [words.format(query=state.query, temperature=state.temperature)]
        if state.deleted:
            parts.append(_("Deleted: {keys}.").format(keys=", ".join(state.deleted)))
        if len(database):
            try:
                exact = _("Exact match: {value}.").format(value=database.exact(state.query))
            except KeyError:
                exact = _("No such key.")
            parts.append(exact)
            if state.query and state.shown:  # to no text, every key is equally far
                key, value = database.nearest(state.query)
                parts.append(_("Nearest: {key} → {value}.").format(key=key, value=value))
        if not state.shown:
            told = ", ".join(
                f"{self._records[at][0]} {number_text(result.similarities[at].item())}"
                for at in _largest(result.similarities)
            )
            parts.append(_("Similarities: {similarities}.").format(similarities=told))
            parts.append(_("Weights and answers are covered: predict first."))
        else:
            told = self._weights_text(result.weights, state.deleted)
            words = _("Weights: {weights}.") if told else _("Weights: none.")
            parts.append(words.format(weights=told))
            if result.output is not None:
                parts.append(_("Soft answer: {output}.").format(output=numbers_text(result.output)))
        return " ".join([*parts, *self._prediction_text()])

    def _weights_text(self, weights: Tensor, deleted: Sequence[str] = ()) -> str:
        listed = _largest(weights)
        told = [
            f"{self._records[at][0]} {number_text(weights[at].item())}"
            for at in listed
            if self._records[at][0] not in deleted
        ]
        return ", ".join([*told, *_rest(weights, listed)])

    def _prediction_text(self) -> list[str]:
        state, result = self._shown
        if state.prediction is None or state.prediction.isnan().all():
            return []
        told = _("Your prediction: {rows}.").format(rows=self._weights_text(state.prediction))
        if not state.shown:
            return [told]
        off = predictions.distance(state.prediction, "weights", result.weights).item()
        words = _("Share of the attention that you put in the wrong place: {rows}.")
        largest = _("The largest is right: {rows}.")
        right = predictions.largest_text(state.prediction, result.weights)
        return [told, words.format(rows=number_text(off)), largest.format(rows=right)]

    def _picture(self) -> Png:
        state, result = self._shown
        title = _("weights for {query!r} at temperature {temperature:g}")
        weights: list[float | None] = result.weights.tolist()
        if not state.shown:
            title = _("your prediction of the weights for {query!r} at temperature {temperature:g}")
            weights = [None if math.isnan(x) else x for x in state.prediction.tolist()]
        known = result.weights if state.shown else state.prediction
        listed, texts, bars = _largest(known), self._value_texts(), []
        for at in listed:
            key, _value = self._records[at]
            note = _("deleted") if key in state.deleted else ""
            label = f"{key} → {texts[at]}"
            if not state.shown:
                words = _("{record} (similarity {similarity})")
                similarity = number_text(result.similarities[at].item())
                label = words.format(record=label, similarity=similarity)
            bars.append(Bar(label, weights[at], note))
        title = title.format(query=state.query, temperature=state.temperature)
        return draw_bars(title, bars, *_rest(known, listed))


def _largest(weights: Tensor) -> list[int]:
    """The places of the records that are listed, in the table's order; NaN counts as nothing."""
    order = weights.nan_to_num(-1.0).argsort(descending=True, stable=True)
    return sorted(order[:MOST_LISTED].tolist())


def _rest(weights: Tensor, listed: list[int]) -> list[str]:
    """What is said of the records that are not listed; nothing where all are."""
    count = len(weights) - len(listed)
    if not count:
        return []
    share = weights.nansum().item() - weights[listed].nansum().item()
    return [_("{count} more together {share}").format(count=count, share=number_text(abs(share)))]


def _read_query(query: object) -> str:
    if not isinstance(query, str):
        raise TypeError(_("query must be text, not {query!r}").format(query=query))
    return query


def _vectors(database: Database) -> Tensor | None:
    """Read the values as numbers, (num_records, value_size); None where they are not."""
    try:
        database.attend("")
    except (TypeError, ValueError):
        return None
    return torch.cat([Database([record]).attend("") for record in database.records]).cpu()


def explore_database(
    database: Database, query: str = "", temperature: float = 0.2, *, predict: bool = False
) -> DatabaseExplorer:
    r"""Show a database as a figure to put queries to: exact match, the nearest, and soft lookup.

    weights[j] = softmax_j(similarity(query, key_j) / temperature), over the records that are kept

    The browser answers at every letter, and Python confirms. The database itself is never
    touched: a record is deleted in the figure only, by its key.

    Args:
        database: the records.
        query: what is asked at first.
        temperature: from almost the nearest record (towards 0) to the average of all (from 1e-30 to
            1e30, in whose place `Database` takes infinity, too).
        predict: cover the weights, and what follows from them, until `shown` (assignable, as
            `prediction` is) or `show()`, and ask the reader for them.

    Raises:
        TypeError: database is not a Database, query is not text, or predict not a bool.
        ValueError: temperature is not above 0 and finite; later, `deleted` names no key, or
            `prediction` has another shape, a negative number or a sum other than 1.

    Source: Dive into Deep Learning, section "Queries, Keys, and Values".

    >>> database = Database([("Lipton", "Zachary"), ("Li", "Mu"), ("Hu", "Rachel")])
    >>> explorer = explore_database(database, "Li")
    >>> explorer.answer
    'Mu'
    >>> explorer.deleted = ["Li"]
    >>> explorer.answer
    'Zachary'
    >>> explorer.weights
    tensor([0.9241, 0.0000, 0.0759])
    """
    return DatabaseExplorer(database, query, temperature, predict=predict)
