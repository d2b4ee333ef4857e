"""A Markdown text is translated paragraph by paragraph, and nothing else of it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.prose import has_words, paragraphs, rewrite

LISTING = "```python\nx = 1\n\ny = 2\n```"
FORMULA = "$$\na = b\n\n= c\n$$"
TABLE = "| key | value |\n|---|---|\n| a | b |"


@pytest.mark.parametrize(
    "text, parts",
    [
        ("one", ["one"]),
        ("# one\n\ntwo\nlines\n\n\nthree", ["# one", "two\nlines", "three"]),
        ("\none\n \t\ntwo \n", ["one", "two"]),
        (f"one\n\n{LISTING}\n\ntwo", ["one", LISTING, "two"]),
        (f"- item\n\n  {LISTING}\n\n  more", ["- item", LISTING, "more"]),
        (LISTING.replace("```", "~~~"), [LISTING.replace("```", "~~~")]),
        (f"one\n\n{FORMULA}\n\ntwo $$x$$\n\nthree", ["one", FORMULA, "two $$x$$", "three"]),
        (f"one\n\n{TABLE}", ["one", TABLE]),
        ("1. One.\n2. Two,\n   and\n  - three", ["1. One.", "2. Two,\n   and", "- three"]),
        ("minus\n-1 and\n2.5", ["minus\n-1 and\n2.5"]),
        ("$$a\n- b$$\n- c", ["$$a\n- b$$", "- c"]),
    ],
)
def test_paragraphs(text, parts):
    assert [part for part in paragraphs(text) if part.strip()] == parts


@given(st.lists(st.sampled_from(["a b", "```", "$$", "~~~", "- x", "\n", "\n\n", " ", "\n  "])))
def test_paragraphs_join_to_the_text(pieces):
    text = "".join(pieces)
    assert "".join(paragraphs(text)) == text


@pytest.mark.parametrize(
    "text, expected",
    [
        ("words", True),
        ("a", False),
        ("", False),
        ("</details>", False),
        ("<summary>Hint</summary>", True),
        ("$$\\mathrm{softmax}(x)$$", False),
        ("$\\alpha$ grows", True),
        ("`attention.score(queries)`", False),
        ("[words](start.ipynb)", True),
        (LISTING + "\n", False),
        ("| key |\n|---|", True),
    ],
)
def test_words_are_found_outside_code_and_formulas(text, expected):
    assert has_words(text) == expected


def test_only_words_are_translated():
    text = f"# One\n\n{LISTING}\n\n{FORMULA}\n\n</details>\n\n- `x`\n\n    two\n"
    assert rewrite(text, str.upper) == text.replace("One", "ONE").replace("two", "TWO")
