"""Dates as people write them, and as machines do: data for a small translation task."""

import datetime
import random
import re
from dataclasses import dataclass

import torch
from torch import Tensor

FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
STYLES = ("full", "long", "medium", "short")
ISO_ALPHABET = "0123456789-"


@dataclass(frozen=True)
class WrittenDate:
    """One date: as it is written, its ISO form, and where the year, month and day stand in it."""

    written: str
    iso: str
    spans: dict[str, tuple[int, int]]


def write_date(date: datetime.date, language: str, style: str) -> WrittenDate:
    """Write a date in a language and in one of its styles, in small letters.

    Args:
        date: the date.
        language: "en", "es", or another that Babel knows.
        style: "full", "long", "medium" or "short" (in digits only: two, two, and four for the year).

    Raises:
        ValueError: there is no such style.

    >>> write_date(datetime.date(2026, 3, 5), "es", "full").written
    'jueves, 5 de marzo de 2026'
    """
    from babel import Locale
    from babel.dates import DateTimeFormat, tokenize_pattern

    if style not in STYLES:
        raise ValueError(f"style is {style!r}, but must be one of {', '.join(STYLES)}")
    locale = Locale.parse(language)
    pattern = locale.date_formats[style].pattern.replace("yy", "y")
    if style == "short":  # As in a form: all digits are there.
        pattern = re.sub("M+", "MM", re.sub("d+", "dd", pattern))
    fields = DateTimeFormat(date, locale)
    written, spans = "", {}
    for kind, token in tokenize_pattern(pattern):
        text = token if kind == "chars" else fields[token[0] * token[1]]
        part = {"y": "year", "M": "month", "d": "day"}.get(token[0]) if kind == "field" else None
        if part:
            spans[part] = (len(written), len(written) + len(text))
        written += text.lower()
    return WrittenDate(written, date.isoformat(), spans)


def make_dates(number: int, language: str = "en", seed: int = 0) -> list[WrittenDate]:
    """Draw different days from 1900 to 2099 and write each in a style of the language.

    Args:
        number: how many.
        language: "en", "es", or another that Babel knows.
        seed: the same seed gives the same dates on any machine.

    Raises:
        ValueError: there are not that many days.

    >>> [date.iso for date in make_dates(2, "en", seed=1)]
    ['1987-01-17', '1998-02-26']
    """
    days = (LAST - FIRST).days + 1
    if not 0 <= number <= days:
        raise ValueError(f"number is {number}, but there are {days} days to draw from")
    draw = random.Random(seed)
    return [
        write_date(FIRST + datetime.timedelta(day), language, draw.choice(STYLES))
        for day in draw.sample(range(days), number)
    ]


def encode(texts: list[str], alphabet: str, length: int | None = None) -> tuple[Tensor, Tensor]:
    """Turn texts into rows of numbers, padded at the end.

    token = 1 + place in the alphabet;  0 is padding

    Args:
        texts: what to encode.
        alphabet: the characters there are.
        length: of the rows; that of the longest text if left out.

    Returns:
        Tokens (number, length), int64, and the valid length of each row (number,), int64.

    Raises:
        ValueError: a character is not in the alphabet, or a text is longer than the rows.

    >>> encode(["ab", "b"], alphabet="ab")
    (tensor([[1, 2],
            [2, 0]]), tensor([2, 1]))
    """
    places = {character: at for at, character in enumerate(alphabet, start=1)}
    longest = max(map(len, texts), default=0)
    length = longest if length is None else length
    if longest > length:
        raise ValueError(f"length is {length}, but the longest text has {longest} characters")
    tokens = torch.zeros(len(texts), length, dtype=torch.int64)
    for row, text in zip(tokens, texts, strict=True):
        for at, character in enumerate(text):
            if character not in places:
                raise ValueError(f"the character {character!r} is not in the alphabet")
            row[at] = places[character]
    return tokens, torch.tensor([len(text) for text in texts], dtype=torch.int64)
