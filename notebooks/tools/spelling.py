"""Find words that are not in the dictionary of a language, and words that are doubled.

The dictionary is simplemma's, of inflected forms; a language's words that are not in it stand in
`locale/<language>.words`.
"""

import ast
import re
import sys
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import simplemma

from . import catalogue as po
from .files import Book
from .pieces import SHAPE
from .prose import plain

WORD = re.compile(r"\b[^\W\d_]{2,}\b")
DOUBLED = re.compile(r"\b(\w{2,})\s+\1\b", re.IGNORECASE)
_PRONOUNS = re.compile(r"(?:[mts]e|nos|l[aeo]s?){1,2}")
_SYLLABLE = re.compile(r"[^aeiou]*u?[aeiou][^aeiou]*")


def unknown(
    message: str, translation: str, language: str, own: AbstractSet[str] = frozenset()
) -> Iterator[str]:
    """The words of a translation that are not in the dictionary, and those that are doubled."""
    # Titles of works stay as they are, and so do names and the names of sizes.
    kept = set(plain(message))
    names = {word for word in WORD.findall(message) if word[0].isupper()}
    names.update(word for shape in SHAPE.findall(message) for word in WORD.findall(shape))
    for text in plain(translation):
        if text in kept:
            continue
        doubled = DOUBLED.finditer(text)
        # A language's own list allows what can be right there: "vous vous" in French.
        yield from (match[0] for match in doubled if match[1].lower() not in own)
        for word in WORD.findall(text):
            if word not in names and word.lower() not in own and not is_known(word, language):
                yield word


def is_known(word: str, language: str) -> bool:
    """Whether a word is in the dictionary, a Spanish verb with its pronouns included."""
    forms = (word, word.lower())
    if any(simplemma.is_known(form, lang=language) for form in forms):
        return True
    return language == "es" and _is_verb_with_pronouns(word.lower())


def _is_verb_with_pronouns(word: str) -> bool:
    for at in range(2, len(word) - 1):
        verb = word[:at]
        # The verb gets an accent (dándole, divídelo) unless it is an infinitive (leerlo) or has
        # one syllable (dale).
        plain = _without_accents(verb)
        right = verb != plain or verb.endswith(("ar", "er", "ir")) or _SYLLABLE.fullmatch(verb)
        if right and _PRONOUNS.fullmatch(word[at:]) and simplemma.is_known(plain, lang="es"):
            return True
    return False


def _without_accents(word: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFD", word) if c != "\N{COMBINING ACUTE ACCENT}"
    )


def names(package: Path) -> set[str]:
    """The names that the package's messages speak of as they stand.

    They are those of the functions whose docstrings have an example and of their arguments, and those
    of what can be assigned to a figure.
    """
    found: set[str] = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and ">>> " in (ast.get_docstring(node) or ""):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
                found.update(*map(_names_of, methods))
            elif isinstance(node, ast.FunctionDef) and ">>> " in (ast.get_docstring(node) or ""):
                found.update(_names_of(node))
            elif isinstance(node, ast.Assign) and "StateTrait(" in ast.unparse(node.value):
                found.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
    return found


def _names_of(function: ast.FunctionDef) -> list[str]:
    arguments = function.args.args + function.args.kwonlyargs
    return [function.name, *(argument.arg for argument in arguments)]


def misspelt(book: Book, language: str) -> Iterator[str]:
    """Each unknown word of a language, with the catalogue and the place where it stands."""
    path = book.words(language)
    own = set(path.read_text("utf-8").split()) if path.exists() else set()
    kept_in = {
        book.catalogue(language): set[str](),
        book.package_catalogue(language): names(book.package),
    }
    for catalogue, kept in kept_in.items():
        for entry in po.read(catalogue, language):
            place = entry.occurrences[0][0]
            message = " ".join(po.ids(entry))
            known = own | (kept & set(WORD.findall(message)))
            for translation in po.strings(entry):
                for word in unknown(message, translation, language, known):
                    yield f"{book.name(catalogue)}, {place}: {word}"


def main() -> None:
    book = Book(Path(__file__).resolve().parents[2])
    found = [line for language in book.languages for line in misspelt(book, language)]
    if found:
        lists = ", ".join(book.name(book.words(language)) for language in book.languages)
        sys.exit("\n".join([*found, f"Mend them, or add those that are right to {lists}."]))


if __name__ == "__main__":
    main()
