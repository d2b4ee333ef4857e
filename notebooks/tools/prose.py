"""What a Markdown text is made of, read as Jupyter reads it."""

import re

from nbconvert.filters.markdown_mistune import MarkdownWithMath

from .pictures import parse

_markdown = MarkdownWithMath(renderer=None)
_FORMULA = re.compile(r"\$[^$]+\$")
_NUMBER = re.compile(r"(?:(?<!\w)[-−])?\d+(?:[.,]\d+)*")


def numbers(text):
    return _NUMBER.findall(text)


def tokens(text):
    """Every token of a Markdown text, the inner ones included, in order."""
    pending = _markdown.parse(text)[0]
    while pending:
        token = pending.pop(0)
        yield token
        pending[:0] = token.get("children", [])


def alts(text):
    """The alternative text of each picture in a Markdown text, whichever way it is written."""
    found = []
    for token in tokens(text):
        if token["type"] == "image":
            found.append("".join(child.get("raw", "") for child in token["children"]))
        elif token["type"] in ("block_html", "inline_html"):
            found += [image.get("alt", "") for image in parse(token["raw"]).find_all("img")]
    return found


def facets(text):
    """What of a Markdown text must be the same in every language.

    The order counts for headings, listings and tags only: within a sentence, another language has
    another order.
    """
    found = {"headings": [], "listings": [], "tags": []}
    loose = {"formulas": [], "code": [], "links": [], "pictures": [], "numbers": []}
    for token in tokens(text):
        raw, attributes = token.get("raw", ""), token.get("attrs", {})
        match token["type"]:
            case "heading":
                found["headings"].append(attributes["level"])
            case "block_code":
                found["listings"].append((attributes.get("info", ""), raw))
            case "inline_math" | "block_math":
                loose["formulas"].append(raw.strip())
            case "latex_environment":
                loose["formulas"].append((attributes["name"], attributes["body"].strip()))
            case "codespan":
                loose["code"].append(raw)
            case "link":
                loose["links"].append(attributes["url"])
            case "image":
                loose["pictures"].append(attributes["url"])
            case "text":
                loose["numbers"] += numbers(raw)
            case "block_html" | "inline_html":
                page = parse(raw)
                for tag in page.find_all(True):
                    found["tags"].append(tag.name)
                    loose["links"] += [tag[name] for name in ("href", "src") if tag.get(name)]
                loose["formulas"] += [formula.strip("$") for formula in _FORMULA.findall(raw)]
                loose["numbers"] += numbers(_FORMULA.sub("", page.get_text()))
    return found | {name: sorted(values, key=str) for name, values in loose.items()}
