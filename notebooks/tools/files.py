"""Where the parts of the book lie, and how a notebook is read and written."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

SOURCE = "en"
"""The language that the book is written in; every other one is translated from it."""


class BookError(Exception):
    """Something in the book that its author has to mend; the message says what and where."""


@dataclass(frozen=True)
class Book:
    """The files of a book, found from the folder that holds the package and the notebooks."""

    root: Path

    @property
    def package(self) -> Path:
        return self.root / "d2l_attention"

    def folder(self, language: str) -> Path:
        return self.root / "notebooks" / language

    def notebooks(self, language: str = SOURCE) -> list[Path]:
        return sorted(self.folder(language).glob("*.ipynb"))

    def recipes(self, language: str) -> Path:
        """The page of recipes."""
        return self.root / "notebooks" / "recipes" / f"{language}.md"

    def catalogue(self, language: str) -> Path:
        """The translation of the book's prose."""
        return self.root / "notebooks" / "locale" / f"{language}.po"

    def words(self, language: str) -> Path:
        """The words of a language that its dictionary lacks."""
        return self.catalogue(language).with_suffix(".words")

    def package_catalogue(self, language: str) -> Path:
        """The translation of the words that the package draws and prints."""
        return self.package / "locale" / language / "LC_MESSAGES" / f"{self.package.name}.po"

    @property
    def languages(self) -> list[str]:
        """The languages to translate into: one for each catalogue of the prose."""
        return sorted(path.stem for path in self.catalogue(SOURCE).parent.glob("*.po"))

    def name(self, path: Path) -> str:
        """What messages call a file: its path from the root."""
        return path.relative_to(self.root).as_posix()


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def write(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
