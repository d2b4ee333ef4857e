"""The words that the package draws and prints: their catalogue, and its compiled form."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from . import catalogue as po
from .files import Book


def messages(book: Book) -> Iterator[po.Message]:
    """The messages that the package marks for translation, each with the module it stands in."""
    found = extract_from_dir(
        book.package,
        method_map=[("**.py", "python")],
        directory_filter=lambda folder: Path(folder).name not in {"tests", "benchmarks"},
    )
    for module, _, message, _, _ in found:
        ids = (message,) if isinstance(message, str) else message
        flags = (po.FORMAT,) if any(map(po.fields, ids)) else ()
        yield po.Message(ids, f"{book.package.name}/{module}", flags)


def stale(book: Book, language: str, colour: bool = False) -> list[po.Problem]:
    """The entries of the package's catalogue to translate or to revise."""
    path = book.package_catalogue(language)
    return po.stale(path, book.name(path), language, messages(book), colour)


def compiled(book: Book, language: str) -> bytes:
    """The bytes of the compiled catalogue, which is what the package reads."""
    return po.read(book.package_catalogue(language), language).to_binary()


def outdated(book: Book, language: str) -> list[po.Problem]:
    """Whether the compiled catalogue is not that of the translation beside it."""
    path = book.package_catalogue(language).with_suffix(".mo")
    if path.exists() and path.read_bytes() == compiled(book, language):
        return []
    return [po.Problem(book.name(path), "not compiled from its .po: run `make notebooks`")]
