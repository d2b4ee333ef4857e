"""Making the site deletes nothing of the author's, and leaves the package as it was."""

import subprocess

import pytest
from small_notebooks import notebook, picture, ran
from tools.files import Book, BookError, write
from tools.site import build as builder

from d2l_attention.language import current_language, gettext, set_language, speaking


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A small book, of which a stand-in for Sphinx makes one page at once."""

    def start(book, language, languages, folder):
        (folder / "site" / language / "_static").mkdir(parents=True)
        (folder / "site" / language / "page.html").write_text("a page")
        (folder / "site" / "jupyter_execute").mkdir()
        return subprocess.Popen(["true"], stdout=subprocess.PIPE, text=True)

    monkeypatch.setattr(builder, "_start", start)
    write(notebook(title="# A title"), tmp_path / "notebooks" / "en" / "start.ipynb")
    return Book(tmp_path)


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", ["missing", "empty", "site"])
def test_a_site_is_made_where_nothing_is_lost(book, kind, tmp_path):
    target = tmp_path / "out" / "site"
    if kind == "empty":
        target.mkdir(parents=True)
    elif kind == "site":
        builder.build(book, target)
        (target / "old.html").touch()
    builder.build(book, target)
    assert {"index.html", "en/page.html"} <= files(target) and "old.html" not in files(target)


@pytest.mark.parametrize("name", ["thesis.tex", "folder/thesis.tex", ".git/HEAD"])
def test_a_folder_with_files_of_the_author_is_refused(book, name, tmp_path, monkeypatch):
    monkeypatch.setattr(builder, "_start", lambda *_: pytest.fail("the site was built first"))
    path = tmp_path / "mine" / name
    path.parent.mkdir(parents=True)
    path.write_text("years of work")
    with pytest.raises(BookError, match="mine has files that are not of a site made here"):
        builder.build(book, tmp_path / "mine")
    assert path.read_text() == "years of work" and files(tmp_path / "mine") == {name}


def test_a_file_is_refused(book, tmp_path):
    (tmp_path / "mine").write_text("years of work")
    with pytest.raises(BookError, match="would be lost"):
        builder.build(book, tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "years of work"


def test_a_language_that_is_not_made_yet_is_named(book, tmp_path):
    book.catalogue("fr").parent.mkdir()
    book.catalogue("fr").touch()
    with pytest.raises(BookError, match="The book in fr is not made yet: `make notebooks`"):
        builder.build(book, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(("kind", "is_known"), [("PlaneExplorer", True), ("Clock", False)])
def test_a_figure_that_would_stop_all_of_its_page_is_refused(book, kind, is_known, tmp_path):
    html = f"""<figure data-d2l-attention='{{"kind":"{kind}"}}'></figure>"""
    (path,) = book.notebooks()
    made = notebook(title="# A title")
    made.cells.append(ran("0", picture("<p>no figure</p>"), picture(html)))
    write(made, path)
    if is_known:
        builder.build(book, tmp_path / "site")
    else:
        with pytest.raises(BookError, match="en/start.ipynb holds a Clock, .* add it to EXPLORERS"):
            builder.build(book, tmp_path / "site")


@pytest.mark.parametrize("chosen", ["en", "es"])
def test_words_of_a_page_leave_the_chosen_language(chosen):
    words = {"en": "Keys", "es": "Claves"}
    try:
        set_language(chosen)
        for language, keys in words.items():
            with speaking(language):
                assert gettext("Keys") == keys and current_language() == language
            assert gettext("Keys") == words[chosen] and current_language() == chosen
        with pytest.raises(RuntimeError), speaking("es"):
            raise RuntimeError
        assert current_language() == chosen
    finally:
        set_language("en")
