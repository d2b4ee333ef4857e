"""Make the book: execute the English notebooks, then translate and execute the others.

`python -m tools.book`, run in the folder notebooks, makes it; `--check` only says what is not
current.
"""

import argparse
import sys
import time
from itertools import chain
from pathlib import Path

from . import catalogue as po
from . import translate, words
from .execute import execute, run
from .files import Book, BookError, read, write


def update(book):
    """Bring every catalogue up to date with the English notebooks and the package."""
    for language in book.languages:
        for path, template in (
            (book.catalogue(language), translate.template(book)),
            (book.package_catalogue(language), words.template(book)),
        ):
            content = po.render(po.merge(po.read(path, language), template))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def stale(book, colour=False):
    """What a translator has to do before the book can be made in every language."""
    return list(
        chain.from_iterable(
            kind.stale(book, language, colour)
            for language in book.languages
            for kind in (translate, words)
        )
    )


def check(book, colour=False):
    """Everything that is not current; nothing is written."""
    problems = stale(book, colour)
    if not problems:
        for language in book.languages:
            problems += translate.outdated(book, language) + words.outdated(book, language)
    return problems


def make(book, colour=False):
    """Make the book; return what has to be revised first, in which case nothing is translated."""
    update(book)
    problems = stale(book, colour)
    # The translator hears of it at once, not after the notebooks have run.
    _report(problems)
    for path in book.notebooks():
        with _timed(book.name(path)):
            execute(path)
    if not problems:
        for language in book.languages:
            _translate(book, language)
    return problems


def _translate(book, language):
    compiled = book.package_catalogue(language).with_suffix(".mo")
    compiled.write_bytes(words.compiled(book, language))
    catalogue = po.read(book.catalogue(language), language)
    folder = book.folder(language)
    folder.mkdir(exist_ok=True)
    for path in book.notebooks():
        target = folder / path.name
        name = book.name(target)
        with _timed(name):
            notebook = translate.translate(read(path), catalogue, language, name)
            write(run(notebook, folder, name), target)
    for extra in set(book.notebooks(language)) - {folder / path.name for path in book.notebooks()}:
        extra.unlink()


class _timed:
    """Say what is being executed, and how long it took."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        print(self.name, end=" ", flush=True)
        self.began = time.perf_counter()

    def __exit__(self, *error):
        print("failed" if error[0] else f"{time.perf_counter() - self.began:.1f} s", flush=True)


def _report(problems):
    for problem in problems:
        print(problem, end="\n\n", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Make the book in every language.")
    parser.add_argument("--check", action="store_true", help="only say what is not current")
    arguments = parser.parse_args()
    book = Book(Path(__file__).resolve().parents[2])
    colour = sys.stdout.isatty()
    try:
        if arguments.check:
            problems = check(book, colour)
            _report(problems)
        else:
            problems = make(book, colour)
    except BookError as error:
        sys.exit(str(error))
    if problems:
        sys.exit(f"{len(problems)} to mend, listed above.")


if __name__ == "__main__":
    main()
