"""The front door: what an import brings along, what is installed, what a wheel holds."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import d2l_attention
from d2l_attention.language import languages, set_language

from .conftest import shared_by

ROOT = Path(__file__).parents[2]
PINS = dict(
    re.findall(r"^ +- ([\w.-]+)==(\S+)$", (ROOT / "environment.yml").read_text(), re.MULTILINE)
)


def test_import_brings_no_plotting_or_widget_library():
    heavy = "{'matplotlib', 'IPython', 'ipywidgets', 'anywidget', 'babel'}"
    code = f"import sys, d2l_attention; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_every_public_name_is_there_and_documented():
    for name in d2l_attention.__all__:
        assert getattr(d2l_attention, name).__doc__


@pytest.mark.parametrize("name", PINS)
def test_what_is_installed_is_what_is_pinned(name):
    installed = Version(importlib.metadata.version(name)).public
    assert installed == PINS[name], (
        f"{name} {installed} is installed: set up again from environment.yml"
    )


def test_the_closure_is_pinned():
    pinned = {canonicalize_name(name) for name in PINS}
    left_to_torch = re.compile("nvidia-|triton|cuda-")
    for name in PINS:
        for line in importlib.metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker and not needed.marker.evaluate({"extra": ""}):
                continue
            if name == "torch" and left_to_torch.match(needed.name):
                continue
            assert canonicalize_name(needed.name) in pinned, f"{name} needs {line}"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """A folder with what the wheel holds, which is what an installation puts there."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "built"]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "built").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "installed")
    return folder / "installed"


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_no_tests(unpacked):
    def files(root):
        paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return {path.as_posix() for path in paths if "__pycache__" not in path.parts}

    package = files(ROOT / "d2l_attention")
    left_out = {name for name in package if name.startswith(("tests/", "benchmarks/"))}
    assert files(unpacked / "d2l_attention") == package - left_out
    assert {name.split("/")[0] for name in package - left_out} > {"explorers", "locale", "py.typed"}


ELSEWHERE = """
import sys
import d2l_attention
from d2l_attention import *
import torch

assert d2l_attention.__file__.startswith(sys.argv[1]), d2l_attention.__file__
set_language("es")
X = torch.eye(3)
print(show_heatmaps(X, "k", "q").sentence)
live = LiveHeatmaps("k", "q")
live.update(X)
figures = [
    live,
    explore(DotProductAttention(), X, X, X),
    explore_plane(DistanceAttention(), X[:, :2], X[:, :2]),
    explore_database(Database([("Li", "Mu")]), "Li"),
]
for figure in figures:
    data = figure._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert "application/vnd.jupyter.widget-view+json" in data, data.keys()
    assert data["text/html"].startswith("<figure")
    state = figure.get_state()
    assert "export default" in state["_esm"] and "d2l-attention" in state["_esm"]
    print(state["_setup"]["words"])
"""


@pytest.mark.slow
def test_the_wheel_shows_figures_outside_the_repository(unpacked, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, unpacked],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    heatmap, *figures = run.stdout.splitlines()
    assert heatmap.startswith("Mapa de calor de 3 × 3 (q × k)") and len(figures) == 4
    assert all("temperatura" in words or "paso" in words for words in figures)


def test_make_lab_listens_to_this_machine_alone_and_asks_for_its_token():
    make = ["make", "--dry-run", "lab"]
    recipe = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    options = dict(re.findall(r"--([\w.]+)(?:=(\S+))?", recipe.split("jupyter lab")[1]))
    assert options.pop("ServerApp.ip") == "localhost"
    # Any other option has to be thought about here: a token, a password or an origin opens the door.
    allowed = {"ServerApp.root_dir", "LabApp.default_url", "allow"}  # --allow-root
    assert set(options) <= allowed
    settings = ROOT / "notebooks" / "tools" / "jupyter"
    assert [path.name for path in settings.rglob("*") if path.is_file()] == ["page_config.json"]


def test_make_test_runs_the_notebooks_and_the_examples(pytestconfig):
    make = ["make", "--dry-run", "test", "ARGS=-k x"]
    recipe = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(r"-m pytest .*--dist loadfile --nbval -k x$", recipe, re.MULTILINE)
    assert pytestconfig.getoption("doctestmodules")


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("notebooks/en/start.ipynb::check", "notebooks/en/start.ipynb"),
        ("notebooks/tests/test_site.py::test_a[x/y::z]", "notebooks/tests/test_site.py"),
        ("d2l_attention/tests/browser/test_plane_lab.py::test_a", "d2l_attention/tests/browser"),
        (
            "d2l_attention/tests/test_maps.py::test_a[x]",
            "d2l_attention/tests/test_maps.py::test_a[x]",
        ),
    ],
)
def test_what_shares_a_kernel_or_a_page_stays_on_one_worker(name, scope):
    assert shared_by(name) == scope


@pytest.mark.slow
def test_a_quick_run_says_what_it_left_out(tmp_path):
    # Without the package, which each of two processes would import for seconds.
    tests = tmp_path / "d2l_attention" / "tests"
    (tests / "browser").mkdir(parents=True)
    for folder in (tests.parent, tests, tests / "browser"):
        (folder / "__init__.py").touch()
    for name in (
        "pyproject.toml",
        "d2l_attention/tests/conftest.py",
        "d2l_attention/tests/browser/lab.py",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    two = "import pytest\ndef test_a(): pass\n@pytest.mark.slow\ndef test_b(): assert False\n"
    (tests / "test_two.py").write_text(two)
    quick = ["-m", "pytest", "-n", "1", "-m", "not slow", "d2l_attention/tests"]
    run = subprocess.run(
        [sys.executable, *quick], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout
    left_out = run.stdout.partition("LEFT OUT")[2]
    assert "every notebook: none was run" in left_out
    assert "d2l_attention/tests/test_two.py: 1 tests" in left_out


@pytest.mark.parametrize(("fails", "status"), [("nothing", 0), ("lint", 3), ("test", 3)])
def test_ci_fails_when_the_tests_do(fails, status, tmp_path):
    make = f'[ "$1" != {fails} ] || exit {status}'
    for name, script in {"make": make, "chromium": ""}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run([ROOT / ".ci" / "run"], env=os.environ | {"PATH": path}, check=False)
    assert run.returncode == status


def test_languages():
    assert languages()[0] == "en" and "es" in languages()
    with pytest.raises(ValueError, match="language is 'tlh', but must be one of en, es"):
        set_language("tlh")
