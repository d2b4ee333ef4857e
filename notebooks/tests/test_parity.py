"""The editions of the book say the same: everything but the words is equal."""

from pathlib import Path

import pytest
from tools.book import check
from tools.files import Book, read
from tools.parity import differences

BOOK = Book(Path(__file__).resolve().parents[2])
EDITIONS = [
    pytest.param(language, path.name, id=f"{language}-{path.stem}")
    for language in BOOK.languages
    for path in BOOK.notebooks()
]


@pytest.mark.parametrize("language, name", EDITIONS)
def test_translation_differs_by_words_only(language, name):
    original, translated = (read(BOOK.folder(which) / name) for which in ("en", language))
    found = [f"{language}/{name}, {text}" for text in differences(original, translated)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", BOOK.languages)
def test_every_edition_has_the_same_notebooks(language):
    names = [path.name for path in BOOK.notebooks()]
    assert names and [path.name for path in BOOK.notebooks(language)] == names


def test_book_is_current():
    assert BOOK.languages
    problems = check(BOOK)
    assert not problems, "\n\n".join(map(str, problems))
