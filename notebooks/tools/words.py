"""The words that the package draws and prints: their catalogue, and its compiled form."""

import io
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from . import catalogue as po


def template(book):
    """The messages that the package marks for translation, each with the module it stands in."""
    collected = po.Catalogue(fuzzy=False)
    modules = extract_from_dir(
        book.package,
        method_map=[("**.py", "python")],
        directory_filter=lambda folder: Path(folder).name not in {"tests", "benchmarks"},
    )
    for module, _, message, _, _ in modules:
        # No line numbers: they would change with every edit of the module.
        collected.add(message, locations=[(f"{book.package.name}/{module}", None)])
    return collected


def stale(book, language, colour=False):
    """The entries of the package's catalogue to translate or to revise."""
    path = book.package_catalogue(language)
    return po.stale(path, book.name(path), language, template(book), colour)


def compiled(book, language):
    """The bytes of the compiled catalogue, which is what the package reads."""
    file = io.BytesIO()
    write_mo(file, po.read(book.package_catalogue(language), language))
    return file.getvalue()


def outdated(book, language):
    """Whether the compiled catalogue is not that of the translation beside it."""
    path = book.package_catalogue(language).with_suffix(".mo")
    if path.exists() and path.read_bytes() == compiled(book, language):
        return []
    return [po.Problem(book.name(path), "not compiled from its .po: run `make notebooks`")]
