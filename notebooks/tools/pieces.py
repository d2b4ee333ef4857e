"""The pieces of a code cell that a translator reads: its comments and its strings with words."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SHAPE = re.compile(r"\(\s*[\w.+*/ -]*(?:,\s*[\w.+*/ -]*)+\)")
_ONLY_SHAPES = re.compile(rf"{SHAPE.pattern}(?:\s*(?:->|→|@|×)\s*{SHAPE.pattern})*")
_FORMULA = re.compile(r"\$[^$]+\$")
_OPENING = re.compile(r"(?P<prefix>\w*)(?P<quote>'''|\"\"\"|'|\")")
_LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Token:
    """A token of a cell, `source[start:end]`; an f-string is one token whatever the Python."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """What stands at `source[start:end]`: words, or the language that the cell sets."""

    text: str
    start: int
    end: int
    sets_language: bool = False


def tokens(source: str) -> Iterator[Token]:
    """Yield the tokens of a cell."""
    rows = [0]
    for line in source.split("\n"):
        rows.append(rows[-1] + len(line) + 1)
    depth, opened = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        start, end = (rows[row - 1] + column for row, column in (token.start, token.end))
        # From Python 3.12 an f-string comes in parts, with the tokens of its expressions between.
        if name == "FSTRING_START":
            opened = opened if depth else start
            depth += 1
        elif name == "FSTRING_END":
            depth -= 1
            if not depth:
                yield Token("STRING", source[opened:end], opened, end)
        elif not depth:
            layout = token.type in _LAYOUT
            yield Token(name, "" if layout else token.string, start, end)


def has_words(text: str) -> bool:
    """Whether a text has a word, two letters at least, outside its formulas."""
    return bool(re.search(r"[^\W\d_]{2}", _FORMULA.sub("", text)))


def literal_parts(literal: str) -> tuple[str, list[str]]:
    """Split a string literal into what it says and the expressions it holds."""
    node = ast.parse(literal, mode="eval").body
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    held = [ast.unparse(part) for part in parts if isinstance(part, ast.FormattedValue)]
    return "".join(text for text in texts if isinstance(text, str)), held


def pieces(source: str) -> list[Piece]:
    """The pieces of a cell to translate, in order."""
    found, before = [], ["", ""]
    for token in tokens(source):
        if token.kind == "COMMENT":
            text = token.text.lstrip("#").strip()
            if has_words(text) and not _ONLY_SHAPES.fullmatch(text):
                start = token.start + token.text.index(text)
                found.append(Piece(text, start, start + len(text)))
        elif token.kind == "STRING":
            sets_language = before == ["set_language", "("]
            if sets_language or has_words(literal_parts(token.text)[0]):
                start, end = _inside(token)
                found.append(Piece(source[start:end], start, end, sets_language))
        before = [before[1], token.text]
    return found


def _inside(token: Token) -> tuple[int, int]:
    """Where the text between the quotes of a string literal begins and ends."""
    opening = _OPENING.match(token.text)
    assert opening, token.text  # every string literal has quotes
    return token.start + opening.end(), token.end - len(opening["quote"])


def rewrite(source: str, language: str, translate: Callable[[str], str]) -> str:
    """A cell in another language, given what translates one piece's text."""
    for piece in reversed(pieces(source)):
        text = language if piece.sets_language else translate(piece.text)
        source = source[: piece.start] + text + source[piece.end :]
    return source


def skeleton(source: str) -> list[str]:
    """What translation must leave alone: the tokens of a cell without the words of its pieces."""
    begins = {piece.start: piece for piece in pieces(source)}
    kept = []
    for token in tokens(source):
        inside = next((begins[at] for at in range(token.start, token.end) if at in begins), None)
        if inside is None:
            kept.append(token.text or token.kind)
        elif token.kind == "COMMENT":
            kept.append("# words")
        else:
            held = [] if inside.sets_language else literal_parts(token.text)[1]
            prefix = source[token.start : inside.start]
            kept.append(" ".join([f"{prefix}words", *held]))
    return kept
