"""Show what changed between two wordings, word by word."""

from difflib import SequenceMatcher

_KEPT = 6
"""How many unchanged words stay on either side of a change."""


def word_diff(old: str, new: str, colour: bool = False) -> str:
    """What was removed as [-old-] and added as {+new+}, long unchanged stretches shortened.

    It is one line: ↵ stands for a new line.
    """
    removed, added = ("\033[31m{}\033[0m", "\033[32m{}\033[0m") if colour else ("{}", "{}")
    a, b = _words(old), _words(new)
    shown = []
    for operation, i, j, k, m in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if operation == "equal":
            shown += _shorten(a[i:j], starts=i + k == 0, ends=j + m == len(a) + len(b))
            continue
        if i < j:
            shown.append(removed.format(f"[-{' '.join(a[i:j])}-]"))
        if k < m:
            shown.append(added.format(f"{{+{' '.join(b[k:m])}+}}"))
    return " ".join(shown) if a != b else "only spaces changed"


def _words(text: str) -> list[str]:
    return text.strip().replace("\n", " ↵ ").split()


def _shorten(words: list[str], starts: bool, ends: bool) -> list[str]:
    head = [] if starts else words[:_KEPT]
    tail = [] if ends else words[-_KEPT:]
    return words if len(words) <= len(head) + len(tail) else [*head, "…", *tail]
