"""The language of the words that figures and answers are made of."""

import gettext as _gettext
from pathlib import Path

DOMAIN = "d2l_attention"
LOCALE = Path(__file__).parent / "locale"

_current: _gettext.NullTranslations = _gettext.NullTranslations()


def languages() -> list[str]:
    """List the languages there are words for: English, and each with a catalogue in `locale`."""
    return ["en", *sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def set_language(language: str) -> None:
    """Choose the language of figures, sentences and widgets made from now on.

    Args:
        language: "en", "es", or another that has a catalogue.

    Raises:
        ValueError: there is no such language; the message lists those there are.

    >>> set_language("en")
    """
    global _current
    if language not in languages():
        raise ValueError(f"language is {language!r}, but must be one of {', '.join(languages())}")
    if language == "en":
        _current = _gettext.NullTranslations()
    else:
        _current = _gettext.translation(DOMAIN, LOCALE, [language])


def gettext(message: str) -> str:
    """Say a message in the chosen language."""
    return _current.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Say a message about n things in the chosen language."""
    return _current.ngettext(singular, plural, n)
