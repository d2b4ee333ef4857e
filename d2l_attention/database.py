"""A database of (key, value) records, asked exactly, approximately and softly."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from numbers import Real

import torch
from torch import Tensor

from .checks import check_count
from .language import gettext as _

CLOSEST_KEYS_NAMED = 3


class Database:
    """Records (key, value) with text for keys, and the ways to put a query to them.

    The similarity of a query and a key is the share of their letters that match in order, from 0
    to 1 (`difflib.SequenceMatcher.ratio`), capitals or not. Where several records answer alike,
    the first of them does: so too for `exact`, when a key occurs twice.

    Args:
        records: pairs (key, value), in an order that is kept. Values may be anything; `attend`
            needs numbers, or a vector for each.

    Raises:
        TypeError, ValueError: a record is not a pair, or a key is not text.

    Source: Dive into Deep Learning, section "Queries, Keys, and Values".

    >>> database = Database([("Lipton", "Zachary"), ("Li", "Mu"), ("Hu", "Rachel")])
    >>> database.exact("Li")
    'Mu'
    >>> database.nearest("Lip")
    ('Li', 'Mu')
    >>> database.weights("Li", temperature=0.2)
    tensor([[0.0754, 0.9184, 0.0062]])
    """

    def __init__(self, records: Iterable[tuple[str, object]]):
        self.records: list[tuple[str, object]] = []
        for record in records:
            if not isinstance(record, (tuple, list)) or len(record) != 2:
                words = _("a record must be a pair (key, value), not {record!r}")
                raise ValueError(words.format(record=record))
            if not isinstance(record[0], str):
                raise TypeError(_("a key must be text, not {key!r}").format(key=record[0]))
            self.records.append((record[0], record[1]))

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        pairs = ", ".join(f"{key!r}: {value!r}" for key, value in self.records)
        return f"Database({pairs})"

    @property
    def keys(self) -> list[str]:
        """The keys, in the order of the records."""
        return [key for key, _value in self.records]

    @property
    def values(self) -> list[object]:
        """The values, in the order of the records."""
        return [value for _key, value in self.records]

    def exact(self, query: str) -> object:
        """Return the value of the record whose key is the query, letter for letter.

        Raises:
            KeyError: there is none; the message names the closest keys.
        """
        for key, value in self.records:
            if key == query:
                return value
        closest = ", ".join(key for key, _value, similarity in self.top_k(query) if similarity)
        message = _("no record has the key {query!r}").format(query=query)
        if closest:
            message += _("; closest keys: {keys}").format(keys=closest)
        raise KeyError(message)

    def nearest(self, query: str) -> tuple[str, object]:
        """Return the record (key, value) whose key is most similar to the query.

        Raises:
            KeyError: the database is empty.
        """
        if not self.records:
            raise KeyError(
                _("the database is empty: no record is near {query!r}").format(query=query)
            )
        key, value, _similarity = self.top_k(query, 1)[0]
        return key, value

    def top_k(self, query: str, k: int = CLOSEST_KEYS_NAMED) -> list[tuple[str, object, float]]:
        """Return the k most similar records as (key, value, similarity), the best first.

        All of them if there are fewer than k, so none from an empty database.

        Raises:
            TypeError, ValueError: k is not a whole number of at least 1.
        """
        check_count("k", k)
        _check_query(query)
        answers = [(key, value, _similarity(query, key)) for key, value in self.records]
        return sorted(answers, key=lambda answer: -answer[2])[:k]

    def similarities(self, queries: str | list[str]) -> Tensor:
        """Score each key for each query: (num_queries, num_keys), float32, from 0 to 1.

        Raises:
            TypeError: a query is not text.
        """
        if isinstance(queries, str) or not isinstance(queries, Iterable):
            queries = [queries]
        queries = list(queries)
        for query in queries:
            _check_query(query)
        scores = [[_similarity(query, key) for key in self.keys] for query in queries]
        return torch.tensor(scores, dtype=torch.float32).reshape(len(queries), len(self))

    def weights(self, queries: str | list[str], temperature: float = 1.0) -> Tensor:
        """Share each query's attention among all keys: the soft lookup.

        weights[i, j] = softmax_j(similarity(query_i, key_j) / temperature)

        Towards temperature 0 all the weight is on the nearest record (shared, if several are
        equally near); towards infinity every record weighs the same.

        Returns:
            (num_queries, num_keys), float32, each row of sum 1: ready for `show_heatmaps`.

        Raises:
            TypeError: a query is not text, or temperature not a number.
            ValueError: temperature is not above 0.
        """
        if not isinstance(temperature, Real):
            words = _("temperature must be a number, not {type}")
            raise TypeError(words.format(type=type(temperature).__name__))
        if not temperature > 0:
            words = _("temperature is {temperature}, but must be above 0")
            raise ValueError(words.format(temperature=temperature))
        scores = self.similarities(queries).double()
        if not len(self):
            return scores.float()
        # The largest is taken off first, so that no temperature is too small to divide by.
        scores = (scores - scores.amax(dim=1, keepdim=True)) / float(temperature)
        return torch.softmax(scores, dim=1).float()

    def attend(self, queries: str | list[str], temperature: float = 1.0) -> Tensor:
        """Answer each query with the average of all values, weighted by `weights`.

        output[i] = Σ_j weights[i, j] value_j

        Returns:
            (num_queries, value_size), float32; (num_queries, 1) where values are plain numbers.

        Raises:
            TypeError: the values cannot be averaged, or a query is not text.
            ValueError: the database is empty, so nothing can be averaged; temperature is not
                above 0.
        """
        if not len(self):
            raise ValueError(_("the database is empty: there are no values to average"))
        try:
            values = torch.stack(
                [torch.as_tensor(value, dtype=torch.float32).reshape(-1) for value in self.values]
            )  # (num_keys, value_size)
        except (TypeError, ValueError, RuntimeError):
            message = _(
                "{values} cannot be averaged: give a vector of the same size for each value"
            )
            listed = ", ".join(repr(value) for value in self.values[:3])
            raise TypeError(message.format(values=listed + ", …" * (len(self) > 3))) from None
        return self.weights(queries, temperature).to(values.device) @ values


def _check_query(query: str) -> None:
    if not isinstance(query, str):
        raise TypeError(_("a query must be text, not {query!r}").format(query=query))


def _similarity(query: str, key: str) -> float:
    return SequenceMatcher(None, query.lower(), key.lower(), autojunk=False).ratio()
