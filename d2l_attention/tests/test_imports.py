"""Imports run one way, and no module reaches for another's private names."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
NAME = PACKAGE.name


def modules():
    """Every module of the package that ships: its dotted name and its file."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in ("tests", "benchmarks"):
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            found[".".join([NAME, *parts])] = path
    return found


def imports(module, source, is_package):
    """Every (module, name or None) that a source imports, at its top or within a function."""
    here = module.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = node.level - is_package
            base = here[: len(here) - up] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from ((origin, alias.name) for alias in node.names)


def imported_modules(module, source, is_package, known):
    """The modules of the package among them: `from . import scales` is the module scales."""
    for origin, name in imports(module, source, is_package):
        within = f"{origin}.{name}"
        yield within if within in known else origin


@pytest.fixture(scope="module")
def graph():
    """The modules of the package that each one imports."""
    known = modules()
    return {
        module: {
            other
            for other in imported_modules(
                module, path.read_text("utf-8"), path.name == "__init__.py", known
            )
            if other in known and other != module
        }
        for module, path in known.items()
    }


def reached(graph, module):
    """All that a module imports, and what that imports in its turn."""
    found, pending = set(), [module]
    while pending:
        new = graph[pending.pop()] - found
        found |= new
        pending += new
    return {name.removeprefix(f"{NAME}.").split(".")[0] for name in found}


def test_imports_are_read_from_the_sources(graph):
    assert f"{NAME}.softmax" in graph[f"{NAME}.attention"]
    assert f"{NAME}.exercises.checking" in graph[f"{NAME}.exercises.lookups"]
    assert {"explorers", "attention", "softmax"} <= reached(graph, f"{NAME}.explorers")
    source = "import a.b\ndef f():\n    from .. import c\n    from ..d.e import g\nfrom . import h"
    assert list(imports("p.q.r", source, False)) == [
        ("a.b", None), ("p.q", "h"), ("p", "c"), ("p.d.e", "g"),
    ]  # fmt: skip
    assert list(imports("p.q", "from .r import s", True)) == [("p.q.r", "s")]


def test_no_module_imports_itself_by_a_detour(graph):
    # The public names are gathered at the top, which no module needs.
    assert not [module for module, found in graph.items() if NAME in found]
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize(
    ("module", "above"),
    [
        ("softmax", {"attention", "heatmaps", "maps", "explorers", "exercises"}),
        ("attention", {"heatmaps", "maps", "explorers", "exercises"}),
        ("heatmaps", {"attention", "maps", "explorers", "exercises"}),
        ("maps", {"explorers", "exercises"}),
        ("explorers", {"maps", "exercises"}),
        ("exercises", {"maps", "explorers"}),
    ],
)
def test_a_module_knows_nothing_above_it(graph, module, above):
    assert not reached(graph, f"{NAME}.{module}") & above


def test_the_package_needs_neither_its_tests_nor_the_book():
    outside = {"notebooks", "tools", f"{NAME}.tests", f"{NAME}.benchmarks"}
    for module, path in modules().items():
        for origin, name in imports(module, path.read_text("utf-8"), path.name == "__init__.py"):
            told = {origin.split(".")[0], ".".join(origin.split(".")[:2]), f"{origin}.{name}"}
            assert not told & outside, f"{module} imports {origin}"


def test_no_private_name_is_imported():
    # Ruff's SLF001 sees `module._name`, and not `from module import _name`.
    tools = PACKAGE.parent / "notebooks" / "tools"
    paths = [*modules().values(), *tools.rglob("*.py")]
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.level or node.module.startswith(NAME)):
                private = [alias.name for alias in node.names if alias.name.startswith("_")]
                assert not private, f"{path} imports {private} of another module"
