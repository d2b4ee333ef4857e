"""The language of the words in figures, sentences and error messages."""

import functools
import gettext as _gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

DOMAIN = "d2l_attention"
LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"

_chosen = SOURCE
# Of the thread in which a figure of another language speaks.
_meanwhile: ContextVar[str | None] = ContextVar("language", default=None)


def languages() -> list[str]:
    """List the languages there are words for: English, and each with a catalogue in `locale`."""
    return [SOURCE, *sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def current_language() -> str:
    """Return the language that was chosen last, "en" before any was.

    >>> set_language("en")
    >>> current_language()
    'en'
    """
    return _meanwhile.get() or _chosen


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use a language within a block, in this thread alone, and go back to the one before.

    >>> with speaking("es"):
    ...     current_language()
    'es'
    """
    before = _meanwhile.set(_checked(language))
    try:
        yield
    finally:
        _meanwhile.reset(before)


def set_language(language: str) -> None:
    """Choose the language of figures, sentences and widgets made from now on.

    Args:
        language: "en", "es", or another that has a catalogue.

    Raises:
        ValueError: there is no such language; the message lists those there are.

    >>> set_language("en")
    """
    global _chosen
    _chosen = _checked(language)


def _checked(language: str) -> str:
    if language not in languages():
        words = gettext("language is {language!r}, but must be one of {languages}")
        raise ValueError(words.format(language=language, languages=", ".join(languages())))
    return language


@functools.cache
def _translations(language: str) -> _gettext.NullTranslations:
    # English is in no catalogue, and needs none.
    return _gettext.translation(DOMAIN, LOCALE, [language], fallback=language == SOURCE)


def gettext(message: str) -> str:
    """Translate a message into the chosen language."""
    return _translations(current_language()).gettext(message)


# So that torch.compile shows what is refused, and in the chosen language. The public name of this,
# torch.compiler.assume_constant_result, takes seconds to import.
gettext._dynamo_marked_constant = True  # type: ignore[attr-defined]  # noqa: SLF001


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a message about n things into the chosen language."""
    return _translations(current_language()).ngettext(singular, plural, n)
