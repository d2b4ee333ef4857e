"""A database of (key, value) records, asked exactly, approximately and softly."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from numbers import Real
from unicodedata import normalize

import torch
from torch import Tensor

from .checks import check_count
from .language import gettext as _
from .plain import read_numbers

CLOSEST_KEYS_NAMED = 3
_ACCENTED_VOWEL = re.compile("([aeiouy])[\u0300-\u036f]+")  # in decomposed text


class Database:
    """Records (key, value) with text for keys, and the ways to put a query to them.

    The similarity of a query and a key is the share of their letters, from 0 to 1, that lie in runs
    common to both: the longest run first, then those on either side of it
    (`difflib.SequenceMatcher.ratio`). Capitals and the accents of vowels make no difference; ñ and
    n are two letters. Where several records answer alike, one whose key is the query does, else
    the first: so too for `exact`, when a key occurs twice.

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

        However these letters are encoded: é may be one character, or e and an accent.

        Raises:
            KeyError: there is none; the message names the closest keys.
        """
        for key, value in self.records:
            if _is_same(key, query):
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
        return sorted(answers, key=lambda answer: (-answer[2], not _is_same(answer[0], query)))[:k]

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
            ValueError: the database is empty, so nothing can be averaged; a value is not finite, or
                an integer that float32 cannot hold; temperature is not above 0.
        """
        if not len(self):
            raise ValueError(_("the database is empty: there are no values to average"))
        try:
            values = torch.stack(
                [read_numbers(value, torch.float32).reshape(-1) for value in self.values]
            )  # (num_keys, value_size)
        except (TypeError, ValueError, RuntimeError):
            message = _(
                "{values} cannot be averaged: give a vector of the same size for each value"
            )
            listed = ", ".join(repr(value) for value in self.values[:3])
            raise TypeError(message.format(values=listed + ", …" * (len(self) > 3))) from None
        self._check_held(values)
        return self.weights(queries, temperature).to(values.device) @ values

    def _check_held(self, values: Tensor) -> None:
        """Refuse values that float32, (num_keys, value_size), would change or average to NaN.

        Those on another device are not read back, for which the reader would have to wait.
        """
        if values.device.type != "cpu":
            return
        for (key, value), held in zip(self.records, values, strict=True):
            if _is_rounded(value, held) or not held.isfinite().all():
                words = _("the value {value!r} of {key!r} cannot be averaged in float32")
                raise ValueError(words.format(value=value, key=key))


def _is_rounded(value: object, held: Tensor) -> bool:
    """Say whether float32 holds another whole number than was given."""
    try:
        given = read_numbers(value).detach().reshape(-1)
    except (TypeError, ValueError, RuntimeError):
        return False  # as a Fraction, which torch reads where it is told the dtype
    return not given.is_floating_point() and bool((given != held.to(given.dtype)).any())


def _check_query(query: str) -> None:
    if not isinstance(query, str):
        raise TypeError(_("a query must be text, not {query!r}").format(query=query))


def _is_same(key: str, query: str) -> bool:
    """Whether both are the same letters, whether a letter and its accent are one character or two."""
    return normalize("NFC", key) == normalize("NFC", query)


def _folded(text: str) -> str:
    """The letters that are compared: in lower case, and vowels without their accents."""
    return normalize("NFC", _ACCENTED_VOWEL.sub(r"\1", normalize("NFD", text.lower())))


def _similarity(query: str, key: str) -> float:
    return SequenceMatcher(None, _folded(query), _folded(key), autojunk=False).ratio()
