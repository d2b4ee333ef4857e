"""What the package says when it refuses something is said in the reader's language."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
import torch
from polib import pofile

from d2l_attention import masked_softmax
from d2l_attention.language import LOCALE, speaking

from .wrong_calls import CALLS

PACKAGE = Path(__file__).parents[1]
MARKED = ("_", "gettext", "ngettext")
REFUSALS = ("ValueError", "TypeError", "KeyError", "NotImplementedError")
WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,})+")
# Of Python's own kind, or about the modules of the package and not about what a reader gives it.
OF_DEVELOPERS = ("__init__.py", "explorers/modules.py")


def sources():
    """The modules that a reader can be refused by, parsed."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith(("tests/", "benchmarks/")) and name not in OF_DEVELOPERS:
            yield name, ast.parse(path.read_text("utf-8"))


def text_of(node):
    """A string that stands in the source, x for what an f-string puts into it; None elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else "xx" for p in node.values)
    return None


def is_marked(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKED


def unmarked(node, is_raised=False):
    """The words, two where they are raised and three elsewhere, that no catalogue has."""
    is_raised = is_raised or isinstance(node, ast.Raise)
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if is_docstring or (is_marked(child) and isinstance(child.args[0], ast.Constant)):
            continue
        found = text_of(child)
        if found is None:
            yield from unmarked(child, is_raised)
        elif any(len(words.split()) > 2 - is_raised for words in WORDS.findall(found)):
            yield found


def marked(node):
    """The texts that are marked for the catalogue, in a part of a source."""
    calls = (part for part in ast.walk(node) if is_marked(part))
    return {text_of(call.args[0]) for call in calls}


def test_unmarked_words_are_found():
    source = '''
def f(x):
    """Read a document string."""
    words = "four words of English"
    if x: raise ValueError(_("said well").format("no words"))
    raise ValueError(f"{x} is wrong")
'''
    assert [*unmarked(ast.parse(source))] == ["four words of English", "no words", "xx is wrong"]
    assert [*unmarked(ast.parse('_(f"{x} is wrong")'))] == ["xx is wrong"], "no one text"
    assert marked(ast.parse(source)) == {"said well"}


def test_no_words_stand_outside_of_the_catalogue():
    assert not {name: found for name, tree in sources() if (found := [*unmarked(tree)])}


def raised(call):
    with pytest.raises((ValueError, TypeError, KeyError, NotImplementedError)) as caught:
        call()
    return type(caught.value), caught.value.args[0]


def pattern(message):
    """A regular expression for a message, with anything in the place of its {names}."""
    parts = Formatter().parse(message)
    return re.compile(
        "".join(re.escape(words) + ".*" * (name is not None) for words, name, *_ in parts),
        re.DOTALL,
    )


CATALOGUE = LOCALE / "es" / "LC_MESSAGES" / "d2l_attention.po"
SPANISH = {entry.msgid: entry.msgstr for entry in pofile(str(CATALOGUE), encoding="utf-8")}


def entry_of(message):
    """The wording in the catalogue that a message has, the one with the most words of its own."""
    found = [msgid for msgid in SPANISH if pattern(msgid).match(message)]
    return max(found, key=lambda msgid: len(pattern(msgid).pattern))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_refusal_is_in_spanish_in_the_spanish_edition(call):
    kind, message = raised(call)
    msgid = entry_of(message)
    with speaking("es"):
        spanish_kind, said = raised(call)
    assert spanish_kind is kind
    assert SPANISH[msgid] != msgid
    assert pattern(SPANISH[msgid]).match(said), f"{said!r} is not {SPANISH[msgid]!r}"


def refusals():
    """The marked texts that stand in one block with the raising of an error."""
    for _name, tree in sources():
        for node in ast.walk(tree):
            block = getattr(node, "body", None)
            for statement in block if isinstance(block, list) else ():
                if isinstance(statement, ast.Raise) and raises(statement) in REFUSALS:
                    direct = [s for s in block if not hasattr(s, "body")]
                    yield from set().union(*map(marked, direct))


def raises(statement):
    error = statement.exc
    return error.func.id if isinstance(error, ast.Call) and hasattr(error.func, "id") else ""


def test_every_refusal_is_among_the_wrong_calls():
    said = [raised(call)[1] for call in CALLS.values()]
    unsaid = {*refusals()} - {*map(entry_of, said)}
    # What is left may be a part of another message.
    assert not {words for words in unsaid if not any(map(pattern(words).search, said))}


def test_a_compiled_function_refuses_in_the_readers_language():
    words = r"valid_lens tiene forma \(5,\), pero debe contener enteros"
    for whole, error in ((False, ValueError), (True, torch._dynamo.exc.Unsupported)):
        torch.compiler.reset()
        compiled = torch.compile(masked_softmax, fullgraph=whole, backend="eager")
        with speaking("es"), pytest.raises(error, match=words):
            compiled(torch.ones(2, 3, 4), torch.ones(5))
