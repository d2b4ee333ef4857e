"""Gettext catalogues: bring them up to date, and find what a translator has to revise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from string import Formatter
from textwrap import indent, shorten

import polib
from babel import Locale
from babel.messages.plurals import get_plural
from polib import POEntry, POFile

from .files import BookError
from .worddiff import word_diff

FORMAT = "python-brace-format"
"""The flag of a message with {names}, which have to be the same in its translation."""

_ALIKE = 0.6
"""How alike two wordings in different places are when one came from the other."""


@dataclass(frozen=True)
class Message:
    """English words to translate and where they stand; two, if they are singular and plural."""

    ids: tuple[str, ...]
    place: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something that is not current: where to go, what is wrong and what to look at there."""

    where: str
    what: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        details = "\n".join(self.details)
        return f"{self.where}: {self.what}\n{indent(details, '    ')}".rstrip()


def read(path: Path, language: str) -> POFile:
    """Read a catalogue; one that is not there yet is empty."""
    if not path.exists():
        return _empty(language)
    try:
        return polib.pofile(str(path), encoding="utf-8", check_for_duplicates=True)
    except (OSError, ValueError) as error:
        raise BookError(f"{path} cannot be read: {error}") from None


def _empty(language: str) -> POFile:
    """A catalogue without entries; its header has no dates, so that it changes with words alone."""
    catalogue = POFile(wrapwidth=0)  # one line for each line of a text, however long
    catalogue.header = f"English to {_name(language)}."
    catalogue.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": get_plural(language).plural_forms,
    }
    return catalogue


def _name(language: str) -> str:
    return Locale.parse(language).english_name or language


def render(catalogue: POFile) -> str:
    """The text of a catalogue's file."""
    return f"{catalogue}".rstrip() + "\n"


def ids(entry: POEntry) -> tuple[str, ...]:
    """The English of an entry: one text, or the singular and the plural."""
    return (entry.msgid, entry.msgid_plural) if entry.msgid_plural else (entry.msgid,)


def strings(entry: POEntry) -> tuple[str, ...]:
    """The translation of an entry: one text, or one for each plural form."""
    forms = entry.msgstr_plural
    return tuple(forms[n] for n in sorted(forms)) if forms else (entry.msgstr,)


def translations(catalogue: POFile) -> dict[str, str]:
    """The translation of each message without plural forms."""
    return {entry.msgid: entry.msgstr for entry in catalogue}


def merge(catalogue: POFile, messages: Iterable[Message], language: str) -> POFile:
    """Bring a catalogue up to date: new entries are empty, changed ones fuzzy, gone ones dropped."""
    merged = _empty(language)
    entries = _entries(messages, get_plural(language).num_plurals)
    merged.extend(entries.values())
    before = {ids(entry): entry for entry in catalogue if not entry.obsolete}
    for key in entries.keys() & before.keys():
        _carry(before.pop(key), entries.pop(key))
    vanished = [entry for entry in before.values() if all(strings(entry))]
    for entry, old in _pairs([*entries.values()], vanished):
        _carry(old, entry)
    return merged


def _entries(messages: Iterable[Message], num_plurals: int) -> dict[tuple[str, ...], POEntry]:
    """An empty entry for each wording, with all the places where it stands."""
    entries: dict[tuple[str, ...], POEntry] = {}
    for message in messages:
        if message.ids not in entries:
            singular, *plural = message.ids
            entry = POEntry(msgid=singular, occurrences=[], flags=[*message.flags])
            if plural:
                entry.msgid_plural = plural[0]
                entry.msgstr_plural = dict.fromkeys(range(num_plurals), "")
            entries[message.ids] = entry
        occurrence = (message.place, "")  # no line number: it would change with every edit
        if occurrence not in entries[message.ids].occurrences:
            entries[message.ids].occurrences.append(occurrence)
    return entries


def _pairs(appeared: list[POEntry], vanished: list[POEntry]) -> Iterator[tuple[POEntry, POEntry]]:
    """Match new wordings to old ones: any in the same place, alike ones elsewhere, best first."""
    candidates = []
    for i, entry in enumerate(appeared):
        for j, old in enumerate(vanished):
            if len(ids(entry)) != len(ids(old)):
                continue
            words = (old.msgid.split(), entry.msgid.split())
            alike = SequenceMatcher(None, *words, autojunk=False).ratio()
            same_place = bool(set(entry.occurrences) & set(old.occurrences))
            if same_place or alike >= _ALIKE:
                candidates.append((same_place, alike, -i, -j))
    taken: set[tuple[str, int]] = set()
    for *_, i, j in sorted(candidates, reverse=True):
        if not taken & {("new", -i), ("old", -j)}:
            taken |= {("new", -i), ("old", -j)}
            yield appeared[-i], vanished[-j]


def _carry(old: POEntry, entry: POEntry) -> None:
    """Take over a translation; it is to be revised if it is not of these very words."""
    entry.msgstr, entry.msgstr_plural = old.msgstr, old.msgstr_plural
    entry.tcomment, entry.linenum = old.tcomment, old.linenum
    # A fuzzy translation is of the words before; they may have changed twice, or back.
    previous = _previous(old) if old.fuzzy else ()
    if (previous or ids(old)) != ids(entry):
        entry.previous_msgid, *plural = previous or ids(old)
        entry.previous_msgid_plural = plural[0] if plural else None
        entry.flags.append("fuzzy")
    elif old.fuzzy and not previous:
        entry.flags.append("fuzzy")


def _previous(entry: POEntry) -> tuple[str, ...]:
    return tuple(filter(None, (entry.previous_msgid, entry.previous_msgid_plural)))


def stale(
    path: Path, name: str, language: str, messages: Iterable[Message], colour: bool = False
) -> list[Problem]:
    """What keeps a catalogue from being a full and current translation of its messages."""
    catalogue = merge(read(path, language), messages, language)
    problems = []
    for entry in catalogue:
        where = f"{name}:{entry.linenum}" if entry.linenum else name
        where += f" ({', '.join(_place(place) for place, _ in entry.occurrences)})"
        expected = get_plural(language).num_plurals if entry.msgid_plural else 1
        if not all(strings(entry)) or len(strings(entry)) != expected:
            text = shorten(entry.msgid, 200, placeholder=" …")
            problems.append(Problem(where, "not translated", (f"English: {text}",)))
        elif entry.fuzzy:
            problems.append(Problem(where, "the English changed", _change(entry, language, colour)))
        elif FORMAT in entry.flags and not _same_fields(entry):
            details = (
                *_labelled("English", ids(entry)),
                *_labelled(_name(language), strings(entry)),
            )
            problems.append(Problem(where, "its {names} are not those of the English", details))
    if not problems and (not path.exists() or render(catalogue) != path.read_text("utf-8")):
        problems.append(Problem(name, "not as `make notebooks` leaves it: run that"))
    return problems


def _place(place: str) -> str:
    file, _, cell = place.partition("#")
    return f'{file}, cell "{cell}"' if cell else file


def _change(entry: POEntry, language: str, colour: bool) -> tuple[str, ...]:
    pairs = zip(_previous(entry) or ids(entry), ids(entry), strict=True)
    return (
        *_labelled("English", (word_diff(old, new, colour) for old, new in pairs)),
        *_labelled(_name(language), strings(entry)),
        'Revise its msgstr, then delete its lines that begin with "#, fuzzy" and "#|".',
    )


def _labelled(label: str, texts: Iterable[str]) -> Iterator[str]:
    return (f"{label}: {text}" for text in texts)


def _same_fields(entry: POEntry) -> bool:
    english = [fields(text) for text in ids(entry)]
    try:
        return all(fields(text) in english for text in strings(entry))
    except ValueError:  # a brace that is not closed
        return False


def fields(text: str) -> set[tuple[str | None, ...]]:
    """The {names} of a message, each with its format."""
    return {(name, *how) for _, name, *how in Formatter().parse(text) if name is not None}
