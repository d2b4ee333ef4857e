"""How Sphinx makes one language of the site; build.py says which, in the environment."""

import os

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject

from tools.site.build import HERE, MATHJAX
from tools.site.pages import START, name_of, words

language = os.environ["BOOK_LANGUAGE"]
project = "d2l_attention"
root_doc = START
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
templates_path = ["templates"]
locale_dirs = [str(HERE / "locale")]

nb_execution_mode = "off"
nb_code_prompt_show = words(language)["unfold"]
nb_code_prompt_hide = words(language)["fold"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"

# All languages share one copy.
mathjax_path = f"../../assets/{MATHJAX}"
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "sphinx_book_theme"
html_title = "d2l_attention"
html_static_path = ["static", os.environ["BOOK_STATIC"]]
html_css_files = ["book.css"]
html_favicon = "static/icon.svg"
html_js_files = [
    (name, {"defer": "defer"}) for name in ("figures-data.js", "figures.js", "search.js")
]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_context = {
    "default_mode": "auto",
    "book_languages": [(name, name_of(name)) for name in os.environ["BOOK_LANGUAGES"].split()],
}
html_theme_options = {
    "article_header_end": ["languages", "article-header-buttons"],
    "footer_content_items": [],
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "search_bar_text": words(language)["search"],
    "use_download_button": False,
    "use_fullscreen_button": False,
}


def join_punctuation_to_formulas(_app: Sphinx, doctree: nodes.document) -> None:
    """Put a formula and the full stop or comma after it into one box, in which no line is broken."""
    for math in list(doctree.findall(nodes.math)):
        after = math.next_node(descend=False, siblings=True)
        if not isinstance(after, nodes.Text):
            continue
        rest = after.lstrip(".,;:?!)»”’")
        if len(rest) < len(after):
            box = nodes.inline("", "", classes=["nowrap"])
            math.replace_self(box)
            box += [math, nodes.Text(after[: len(after) - len(rest)])]
            after.parent.replace(after, nodes.Text(rest))


def setup(app: Sphinx) -> None:
    """Register the change to formulas, and mend a label that Sphinx's Spanish has wrong."""
    app.connect("doctree-read", join_punctuation_to_formulas)
    for field in PyObject.doc_field_types:
        if field.name == "exceptions":
            field.label = words(language)["raises"]
