"""What a Markdown text is made of, read as Jupyter reads it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from nbconvert.filters.markdown_mistune import MarkdownWithMath

from .pictures import attribute, parse

# Without a renderer, mistune gives tokens; nbconvert's annotation does not know of it.
_markdown = MarkdownWithMath(renderer=None)  # type: ignore[arg-type]
_FORMULA = re.compile(r"\$[^$]+\$")
_BETWEEN = re.compile(r"(\A\s+|\s*\n\s*\n\s*|\n *(?=(?:[-*+]|\d+\.) )|\s+\Z)")
_FENCE = re.compile(r"^ *(?:```|~~~)", re.MULTILINE)
_NOT_PROSE = re.compile(r"<[^>]+>|\{[^}]*\}|\$[^$]+\$|`[^`]*`")
_WORD = re.compile(r"[^\W\d_]{2}")
_NUMBER = re.compile(r"(?:(?<!\w)[-−])?\d+(?:[.,]\d+)*")


def numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def tokens(text: str) -> Iterator[dict[str, Any]]:
    """Every token of a Markdown text, the inner ones included, in order."""
    pending = _markdown.parse(text)[0]
    assert isinstance(pending, list)  # not the text that a renderer would give
    while pending:
        token = pending.pop(0)
        yield token
        pending[:0] = token.get("children", [])


def paragraphs(text: str) -> list[str]:
    """Split a Markdown text into paragraphs and items of lists, and what stands between them.

    Joined, the parts are the text. A listing, a formula or a table is one part.
    """
    first, *rest = _BETWEEN.split(text)
    parts = [first]
    for blank, part in zip(rest[::2], rest[1::2], strict=True):
        if len(_FENCE.findall(parts[-1])) % 2 or parts[-1].count("$$") % 2:
            parts[-1] += blank + part
        else:
            parts += [blank, part]
    return parts


def plain(text: str) -> Iterator[str]:
    """The runs of plain text of a Markdown text: no code, no formulas, no tags, no addresses."""
    for token in tokens(text):
        if token["type"] in ("text", "block_html", "inline_html"):
            yield _NOT_PROSE.sub(" ", token["raw"])


def has_words(text: str) -> bool:
    """Whether there is anything to translate in a Markdown text."""
    return any(_WORD.search(run) for run in plain(text))


def rewrite(text: str, translate: Callable[[str], str]) -> str:
    """A Markdown text in another language, given what translates one paragraph."""
    return "".join(translate(part) if has_words(part) else part for part in paragraphs(text))


def alts(text: str) -> list[str]:
    """The alternative text of each picture in a Markdown text, whichever way it is written."""
    found = []
    for token in tokens(text):
        if token["type"] == "image":
            found.append("".join(child.get("raw", "") for child in token["children"]))
        elif token["type"] in ("block_html", "inline_html"):
            found += [attribute(image, "alt") for image in parse(token["raw"]).find_all("img")]
    return found


def facets(text: str) -> dict[str, list[Any]]:
    """What of a Markdown text must be the same in every language.

    The order counts for headings, listings and tags only: within a sentence, another language has
    another order.
    """
    found: dict[str, list[Any]] = {"headings": [], "listings": [], "tags": []}
    unordered: dict[str, list[Any]] = {
        "formulas": [],
        "code": [],
        "links": [],
        "pictures": [],
        "numbers": [],
    }
    for token in tokens(text):
        raw, attributes = token.get("raw", ""), token.get("attrs", {})
        match token["type"]:
            case "heading":
                found["headings"].append(attributes["level"])
            case "block_code":
                found["listings"].append((attributes.get("info", ""), raw))
            case "inline_math" | "block_math":
                unordered["formulas"].append(raw.strip())
            case "latex_environment":
                unordered["formulas"].append((attributes["name"], attributes["body"].strip()))
            case "codespan":
                unordered["code"].append(raw)
            case "link":
                unordered["links"].append(attributes["url"])
            case "image":
                unordered["pictures"].append(attributes["url"])
            case "text":
                unordered["numbers"] += numbers(raw)
            case "block_html" | "inline_html":
                page = parse(raw)
                for tag in page.find_all(True):
                    found["tags"].append(tag.name)
                    unordered["links"] += [tag[name] for name in ("href", "src") if tag.get(name)]
                unordered["formulas"] += [formula.strip("$") for formula in _FORMULA.findall(raw)]
                unordered["numbers"] += numbers(_FORMULA.sub("", page.get_text()))
    return found | {name: sorted(values, key=str) for name, values in unordered.items()}
