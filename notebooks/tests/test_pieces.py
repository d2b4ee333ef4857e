"""What a translator gets to read of a code cell, and what translation must leave alone."""

import pytest
from tools.pieces import pieces, rewrite, skeleton


def texts(source):
    return [piece.text for piece in pieces(source) if not piece.sets_language]


@pytest.mark.parametrize(
    "source, expected",
    [
        ("x = 1  # a comment", ["a comment"]),
        ("## Two marks", ["Two marks"]),
        ("# 3.14 = π", []),
        ("# (batch, num_queries, num_keys)", []),
        ("# (batch, n, d) -> (batch, n, 2 * h)", []),
        ("# (see below)", ["(see below)"]),
        ("# W: (n, d)", []),
        ("# shape: (n, d)", ["shape: (n, d)"]),
        ("print('one', \"two\", '3', 'x', '')", ["one", "two"]),
        (r"'$\alpha$', '$\alpha$ grows', r'a\b cd'", [r"$\alpha$ grows", r"a\b cd"]),
        ("f'{x:.3f}', f'{name} is {x:.3f}'", ["{name} is {x:.3f}"]),
        ("rf'{f(\"inner\")} words {{braces}}'", ['{f("inner")} words {{braces}}']),
        ("f'''{x:>{w}} in {d[\"key\"]}\nlines'''", ['{x:>{w}} in {d["key"]}\nlines']),
        ("b'bytes'", []),
        ('def f():\n    """Say it."""', ["Say it."]),
        ("é = 'ñandú'; f'{é} aquí'  # después", ["ñandú", "{é} aquí", "después"]),
        ('set_language("en")\nother("en")', ["en"]),
        ("'one' 'two'", ["one", "two"]),
    ],
)
def test_pieces(source, expected):
    assert texts(source) == expected
    assert rewrite(source, "en", lambda text: text) == source


def test_rewrite():
    source = 'set_language("en")  # words\nf"{x} words", "words"  # (n, d)'
    assert rewrite(source, "es", {"words": "voces", "{x} words": "voces {x}"}.get) == (
        'set_language("es")  # voces\nf"voces {x}", "voces"  # (n, d)'
    )


@pytest.mark.parametrize(
    "same, other",
    [
        ("f'dos {a} y {b}'  # cosas", "f'two {b} and {a}'  # things"),
        ("x = 'ab'", "x = r'ab'"),
        ("x = 'ab'", "x = 'ab' 'cd'"),
        ("if x:\n    y\n    z", "if x:\n    y\nz"),
        ("x = 'a'", "x = 'b'"),
    ],
)
def test_skeleton_tells_code_apart(same, other):
    assert skeleton(same) == skeleton(same.replace("dos", "due").replace("ab", "cd"))
    assert skeleton(same) != skeleton(other)
