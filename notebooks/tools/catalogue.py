"""Gettext catalogues: read, bring up to date, write, and find what a translator has to revise."""

import io
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from textwrap import indent, shorten

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, PoFileParser, denormalize, write_po

from .files import BookError
from .worddiff import word_diff

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ALIKE = 0.6
"""How alike two wordings in different places are when one came from the other."""


class Catalogue(Catalog):
    """A Babel catalogue whose header has no dates, so that a file changes only with its words."""

    KEPT = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")

    def _headers(self):
        kept = [(name, value) for name, value in self._get_mime_headers() if name in self.KEPT]
        return [*kept[:-1], (kept[-1][0], kept[-1][1] + "\n")]

    mime_headers = property(_headers, Catalog._set_mime_headers)


@dataclass(frozen=True)
class Problem:
    """Something that is not current: where to go, what is wrong and what to look at there."""

    where: str
    what: str
    details: tuple = ()

    def __str__(self):
        details = "\n".join(self.details)
        return f"{self.where}: {self.what}\n{indent(details, '    ')}".rstrip()


def new(language):
    """An empty catalogue of a language."""
    catalogue = Catalogue(locale=language, header_comment="#", fuzzy=False)
    catalogue.header_comment = f"# English to {catalogue.locale.english_name}."
    return catalogue


def read(path, language):
    """Read a catalogue with the previous wordings of its fuzzy entries; no file is an empty one."""
    catalogue = new(language)
    if path.exists():
        with path.open(encoding="utf-8") as file:
            try:
                PoFileParser(catalogue, ignore_obsolete=True, abort_invalid=True).parse(file)
            except PoFileError as error:
                raise BookError(f"{path} cannot be read: {error}") from None
    for message in catalogue:
        # Babel writes "#|" lines, but reads them as comments.
        previous = [line for line in message.user_comments if line.startswith("|")]
        message.user_comments = [line for line in message.user_comments if line not in previous]
        ids = re.split(r"\bmsgid(?:_plural)? (?=\")", " ".join(line[1:] for line in previous))
        message.previous_id = [denormalize("\n".join(_QUOTED.findall(text))) for text in ids[1:]]
    return catalogue


def render(catalogue):
    """The bytes of a catalogue's file: one line for each line of a text, however long."""
    file = io.BytesIO()
    # Babel's width=0 would still wrap comments, and cut file names at their hyphens.
    write_po(file, catalogue, width=10**9, include_previous=True, ignore_obsolete=True)
    return file.getvalue().rstrip() + b"\n"


def merge(catalogue, template):
    """Bring a catalogue up to date: new entries are empty, changed ones fuzzy, gone ones dropped."""
    before = {message.id: message for message in catalogue if message.id}
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    appeared = []
    for message in filter(lambda message: message.id, catalogue):
        message.flags = (message.flags & {"fuzzy"}) | template.get(_key(message)).flags
        if old := before.get(message.id):
            message.lineno = old.lineno
            message.previous_id = old.previous_id if message.fuzzy else []
        else:
            appeared.append(message)
    vanished = [message for message in catalogue.obsolete.values() if _translated(message)]
    for new_wording, old_wording in _pairs(appeared, vanished):
        _carry(old_wording, new_wording)
    return catalogue


def _key(message):
    return message.id[0] if message.pluralizable else message.id


def _translated(message):
    return all(message.string) if message.pluralizable else bool(message.string)


def _pairs(appeared, vanished):
    """Match new wordings to old ones: any in the same place, alike ones elsewhere, best first.

    Babel's own matching would also offer the translation of an entry that is still in use, and
    would lose a text that was rewritten.
    """
    candidates = []
    for i, message in enumerate(appeared):
        for j, old in enumerate(vanished):
            if message.pluralizable != old.pluralizable:
                continue
            words = (_key(old).split(), _key(message).split())
            alike = SequenceMatcher(None, *words, autojunk=False).ratio()
            same_place = bool(set(message.locations) & set(old.locations))
            if same_place or alike >= _ALIKE:
                candidates.append((same_place, alike, -i, -j))
    taken = set()
    for *_, i, j in sorted(candidates, reverse=True):
        if not taken & {("new", -i), ("old", -j)}:
            taken |= {("new", -i), ("old", -j)}
            yield appeared[-i], vanished[-j]


def _carry(old, message):
    message.string, message.lineno = old.string, old.lineno
    message.user_comments = old.user_comments
    # The translation may be older than the last wording; what it translated is what to compare.
    previous = old.previous_id or ([*old.id] if old.pluralizable else [old.id])
    if previous != ([*message.id] if message.pluralizable else [message.id]):
        message.previous_id = previous
        message.flags.add("fuzzy")


def stale(path, name, language, template, colour=False):
    """What keeps a catalogue from being a full and current translation of its template."""
    catalogue = merge(read(path, language), template)
    problems = []
    for message in filter(lambda message: message.id, catalogue):
        where = f"{name}:{message.lineno}" if message.lineno else name
        where += f" ({', '.join(map(_place, message.locations))})"
        if not _translated(message):
            text = shorten(_key(message), 200, placeholder=" …")
            problems.append(Problem(where, "not translated", (f"English: {text}",)))
        elif message.fuzzy:
            problems.append(
                Problem(where, "the English changed", _change(message, catalogue, colour))
            )
        else:
            problems += [Problem(where, str(error)) for error in message.check(catalogue)]
    if not problems and (not path.exists() or render(catalogue) != path.read_bytes()):
        problems.append(Problem(name, "not as `make notebooks` leaves it: run that"))
    return problems


def _place(location):
    file, _, cell = location[0].partition("#")
    return f'{file}, cell "{cell}"' if cell else file


def _change(message, catalogue, colour):
    language = catalogue.locale.english_name
    ids = message.id if message.pluralizable else [message.id]
    strings = message.string if message.pluralizable else [message.string]
    diffs = [word_diff(*pair, colour) for pair in zip(message.previous_id, ids, strict=False)]
    return (
        *(f"English: {diff}" for diff in diffs),
        *(f"{language}: {string}" for string in strings),
        'Revise its msgstr, then delete its lines that begin with "#, fuzzy" and "#|".',
    )
