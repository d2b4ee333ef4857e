"""Where each picture lies, and the page that shows them side by side."""

import html
from dataclasses import dataclass
from urllib.parse import quote

from .exhibits import Exhibit

THEMES = ("light", "dark")
WIDTHS = (390, 800, 1280)  # of the window, in pixels

STYLE = """
body { margin: 0; padding: 16px 24px; color: #222; background: #a8a8a8; font: 14px/1.4 sans-serif; }
nav { columns: 16em; margin: 16px 0; }
nav a { display: block; }
a { color: #003c8f; }
section { border-top: 2px solid #444; padding-top: 8px; margin-top: 32px; }
h2 { margin: 0; }
pre { margin: 4px 0 12px; white-space: pre-wrap; }
.plates { display: flex; flex-wrap: wrap; gap: 12px; margin-bottom: 12px; align-items: start; }
figure { margin: 0; max-width: calc(50% - 6px); }
img { display: block; max-width: 100%; }
figcaption { font-size: 12px; }
"""


@dataclass(frozen=True)
class Plate:
    """One picture of a figure."""

    name: str
    language: str
    theme: str
    width: int

    @property
    def path(self) -> str:
        """The file, from the folder of all pictures."""
        return f"{self.name}/{self.language}-{self.theme}-{self.width}.png"


def plates(exhibit: Exhibit, languages: list[str]) -> list[list[Plate]]:
    """List a row of pictures for each width; in it, the languages stand beside each other."""
    return [
        [Plate(exhibit.name, language, theme, width) for theme in THEMES for language in languages]
        for width in WIDTHS
    ]


def page(exhibits: list[Exhibit], languages: list[str]) -> str:
    """Write the page: a list of the figures, then each with its code and its pictures."""
    links = [f'<a href="#{quote(x.name)}">{html.escape(x.name)}</a>' for x in exhibits]
    sections = [_section(exhibit, languages) for exhibit in exhibits]
    sizes = ", ".join(map(str, WIDTHS))
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Pictures</title>',
            '<meta name="viewport" content="width=device-width">',
            f"<style>{STYLE}</style>",
            f"<h1>{len(exhibits)} figures, {' and '.join(languages)}</h1>",
            f"<p>What a notebook shows in a window of {sizes} pixels. A picture opens at full size.",
            "<nav>",
            *links,
            "</nav>",
            *sections,
            "</html>\n",
        ]
    )


def _section(exhibit: Exhibit, languages: list[str]) -> str:
    rows = [
        '<div class="plates">' + "\n".join(map(_figure, row)) + "</div>"
        for row in plates(exhibit, languages)
    ]
    name = html.escape(exhibit.name)
    return "\n".join(
        [
            f'<section id="{name}">',
            f'<h2><a href="#{quote(exhibit.name)}">{name}</a> <a href="#">↑</a></h2>',
            f"<pre>{html.escape(exhibit.code)}</pre>",
            *rows,
            "</section>",
        ]
    )


def _figure(plate: Plate) -> str:
    link, where = quote(plate.path), f"{plate.language} · {plate.theme} · {plate.width}"
    alt = html.escape(f"{plate.name} · {where}")
    return (
        f'<figure><a href="{link}"><img src="{link}" alt="{alt}"></a>'
        f"<figcaption>{html.escape(where)}</figcaption></figure>"
    )
