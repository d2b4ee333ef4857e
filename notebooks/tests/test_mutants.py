"""The faults of `make mutants` are those of the project as it is."""

import shutil
from pathlib import Path

from tools.mutants import faults

ROOT = Path(__file__).parents[2]


def test_every_fault_can_be_put_in_and_names_tests_that_are_there(tmp_path):
    found = faults.read()
    assert len(found) >= 40
    for fault in found:
        for name in fault.files:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
        fault.put_into(tmp_path)
        assert any(
            (tmp_path / name).read_bytes() != (ROOT / name).read_bytes() for name in fault.files
        )
        for test in fault.tests:
            assert (ROOT / test.partition("::")[0]).exists(), test
