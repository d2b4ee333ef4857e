"""Make the book: execute the English notebooks, then translate and execute the others.

`python -m tools.book`, run in the folder notebooks, makes it: it executes the notebooks whose code,
package or environment has changed. With `--all` it executes all of them; with `--check` it only says
what is not current.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from nbformat import NotebookNode

from . import catalogue as po
from . import translate, words
from .execute import run, tidy
from .executed import Executed, copy_outputs, last_commit
from .files import Book, BookError, read, write
from .parity import differences


def update(book: Book) -> None:
    """Bring every catalogue up to date with the English notebooks and the package."""
    for language in book.languages:
        for path, messages in (
            (book.catalogue(language), translate.messages(book)),
            (book.package_catalogue(language), words.messages(book)),
        ):
            merged = po.merge(po.read(path, language), messages, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(po.render(merged), "utf-8")


def stale(book: Book, language: str, colour: bool = False) -> list[po.Problem]:
    """What a translator has to do before the book can be made in a language."""
    kinds = (translate, words)
    return list(chain.from_iterable(kind.stale(book, language, colour) for kind in kinds))


def check(book: Book, colour: bool = False) -> list[po.Problem]:
    """Everything that is not current; nothing is written."""
    problems = []
    for language in book.languages:
        problems += stale(book, language, colour) or [
            *translate.outdated(book, language),
            *words.outdated(book, language),
        ]
    return problems


def make(book: Book, colour: bool = False, everything: bool = False) -> list[po.Problem]:
    """Make the book; return what has to be mended. A language that lacks words stays as it is.

    Only notebooks are executed whose code, package or environment has changed, or all of them.
    """
    update(book)
    missing = {language: stale(book, language, colour) for language in book.languages}
    lacking = list(chain.from_iterable(missing.values()))
    # The translator hears of it at once, not after the notebooks have run.
    _report(lacking)
    ready = [language for language in book.languages if not missing[language]]
    for language in ready:
        compiled = book.package_catalogue(language).with_suffix(".mo")
        compiled.write_bytes(words.compiled(book, language))
    problems = []
    with last_commit(book) as committed:
        executed = Executed(book, committed, everything)
        for path in book.notebooks():
            _execute_and_write(read(path), path, executed)
        for language in ready:
            problems += _translate(book, language, executed)
    _report(problems)
    return lacking + problems


def _execute_and_write(notebook: NotebookNode, path: Path, executed: Executed) -> None:
    """Execute a notebook if it must be, and write it as it is committed."""
    name = executed.book.name(path)
    if not executed.is_current(notebook, path):
        with _timed(name):
            run(notebook, path.parent, name)
    tidy(notebook)
    executed.restore_unchanged_outputs(notebook, path)
    write(notebook, path)
    executed.remember(notebook, path)


def _translate(book: Book, language: str, executed: Executed) -> list[po.Problem]:
    """Make the notebooks of a language; return in what else than words they differ."""
    catalogue = po.read(book.catalogue(language), language)
    folder = book.folder(language)
    folder.mkdir(exist_ok=True)
    problems = []
    for path in book.notebooks():
        original, target = read(path), folder / path.name
        name = book.name(target)
        notebook = translate.translate(original, catalogue, language, name)
        if target.exists():
            copy_outputs(read(target), notebook)
        _execute_and_write(notebook, target, executed)
        problems += [po.Problem(name, found) for found in differences(original, notebook)]
    for extra in set(book.notebooks(language)) - {folder / path.name for path in book.notebooks()}:
        extra.unlink()
    return problems


@contextmanager
def _timed(name: str) -> Iterator[None]:
    """Print what is being executed, and how long it took."""
    print(name, end=" ", flush=True)
    start, ending = time.perf_counter(), "failed"
    try:
        yield
        ending = f"{time.perf_counter() - start:.1f} s"
    finally:
        print(ending, flush=True)


def _report(problems: Iterable[po.Problem]) -> None:
    for problem in problems:
        print(problem, end="\n\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the book in every language.")
    parser.add_argument("--check", action="store_true", help="only say what is not current")
    parser.add_argument("--all", action="store_true", help="execute all, changed or not")
    arguments = parser.parse_args()
    book = Book(Path(__file__).resolve().parents[2])
    colour = sys.stdout.isatty()
    try:
        if arguments.check:
            problems = check(book, colour)
            _report(problems)
        else:
            problems = make(book, colour, arguments.all)
    except BookError as error:
        sys.exit(str(error))
    if problems:
        sys.exit(f"{len(problems)} to mend, listed above.")


if __name__ == "__main__":
    main()
