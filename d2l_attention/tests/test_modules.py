"""How modules are joined: each after those it imports, and a wrong import fails here."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from d2l_attention.explorers.modules import FOLDER, linked

PACKAGE = Path(__file__).parents[1]
FIGURES = ["attention.js", "database.js", "heatmaps.js", "plane.js"]


def sources(text):
    """Name each module of a joined text, in order, with its source."""
    return json.loads(re.search(r"of (\[\[.*\]\])\)", text)[1])


def write(folder, **modules):
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source, "utf-8")
    return folder


@pytest.mark.parametrize("entry", FIGURES)
def test_every_module_stands_after_those_that_it_imports(entry):
    before = []
    for name, source in sources(linked(entry)):
        for imported in re.findall(r'from "\./(.*?)"', source):
            assert imported in before, f"{name} imports {imported}"
        assert name not in before
        text = (FOLDER / name).read_text("utf-8")
        kept = f"export const css = {json.dumps(text)};\n" if name.endswith(".css") else text
        assert source.startswith(kept)
        assert source.endswith(f"\n//# sourceURL=d2l_attention/{name}\n")
        before.append(name)
    assert before[-1] == entry


def test_every_module_is_part_of_a_figure():
    shipped = {name for entry in FIGURES for name, _source in sources(linked(entry))}
    assert shipped == {path.name for path in FOLDER.iterdir() if path.name != "package.json"}


@pytest.mark.parametrize(
    ("imports", "message"),
    [
        ('import { gone } from "./other.js";', "a.js imports gone, which other.js does not export"),
        ('import { kept as a, gone } from "./other.js";', "imports gone"),
        ('import { kept } from "./nowhere.js";', "a.js imports nowhere.js, which is not there"),
        ('import { kept } from "./ring.js";', "a.js → ring.js → a.js"),
        ('import other from "./other.js";', "not of the form"),
        ('import "./other.js";', "not of the form"),
    ],
)
def test_a_wrong_import_is_an_error_that_names_it(tmp_path, imports, message):
    ring = 'import { a } from "./a.js";\nexport const kept = 1;\n'
    other = "const gone = 1;\nexport const kept = gone;\n"
    write(tmp_path, other=other, ring=ring, a=f"{imports}\nexport const a = 1;\n")
    with pytest.raises(ImportError, match=re.escape(message)):
        linked("a.js", tmp_path)


def test_imports_of_several_lines_and_under_other_names_are_read(tmp_path):
    a = 'import {\n  kept,\n  f as g,\n  C,\n} from "./other.js";\n'
    other = "export const kept = 1;\nexport async function f() {}\nexport class C {}\n"
    write(tmp_path, other=other, a=a)
    assert [name for name, _source in sources(linked("a.js", tmp_path))] == ["other.js", "a.js"]


@pytest.mark.slow
def test_a_zipped_package_has_its_modules(tmp_path):
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in PACKAGE.rglob("*"):
            if path.is_file() and path.suffix in (".py", ".js", ".css"):
                file.write(path, path.relative_to(PACKAGE.parent))
    code = (
        "from d2l_attention.explorers import modules\n"
        "assert 'package.zip' in modules.__file__, modules.__file__\n"
        "print(len(modules.linked('attention.js')))"
    )
    environment = os.environ | {"PYTHONPATH": str(archive)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 5000
