"""What the live figures of a page need: their modules, and words in its language."""

import json

from d2l_attention import AttentionExplorer, DatabaseExplorer, PlaneExplorer
from d2l_attention.explorers import words
from d2l_attention.explorers.panels import STEPS, panels
from d2l_attention.explorers.scorings import KINDS
from d2l_attention.language import speaking

EXPLORERS = (AttentionExplorer, DatabaseExplorer, PlaneExplorer)
"""The figures that live on the site; any other is saved without inputs and stays a picture there."""


def data(language: str) -> str:
    """A script that says all this in one global name."""
    with speaking(language):
        page = words.page_words()
        attention = words.attention_words() | page
        said = {
            "AttentionExplorer": attention,
            "DatabaseExplorer": words.database_words() | page,
            "PlaneExplorer": attention | words.plane_words(),
        }
    found = {
        "scorings": [cls.__name__ for cls in KINDS],
        "words": said,
        "panels": {step: panels(step) for step in STEPS},
        "modules": {explorer.__name__: explorer._esm for explorer in EXPLORERS},
    }
    return f"globalThis.d2lFigures = {json.dumps(found, ensure_ascii=False)};\n"
