"""Gather what the site is made of, let Sphinx make each language of it, and put them together."""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..files import SOURCE, Book, BookError, write
from . import figures, pages

HERE = Path(__file__).parent
MATHJAX = "tex-svg-full.js"  # all of MathJax in one file, which fetches nothing
MADE_HERE = ".made-by-d2l_attention"
"""The file that marks a site, so that another folder is never taken for one and deleted."""


def build(book: Book, target: Path) -> None:
    """Make the site in the folder `target`: a new or empty one, or a site, which is replaced."""
    _check_replaceable(target)
    languages = [SOURCE, *book.languages]
    for language in languages:
        _check_complete(book, language)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = [_start(book, language, languages, folder) for language in languages]
        said = [process.communicate()[0] for process in started]
        if any(process.returncode for process in started):
            raise BookError("\n".join(["The site has faults:", *filter(None, said)]))
        made = folder / "site"
        for language in languages:
            _trim(made / language / "_static")
        shutil.rmtree(made / "jupyter_execute")  # the notebooks again, which no page asks for
        (made / "assets").mkdir()
        shutil.copy(_mathjax(), made / "assets" / MATHJAX)
        (made / "index.html").write_text(pages.redirect_page(languages), "utf-8")
        (made / ".nojekyll").touch()  # or GitHub would leave out folders that begin with "_"
        (made / MADE_HERE).touch()
        _replace(target, made)


def _check_replaceable(target: Path) -> None:
    """Refuse a folder whose files would be lost."""
    if not target.exists() or (target / MADE_HERE).exists():
        return
    if not target.is_dir() or any(target.iterdir()):
        raise BookError(
            f"{target} has files that are not of a site made here, and they would be lost: "
            "delete them yourself, or name a folder that is empty or not there."
        )


def _check_complete(book: Book, language: str) -> None:
    """Refuse a language that is not translated yet, and a figure that would stop all of its page."""
    notebooks = book.notebooks(language)
    if not notebooks:
        raise BookError(
            f"The book in {language} is not made yet: `make notebooks` lists what it lacks"
        )
    for path in notebooks:
        unknown = pages.figures_in(path) - {explorer.__name__ for explorer in figures.EXPLORERS}
        if unknown:
            raise BookError(
                f"{book.name(path)} holds a {', '.join(sorted(unknown))}, which the site does not know: "
                "add it to EXPLORERS in notebooks/tools/site/figures.py, or let its _saved_inputs "
                "return None, and it stays a picture there"
            )


def _replace(target: Path, made: Path) -> None:
    _check_replaceable(target)
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(made, target)


def _trim(static: Path) -> None:
    """Leave out what no page asks for: source maps, templates, sources of translations."""
    for unused in [*static.rglob("*.map"), *static.rglob("*.html")]:
        unused.unlink()
    shutil.rmtree(static / "locales", ignore_errors=True)


def _start(book: Book, language: str, languages: list[str], folder: Path) -> subprocess.Popen[str]:
    """Write the sources of one language, and start Sphinx on them."""
    sources = folder / "sources" / language
    notebooks = book.notebooks(language)
    names = [path.stem for path in notebooks if path.stem != pages.START]
    for path in notebooks:
        write(pages.page(path, languages, names), sources / path.name)
    shutil.copy(book.recipes(language), sources / "recipes.md")
    (sources / "api.md").write_text(pages.reference(language), "utf-8")
    static = folder / "static" / language
    static.mkdir(parents=True)
    (static / "figures-data.js").write_text(figures.data(language), "utf-8")
    return subprocess.Popen(
        [
            sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", HERE,
            "-d", folder / "doctrees" / language, sources, folder / "site" / language,
        ],
        env=os.environ | {
            "BOOK_LANGUAGE": language,
            "BOOK_LANGUAGES": " ".join(languages),
            "BOOK_STATIC": str(static),
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *filter(None, sys.path)]),
        },
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def _mathjax() -> Path:
    for file in importlib.metadata.files("sphinx-mathjax-offline") or []:
        if file.name == MATHJAX:
            return Path(file.locate())
    raise BookError(f"sphinx-mathjax-offline brought no {MATHJAX}: set up again")
