"""The spelling check finds what is misspelt, and leaves alone what is right."""

from pathlib import Path

import pytest
from tools.files import Book
from tools.spelling import is_known, misspelt, names, unknown

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
    assert not list(unknown("You find yourself", "Vous vous trouvez", "fr", {"vous"}))


MODULE = '''
class Figure:
    prediction, shown = (StateTrait() for _ in range(2))

    def drawn(self, height): ...

def ask(query):
    """Ask.

    >>> ask("Li")
    """

def hide(thing): ...
'''
CATALOGUE = """
#: d2l_attention/asking.py
msgid "query and prediction must be text, not thing"
msgstr "query y prediction deben ser texto, no thing"

#: d2l_attention/asking.py
msgid "there is no height"
msgstr "no hay query de height"
"""


def test_names_of_arguments_stand_in_messages_as_they_are(tmp_path):
    book = Book(tmp_path)
    for path in (book.package_catalogue("es"), book.catalogue("es")):
        path.parent.mkdir(parents=True)
        path.write_text(CATALOGUE, "utf-8")
    (book.package / "asking.py").write_text(MODULE, "utf-8")
    assert {"ask", "query", "prediction", "shown"} <= names(book.package)
    assert not {"hide", "thing", "height", "Figure"} & names(book.package)
    found = [line.removeprefix("d2l_attention/") for line in misspelt(book, "es")]
    of_package = [line.rpartition(" ")[2] for line in found if line.startswith("locale")]
    assert of_package == ["thing", "query", "height"]
    of_prose = [line.rpartition(" ")[2] for line in found if line.startswith("notebooks")]
    assert of_prose == ["query", "prediction", "thing", "query", "height"]
