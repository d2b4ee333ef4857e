"""The spelling check finds what is misspelt, and leaves alone what is right."""

from pathlib import Path

import pytest
from tools.files import Book
from tools.spelling import is_known, misspelt, unknown

BOOK = Book(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("language", BOOK.languages)
def test_the_book_is_rightly_spelt(language):
    assert not list(misspelt(BOOK, language))


@pytest.mark.parametrize(
    "word", ["atención", "puntúalas", "leerlo", "dándose", "dale", "Consultas", "decirte"]
)
def test_a_right_word_is_known(word):
    assert is_known(word, "es")


@pytest.mark.parametrize(
    "word", ["atencion", "matrizes", "dandose", "cláve", "leerlu", "predícion"]
)
def test_a_wrong_word_is_not(word):
    assert not is_known(word, "es")


def test_only_prose_is_read():
    message = (
        "Ask `querys` of $xqz$ and (num_queries, sizze); see *Al You Nead* by Zhang, [here](a.zzz)."
    )
    right = "Haz `querys` a $xqz$ y (num_queries, sizze); ve *Al You Nead* de Zhang, [aquí](a.zzz)."
    assert not list(unknown(message, right, "es"))
    wrong = right.replace("Haz", "Aaz").replace("aquí", "aqui aqui")
    assert list(unknown(message, wrong, "es")) == ["Aaz", "aqui aqui", "aqui", "aqui"]
    assert "Aaz" not in list(unknown(message, wrong, "es", {"aaz"}))
