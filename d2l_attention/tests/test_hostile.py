"""Labels, titles, names and errors that would be HTML: in what is saved they are text, and whole."""

from html.parser import HTMLParser

import pytest
import torch

from d2l_attention import (
    Attention,
    Database,
    DotProductAttention,
    LiveHeatmaps,
    explore,
    explore_database,
    explore_plane,
    show_heatmaps,
)
from d2l_attention.pictures import figure_html, png_of

HOSTILE = [
    "<script>broken = 1</script>",
    '<img src="x" onerror="broken = 1">',
    '" onload="broken = 1" alt="',
    "' onmouseover='broken = 1",
    '</figure><a href="javascript:broken = 1">a</a>',
    "[a](javascript:broken)",
    "javascript:broken = 1",
    "&lt;b&gt; &quot; &amp;amp; &#x27;",
    "--><![CDATA[<b>]]>",
    "\N{RIGHT-TO-LEFT OVERRIDE}cba",
    "שאילתה",
    "a\nb\tc",
    "costs $5, \\frac{$",
]
HARMLESS = [f"label {i}" for i in range(len(HOSTILE))]


class Skeleton(HTMLParser):
    """What HTML is made of: its tags and attributes, and the values that are no words."""

    def __init__(self, html):
        super().__init__()
        self.bones, self.alts = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.bones.append((tag, [name for name, _value in attributes]))
        self.alts += [value for name, value in attributes if name == "alt"]
        for name, value in attributes:
            assert not name.startswith("on"), f"{name} is an event handler"
            if name in ("src", "href"):
                assert value.startswith("data:image/png;base64,")

    def handle_endtag(self, tag):
        self.bones.append(tag)

    def handle_comment(self, data):
        self.bones.append("comment")

    unknown_decl = handle_decl = handle_pi = handle_comment


def heatmap(labels):
    n = len(labels)
    return show_heatmaps(
        torch.eye(n)[None], labels[0], labels[1], [labels[2]], row_titles=[labels[3]],
        key_labels=labels, query_labels=labels,
    )  # fmt: skip


def attention_explorer(labels):
    X = torch.eye(len(labels))
    return explore(DotProductAttention(), X, X, X, query_labels=labels, key_labels=labels)


def broken_explorer(labels):
    class Broken(Attention):
        def score(self, queries, keys):
            raise ValueError(" ".join(labels))

    return explore(Broken(), *[torch.eye(2)] * 3)


def named_explorer(labels):
    named = type(" ".join(labels), (Attention,), {"score": lambda self, q, k: q @ k.mT})
    return explore(named(), *[torch.eye(2)] * 3)


def named_plane(labels):
    named = type(" ".join(labels), (Attention,), {"score": lambda self, q, k: q @ k.mT})
    return explore_plane(named(), torch.eye(2), torch.eye(2))


def broken_plane(labels):
    class Broken(Attention):
        def score(self, queries, keys):
            raise ValueError(" ".join(labels))

    return explore_plane(Broken(), torch.eye(2), torch.eye(2))


def database_explorer(labels):
    records = list(zip(labels, reversed(labels), strict=True))
    explorer = explore_database(Database(records), " ".join(labels))
    explorer.deleted = labels[:2]
    return explorer


def live_heatmaps(labels):
    live = LiveHeatmaps(
        labels[0], labels[1], [labels[2]], row_titles=[labels[3]], key_labels=labels,
        query_labels=labels,
    )  # fmt: skip
    live.update(torch.eye(len(labels)))
    return live


SURFACES = [
    heatmap,
    attention_explorer,
    broken_explorer,
    named_explorer,
    named_plane,
    broken_plane,
    database_explorer,
    live_heatmaps,
]


def saved(surface, labels):
    """The HTML and the plain text that a notebook keeps of a figure."""
    shown = surface(labels)
    if surface is heatmap:
        return figure_html(png_of(shown.figure), shown.sentence), shown.sentence
    bundle = shown._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return data["text/html"], data["text/plain"]


@pytest.mark.filterwarnings("ignore:Glyph", "ignore:constrained_layout not applied")
@pytest.mark.parametrize("surface", SURFACES)
def test_what_a_reader_writes_is_text_in_what_is_saved(surface):
    html, plain = saved(surface, HOSTILE)
    harmless, _plain = saved(surface, HARMLESS)
    skeleton = Skeleton(html)
    assert skeleton.bones == Skeleton(harmless).bones
    assert plain in skeleton.alts
    assert HOSTILE[0] in plain or repr(HOSTILE[0])[1:-1] in plain
