"""The pages of the site: the notebooks, the package's reference, and the page at its top."""

import html
import json
import re
from pathlib import Path

import nbformat
from babel import Locale
from nbformat import NotebookNode

import d2l_attention
from d2l_attention.explorers.words import page_words
from d2l_attention.language import speaking

from ..files import read
from ..pictures import saved_state

START = "start"


def page(path: Path, languages: list[str], names: list[str]) -> NotebookNode:
    """A notebook without the links that the site has on every page; the first one lists the rest."""
    notebook = read(path)
    elsewhere = rf"^.*\]\(\.\./(?:{'|'.join(languages)})/.*$\n*"
    neighbours = r"^\[.*\]\(.*\.ipynb\) · \*\*.*$\n*"
    links = re.compile(f"{elsewhere}|{neighbours}", re.MULTILINE)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = links.sub("", cell.source)
    if path.stem == START:
        entries = "\n".join([*names, "recipes", "api"])
        source = f"```{{toctree}}\n:hidden:\n\n{entries}\n```"
        notebook.cells.append(nbformat.v4.new_markdown_cell(source, id="contents-of-the-site"))
    return notebook


def figures_in(path: Path) -> set[str]:
    """The kinds of live figures that a notebook holds, by their classes."""
    outputs = [output for cell in read(path).cells for output in cell.get("outputs", [])]
    states = (saved_state(output.get("data", {}).get("text/html", "")) for output in outputs)
    return {state["kind"] for state in states if state}


def reference(language: str) -> str:
    """The public names of the package, with their docstrings."""
    lines = [f"# {words(language)['reference']}", "", '<div lang="en">', ""]
    lines += ["```{eval-rst}", ".. currentmodule:: d2l_attention", ""]
    for name in d2l_attention.__all__:
        found = getattr(d2l_attention, name)
        if not isinstance(found, type):
            lines += [f".. autofunction:: {name}"]
        else:
            lines += [
                f".. autoclass:: {name}",
                "   :members:",
                "   :exclude-members: get_state, view",
                "",
            ]
            if name.endswith("Explorer"):
                # What explorers have in common; the rest of a widget's methods are not for readers.
                lines += ["   .. automethod:: assign", "   .. automethod:: reset"]
        lines += [""]
    return "\n".join([*lines, "```", "", "</div>", ""])


def words(language: str) -> dict[str, str]:
    """What the site itself says in a language."""
    with speaking(language):
        return page_words()


def name_of(language: str) -> str:
    """The name of a language in that language: "Español"."""
    return (Locale(language).get_display_name(language) or language).capitalize()


def redirect_page(languages: list[str]) -> str:
    """The page at the top: it goes on to the start page, in the reader's language if it is there."""
    links = " · ".join(
        f'<a href="{language}/{START}.html" lang="{language}">{html.escape(name_of(language))}</a>'
        for language in languages
    )
    return f"""<!doctype html>
<html lang="{languages[0]}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>d2l_attention</title>
<link rel="icon" href="{languages[0]}/_static/icon.svg">
<script>
const wanted = navigator.languages.map((language) => language.split("-")[0]);
const language = wanted.find((name) => {json.dumps(languages)}.includes(name));
location.replace(`${{language ?? "{languages[0]}"}}/{START}.html`);
</script>
<h1>d2l_attention</h1>
<p>{links}</p>
</html>
"""
