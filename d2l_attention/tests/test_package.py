"""The front door: what an import brings along, what is installed, what a wheel holds."""

import importlib.metadata
import re
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


def test_the_wheel_holds_the_package_and_no_tests(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "d2l_attention/attention.py" in names
    assert "d2l_attention/locale/es/LC_MESSAGES/d2l_attention.mo" in names
    assert not [name for name in names if "/tests/" in name or "/benchmarks/" in name]


def test_languages():
    assert languages()[0] == "en" and "es" in languages()
    with pytest.raises(ValueError, match="language is 'tlh', but must be one of en, es"):
        set_language("tlh")
