"""How Sphinx makes one language of the site; build.py says which, in the environment."""

import os

from tools.site.build import MATHJAX
from tools.site.pages import START, name_of

language = os.environ["BOOK_LANGUAGE"]
project = "d2l_attention"
root_doc = START
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax"]
templates_path = ["templates"]

nb_execution_mode = "off"
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
html_js_files = [("figures-data.js", {"defer": "defer"}), ("figures.js", {"defer": "defer"})]
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
    "use_download_button": False,
    "use_fullscreen_button": False,
}
