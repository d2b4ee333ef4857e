"""Put each fault into a copy of the project, and see whether the tests notice.

`python -m tools.mutants [WORDS]`, run with the folder notebooks on the path: all faults, or those
whose line holds the words. A fault that the tests it names do not notice meets all tests, those in
the browser only if it names one of them. It begins only when each of them fits the project as it
is, and lists those that do not.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .faults import Fault, FaultError, check_current, read

ROOT = Path(__file__).resolve().parents[3]
AT_ONCE = 2
LIMIT = 900
"""Seconds after which tests that have not ended count as failed: the fault made them hang."""

PASSED, FAILED = 0, 1


def copy_into(folder: Path) -> None:
    """Copy what git knows or would add; ignored files, .venv above all, stay behind."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run_tests(folder: Path, tests: Iterable[str]) -> tuple[int, str]:
    """Run tests in a copy: pytest's exit status, and what it printed."""
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        # A fault of the same length, within a second, would go unseen behind compiled code.
        "PYTHONDONTWRITEBYTECODE": "1",
        # Two are at work already.
        "OMP_NUM_THREADS": "1",
        # In CI a skipped browser test fails, which here is what a fault looks like.
        "CI": "false",
    }
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--nbval", *tests]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, timeout=LIMIT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return FAILED, "it hung"
    return done.returncode, done.stdout + done.stderr


def killed(fault: Fault, tests: Iterable[str]) -> bool:
    """Whether tests fail in a copy with the fault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_into(folder)
        fault.put_into(folder)
        status, said = run_tests(folder, tests)
    if status not in (PASSED, FAILED):
        raise FaultError(f"{fault}: the tests could not be run\n{said[-1500:]}")
    return status == FAILED


def check_sound(faults: list[Fault]) -> None:
    """Refuse to begin if a named test fails, or is not there, without any fault."""
    tests = dict.fromkeys(test for fault in faults for test in fault.tests)
    with tempfile.TemporaryDirectory() as name:
        copy_into(Path(name))
        status, said = run_tests(Path(name), ["-n", str(AT_ONCE), "--dist", "loadfile", *tests])
    if status != PASSED:
        raise FaultError(f"without a fault the tests that are named do not pass\n{said[-3000:]}")


def survivors_of_the_named_tests(faults: list[Fault]) -> list[Fault]:
    """Print a line for each fault as it is judged; return those that are not noticed."""
    alive = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        jobs = {pool.submit(killed, fault, fault.tests): fault for fault in faults}
        try:
            for count, job in enumerate(as_completed(jobs), 1):
                fault = jobs[job]
                word = "killed  " if job.result() else "SURVIVED"
                seconds = time.perf_counter() - began
                print(f"{count:3}/{len(faults)} {seconds:5.0f} s  {word}  {fault}", flush=True)
                if not job.result():
                    alive.append(fault)
        except FaultError:
            pool.shutdown(cancel_futures=True)
            raise
    return alive


def survives_all(fault: Fault) -> bool:
    """Let all tests look for a fault; say which way it went."""
    everything = ["-n", str(AT_ONCE), "--dist", "loadfile"]
    if not fault.in_browser:
        everything += ["--ignore", "d2l_attention/tests/browser"]
    if killed(fault, everything):
        print(f"killed by another test than it names: {fault}", flush=True)
        return False
    print(f"survives every test: {fault}", flush=True)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="what the line of a fault holds; all, if left out")
    words = " ".join(parser.parse_args().words)
    try:
        faults = [fault for fault in read() if words in str(fault)]
        if not faults:
            raise FaultError(f"no fault's line holds: {words}")
        check_current(faults, ROOT)
        check_sound(faults)
        print(f"{len(faults)} faults; the tests they name pass without them.", flush=True)
        alive = [fault for fault in survivors_of_the_named_tests(faults) if survives_all(fault)]
    except FaultError as error:
        sys.exit(str(error))
    for fault in faults:
        if fault in alive:
            print(f"Survives: {fault}\n    {fault.reason or 'NO REASON IS RECORDED'}")
        elif fault.reason:
            print(f"Its reason to survive can go, for it is killed: {fault}")
    missing = [fault for fault in alive if not fault.reason]
    print(f"{len(faults) - len(alive)} of {len(faults)} killed; {len(missing)} without a reason.")
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
