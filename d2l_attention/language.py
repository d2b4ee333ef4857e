"""The language of the words in figures, sentences and error messages."""

import gettext as _gettext
from pathlib import Path

DOMAIN = "d2l_attention"
LOCALE = Path(__file__).parent / "locale"
SOURCE = "en"

_language = SOURCE
_translations = _gettext.NullTranslations()


def languages() -> list[str]:
    """List the languages there are words for: English, and each with a catalogue in `locale`."""
    return [SOURCE, *sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def current_language() -> str:
    """Return the language that was chosen last, "en" before any was.

    >>> set_language("en")
    >>> current_language()
    'en'
    """
    return _language


def set_language(language: str) -> None:
    """Choose the language of figures, sentences and widgets made from now on.

    Args:
        language: "en", "es", or another that has a catalogue.

    Raises:
        ValueError: there is no such language; the message lists those there are.

    >>> set_language("en")
    """
    global _language, _translations
    if language not in languages():
        raise ValueError(f"language is {language!r}, but must be one of {', '.join(languages())}")
    # English is in no catalogue, and needs none.
    _translations = _gettext.translation(DOMAIN, LOCALE, [language], fallback=language == SOURCE)
    _language = language


def gettext(message: str) -> str:
    """Translate a message into the chosen language."""
    return _translations.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a message about n things into the chosen language."""
    return _translations.ngettext(singular, plural, n)
