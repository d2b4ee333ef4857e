"""Run the tests of the JavaScript that ships, with Node, on cases made in Python."""

import json
import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "js"


def run_js(script: str, cases: list | dict, folder: Path) -> int:
    """Run one script on the cases, fail with what it said, and return how many tests passed."""
    driver = pytest.importorskip("playwright._impl._driver")
    node = driver.compute_driver_executable()[0]  # Playwright's wheel brings a node along.
    path = folder / "cases.json"
    path.write_text(json.dumps(cases))
    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", SCRIPTS / script],
        env=os.environ | {"CASES": str(path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr
    return int(run.stdout.rsplit("\n# pass ", 1)[1].split()[0])
