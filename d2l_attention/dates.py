"""Dates as people write them and in ISO 8601: data for a small translation task."""

import datetime
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import category

import torch
from torch import Tensor

from .language import gettext as _

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
STYLES = ("full", "long", "medium", "short")
ISO_VOCABULARY = list("-0123456789")
_PARTS = {"y": "year", "M": "month", "d": "day"}  # by the letters of Babel's patterns
_TOKEN = re.compile(r"\d\d?|\D+")


@dataclass(frozen=True)
class WrittenDate:
    """One date: as people write it, split into tokens, and in ISO 8601.

    Tokens are words in lower case, and numbers of up to two digits, so that a year is two of them.
    The part of a token is "year", "month", "day", or "" for what belongs to none of them.
    """

    written: str
    tokens: list[str]
    parts: list[str]
    iso: str


def write_date(date: datetime.date, language: str, style: str) -> WrittenDate:
    """Write a date in a language and in one of its styles.

    Args:
        date: the date; of a datetime, its day.
        language: "en", "es", or another that Babel knows.
        style: "full", "long", "medium", or "short" (digits only: two, two, and four for the year).

    Raises:
        TypeError: date is not a date.
        ValueError: there is no such style.

    >>> write_date(datetime.date(2026, 3, 5), "es", "full").tokens
    ['jueves', '5', 'de', 'marzo', 'de', '20', '26']
    """
    from babel import Locale
    from babel.dates import DateTimeFormat, tokenize_pattern

    if style not in STYLES:
        words = _("style is {style!r}, but must be one of {styles}")
        raise ValueError(words.format(style=style, styles=", ".join(STYLES)))
    if isinstance(date, datetime.datetime):
        date = date.date()
    if not isinstance(date, datetime.date):
        words = _("date must be a datetime.date, not {type}")
        raise TypeError(words.format(type=type(date).__name__))
    locale = Locale.parse(language)
    pattern = locale.date_formats[style].pattern.replace("yy", "y")
    if style == "short":
        pattern = re.sub("M+", "MM", re.sub("d+", "dd", pattern))
    fields = DateTimeFormat(date, locale)
    written, tokens, parts = "", [], []
    for _kind, piece in tokenize_pattern(pattern):
        if isinstance(piece, tuple):  # a field: its letter, and how often it is repeated
            text, part = fields[piece[0] * piece[1]], _PARTS.get(piece[0], "")
        else:
            text, part = piece, ""
        written += text
        found = _tokens(text)
        tokens += found
        parts += len(found) * [part]
    return WrittenDate(written, tokens, parts, date.isoformat())


def _tokens(text: str) -> list[str]:
    """Split into words, to which their marks belong, and numbers of up to two digits."""
    kept = [c if category(c)[0] in "LMN" else " " for c in text.lower()]
    return [token for part in "".join(kept).split() for token in _TOKEN.findall(part)]


def make_dates(number: int, language: str = "en", seed: int = 0) -> list[WrittenDate]:
    """Draw different days from 1900 to 2099, and write each in a style of the language.

    Args:
        number: how many.
        language: "en", "es", or another that Babel knows.
        seed: the same seed gives the same dates on any machine.

    Raises:
        ValueError: there are not that many days.

    >>> [date.written for date in make_dates(2, "en", seed=1)]
    ['Mar 21, 1948', 'Friday, August 25, 1922']
    """
    days = (LAST - FIRST).days + 1
    if not 0 <= number <= days:
        words = _("number is {number}, but there are {days} days to draw from")
        raise ValueError(words.format(number=number, days=days))
    draw = random.Random(seed)
    return [
        write_date(FIRST + datetime.timedelta(day), language, draw.choice(STYLES))
        for day in draw.sample(range(days), number)
    ]


def encode(
    sequences: Iterable[Sequence[str]], vocabulary: Sequence[str], length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Turn sequences of tokens into rows of numbers, padded at the end.

    number = 1 + index in the vocabulary;  0 is padding

    Args:
        sequences: lists of tokens, or strings of one-letter tokens.
        vocabulary: the tokens there are.
        length: the length of the rows; if left out, that of the longest sequence.

    Returns:
        Numbers (rows, length) and the valid length of each row (rows,), both int64.

    Raises:
        ValueError: a token is not in the vocabulary, or a sequence is longer than the rows.

    >>> encode(["ab", "b"], vocabulary="ab")
    (tensor([[1, 2],
            [2, 0]]), tensor([2, 1]))
    """
    sequences = list(sequences)
    index = {token: i for i, token in enumerate(vocabulary, start=1)}
    longest = max(map(len, sequences), default=0)
    length = longest if length is None else length
    if longest > length:
        words = _("length is {length}, but the longest sequence has {longest} tokens")
        raise ValueError(words.format(length=length, longest=longest))
    numbers = torch.zeros(len(sequences), length, dtype=torch.int64)
    for row, sequence in zip(numbers, sequences, strict=True):
        for i, token in enumerate(sequence):
            if token not in index:
                words = _("the token {token!r} is not in the vocabulary")
                raise ValueError(words.format(token=token))
            row[i] = index[token]
    return numbers, torch.tensor([len(sequence) for sequence in sequences], dtype=torch.int64)
