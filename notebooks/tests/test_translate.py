"""Editing one English sentence leads to the one entry to revise, and to nothing untranslated."""

import pytest
from small_notebooks import notebook
from tools import book as maker
from tools import catalogue as po
from tools.files import Book, BookError, read, write
from tools.worddiff import word_diff

WORDS = {
    "# Looking up": "# Buscar",
    "Each key has a value,\nand a query asks for it.": (
        "Cada clave tiene un valor,\ny una consulta lo pide."
    ),
    "the language": "el idioma",
    "Found {x} keys": "Se hallaron {x} claves",
    "Keys": "Claves",
    "{count} key": "{count} clave",
}
CELLS = {
    "title": (
        "# Looking up\n\nEach key has a value,\nand a query asks for it.\n\n```\nmany words\n\n```\n"
    ),
    "setup": 'set_language("en")  # the language',
    "lookup": 'print(f"Found {x} keys")',
    "again": 'print(f"Found {x} keys")  # (n, d)',
}
TITLE = (
    "# Buscar\n\nCada clave tiene un valor,\ny una consulta lo pide.\n\n```\nmany words\n\n```\n"
)
MODULE = '_("Keys")\nngettext("{count} key", "{count} keys", n)\n'


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A small book, translated and made, with notebooks that need no kernel."""
    monkeypatch.setattr(maker, "run", lambda made, folder, name: None)
    small = Book(tmp_path)
    (small.package / "tests").mkdir(parents=True)
    (small.package / "tests" / "test_words.py").write_text('_("not for readers")')
    (small.package / "words.py").write_text(MODULE)
    write(notebook(**CELLS), tmp_path / "notebooks/en/1-first.ipynb")
    small.catalogue("es").parent.mkdir()
    small.catalogue("es").touch()
    maker.update(small)
    for path in (small.catalogue("es"), small.package_catalogue("es")):
        revise(path)
    assert maker.make(small) == []
    return small


def revise(path, words=WORDS):
    catalogue = po.read(path, "es")
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "{count} clave", 1: "{count} claves"}
        elif entry.msgid in words:
            entry.msgstr = words[entry.msgid]
            entry.fuzzy, entry.previous_msgid = False, None
    path.write_text(po.render(catalogue))


def edit(book, cell, old, new):
    path = book.notebooks()[0]
    made = read(path)
    found = next(c for c in made.cells if c.id == cell)
    assert old in found.source
    found.source = found.source.replace(old, new)
    write(made, path)


def files(book):
    return {path: path.read_bytes() for path in sorted(book.root.rglob("*")) if path.is_file()}


def said(problems):
    return "\n".join(map(str, problems))


def test_made_book_is_current_and_stays_as_it_is(book):
    before = files(book)
    assert maker.check(book) == [] and maker.make(book) == []
    assert files(book) == before
    made = {cell.id: cell for cell in read(book.notebooks("es")[0]).cells}
    assert made["title"].source == TITLE
    assert made["setup"].source == 'set_language("es")  # el idioma'
    assert made["again"].source == 'print(f"Se hallaron {x} claves")  # (n, d)'


def test_catalogue_is_readable(book):
    text = book.catalogue("es").read_text()
    assert text.startswith("# English to Spanish.\n")
    assert '"Each key has a value,\\n"\n"and a query asks for it."\n' in text
    assert "#: 1-first.ipynb#lookup 1-first.ipynb#again\n" in text
    assert "Date" not in text and "-format" not in text and "many" not in text
    assert "not for readers" not in book.package_catalogue("es").read_text()


def test_changed_sentence_is_shown_word_by_word(book):
    spanish = book.notebooks("es")[0].read_bytes()
    edit(book, "title", "a query asks", "the query looks")
    before = files(book)
    problems = maker.check(book)
    assert files(book) == before, "check wrote something"
    for found in (said(problems), said(maker.make(book))):
        assert "notebooks/locale/es.po:" in found and '(1-first.ipynb, cell "title")' in found
        assert "[-a-] {+the+} query [-asks-] {+looks+} for it." in found
        assert "Spanish: Cada clave tiene un valor,\n" in found and "Buscar" not in found
    line = int(found.split("es.po:")[1].split(" ")[0])
    entry = book.catalogue("es").read_text().splitlines()[line - 1 :][:3]
    assert entry == ["#: 1-first.ipynb#title", "#, fuzzy", '#| msgid ""']
    assert book.notebooks("es")[0].read_bytes() == spanish, "translated from a stale text"
    before = files(book)
    assert maker.make(book) and files(book) == before, "a second run changed something"


def test_a_language_that_lacks_words_holds_up_no_other(book):
    spanish = book.notebooks("es")[0].read_bytes()
    book.catalogue("fr").touch()
    edit(book, "setup", "# the language", "# a language")
    maker.make(book)
    revise(book.catalogue("es"), WORDS | {"a language": "una lengua"})
    problems = maker.make(book)
    assert problems and all("fr" in problem.where for problem in problems), said(problems)
    assert b"una lengua" in book.notebooks("es")[0].read_bytes() != spanish
    assert not book.notebooks("fr")


def test_revised_sentence_makes_the_book_current(book):
    edit(book, "title", "asks", "looks")
    maker.make(book)
    new = next(e.msgid for e in po.read(book.catalogue("es"), "es") if "looks" in e.msgid)
    revise(book.catalogue("es"), {new: "Nuevo."})
    maker.update(book)
    assert "not what the catalogue gives" in said(maker.check(book))
    assert maker.make(book) == [] and maker.check(book) == []
    assert "#|" not in book.catalogue("es").read_text()
    assert read(book.notebooks("es")[0]).cells[0].source.startswith("# Buscar\n\nNuevo.\n\n```")


def test_second_change_still_compares_with_what_was_translated(book):
    edit(book, "title", "asks", "looks")
    maker.make(book)
    edit(book, "title", "looks", "searches")
    assert "[-asks-] {+searches+}" in said(maker.make(book))


def test_change_undone_leaves_no_trace(book):
    before = files(book)
    edit(book, "title", "asks", "looks")
    assert maker.make(book)
    edit(book, "title", "looks", "asks")
    assert maker.make(book) == [] and files(book) == before


def test_rewritten_cell_keeps_its_translation_to_revise(book):
    edit(book, "title", CELLS["title"], "# Another beginning altogether\n")
    found = said(maker.make(book))
    assert "English: # [-Looking up-] {+Another beginning altogether+}" in found
    assert "Spanish: # Buscar" in found


def test_moved_cell_keeps_its_translation(book):
    path = book.notebooks()[0]
    made = read(path)
    made.cells[0].id = "elsewhere"
    made.cells[0].source = made.cells[0].source.replace("for it.", "for it. And more.")
    write(made, path)
    (problem,) = maker.make(book)
    assert "{+And more.+}" in str(problem) and 'cell "elsewhere"' in problem.where


def test_new_paragraph_leaves_its_neighbours_alone(book):
    edit(book, "title", "# Looking up\n\n", "# Looking up\n\nA sentence that is new.\n\n")
    (problem,) = maker.make(book)
    assert problem.what == "not translated"
    assert problem.details == ("English: A sentence that is new.",)


def test_new_words_are_missing_and_gone_ones_are_dropped(book):
    edit(book, "again", '{x} keys")', '{x} keys", "Something new")')
    edit(book, "setup", "  # the language", "")
    problems = maker.make(book)
    assert [problem.what for problem in problems] == ["not translated"]
    assert "English: Something new" in problems[0].details
    text = book.catalogue("es").read_text()
    assert "el idioma" not in text and '\nmsgid "Something new"\nmsgstr ""' in text


def test_gone_words_alone_are_noticed(book):
    edit(book, "setup", "  # the language", "")
    assert "run that" in said(maker.check(book))
    assert maker.make(book) == [] and maker.check(book) == []


@pytest.mark.parametrize(
    "old, new, what",
    [
        ('_("Keys")', '_("All keys")', "[-Keys-] {+All keys+}"),
        ('"{count} keys"', '"{count} or more keys"', "{count} {+or more+} keys"),
        ('_("Keys")', '_("Keys"), _("Something else entirely")', "Something else entirely"),
    ],
)
def test_words_of_the_package(book, old, new, what):
    path = book.package / "words.py"
    path.write_text(MODULE.replace(old, new))
    found = said(maker.check(book))
    assert what in found and "d2l_attention.po" in found


@pytest.mark.parametrize(
    "text, sound",
    [
        ("{m:.2f} claves", False),
        ("claves", False),
        ("{n:.3f} claves", False),
        ("{n:.2f} y {m}", False),
        ("{n:.2f claves", False),
        ("claves: {n:.2f}", True),
    ],
)
def test_fields_of_the_package_must_stay(book, text, sound):
    (book.package / "words.py").write_text('_("{n:.2f} keys")')
    maker.update(book)
    revise(book.package_catalogue("es"), {"{n:.2f} keys": text})
    found = said(maker.check(book))
    assert ("its {names} are not those of the English" in found) != sound
    assert ("d2l_attention.po:" in found) != sound


def test_singular_may_leave_out_the_number_where_english_does(book):
    (book.package / "words.py").write_text('ngettext("one key", "{count} keys", n)')
    maker.update(book)
    path = book.package_catalogue("es")
    for singular, sound in (("una clave", True), ("{cuenta} clave", False)):
        catalogue = po.read(path, "es")
        catalogue[0].msgstr_plural = {0: singular, 1: "{count} claves"}
        catalogue[0].fuzzy = False
        path.write_text(po.render(catalogue))
        assert ("its {names}" in said(maker.check(book))) != sound


def test_every_plural_form_must_be_there(book):
    path = book.package_catalogue("es")
    path.write_text(path.read_text().replace('msgstr[1] "{count} claves"\n', ""))
    assert "not translated" in said(maker.check(book))


def test_fuzzy_entry_counts_as_not_revised(book):
    path = book.catalogue("es")
    path.write_text(path.read_text().replace('msgid "# Looking', '#, fuzzy\nmsgid "# Looking'))
    found = said(maker.make(book))
    assert "the English changed" in found and "Spanish: # Buscar" in found


def test_comment_of_a_translator_stays(book):
    path = book.catalogue("es")
    before = path.read_text().replace("#: 1-", "# Por qué.\n#: 1-")
    path.write_text(before)
    assert maker.make(book) == [] and path.read_text() == before and "Por qué" in before


def test_compiled_catalogue_must_be_that_of_its_po(book):
    path = book.package_catalogue("es").with_suffix(".mo")
    assert b"Claves" in path.read_bytes() and b"Date" not in path.read_bytes()
    path.write_bytes(b"")
    assert "not compiled from its .po" in said(maker.check(book))


def test_edited_translation_must_come_from_the_catalogue(book):
    path = book.notebooks("es")[0]
    made = read(path)
    made.cells[0].source += " A mano."
    write(made, path)
    assert 'es/1-first.ipynb, cell "title": not what the catalogue' in said(maker.check(book))
    made.cells.pop()
    write(made, path)
    assert "its cells are not those" in said(maker.check(book))
    extra = path.with_name("2-extra.ipynb")
    path.rename(extra)
    assert [problem.what.split(":")[0] for problem in maker.check(book)] == [
        "missing",
        "has no English original",
    ]
    assert maker.make(book) == [] and not extra.exists() and path.exists()


@pytest.mark.parametrize("text", ['Se hallaron "{x}"', "Se hallaron claves", "Una {y}", "línea\\"])
def test_translation_that_breaks_the_code_is_refused(book, text):
    revise(book.catalogue("es"), {"Found {x} keys": text})
    with pytest.raises(BookError, match='es/1-first.ipynb, cell "lookup": the translation'):
        maker.make(book)


def test_another_language_is_another_catalogue(book):
    book.catalogue("fr").touch()
    problems = maker.make(book)
    assert {problem.what for problem in problems} == {"not translated"}
    assert book.package_catalogue("fr").exists() and not book.folder("fr").exists()
    assert '"Language: fr\\n"' in book.catalogue("fr").read_text()


def test_damaged_catalogue_is_named(book):
    for text in ('msgid "a"\nmsgxyz "b"\n', 2 * 'msgid "a"\nmsgstr "b"\n\n'):
        book.catalogue("es").write_text(text)
        with pytest.raises(BookError, match="es.po cannot be read"):
            maker.check(book)


def test_cell_that_is_not_python_is_named(book):
    edit(book, "lookup", "print(", "print((")
    with pytest.raises(BookError, match='en/1-first.ipynb, cell "lookup" is not Python'):
        maker.check(book)


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("a b c", "a x c", "a [-b-] {+x+} c"),
        ("a b", "a b c", "a b {+c+}"),
        ("a b c", "a c", "a [-b-] c"),
        ("1 2 3 4 5 6 7 8 x", "1 2 3 4 5 6 7 8 y", "… 3 4 5 6 7 8 [-x-] {+y+}"),
        ("x 1 2 3 4 5 6 7 8", "y 1 2 3 4 5 6 7 8", "[-x-] {+y+} 1 2 3 4 5 6 …"),
        ("a b\n\nc", "a b\nc", "a b ↵ [-↵-] c"),
        ("a  b", "a b", "only spaces changed"),
        ("x 1 2 3 4 5 y", "z 1 2 3 4 5 w", "[-x-] {+z+} 1 2 3 4 5 [-y-] {+w+}"),
    ],
)
def test_word_diff(old, new, expected):
    assert word_diff(old, new) == expected


def test_word_diff_in_colour():
    assert word_diff("a", "b", colour=True) == "\033[31m[-a-]\033[0m \033[32m{+b+}\033[0m"
