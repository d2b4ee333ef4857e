from collections import Counter

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from .browser.lab import missing

# The same examples every time, so that what turns red is the change; no deadline, because the
# first call of a torch function is slow.
settings.register_profile("book", deadline=None, derandomize=True, database=None)
settings.load_profile("book")


TESTS = "d2l_attention/tests"


def shared_by(nodeid: str) -> str:
    """Name what a test shares with others, which one worker then runs: its file, as a rule.

    The tests in this folder share nothing, and fill what is left when the long files are done; the
    browser's share a server, a page and a kernel.
    """
    file = nodeid.partition("::")[0]
    folder = file.rpartition("/")[0]
    return {TESTS: nodeid, f"{TESTS}/browser": folder}.get(folder, file)


class Scheduling(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        return shared_by(nodeid)


def pytest_xdist_make_scheduler(config, log):
    # Not xdist's groups: with pytest 9.2, xdist 3.8 leaves the mark unread.
    return Scheduling(config, log)


LEFT_OUT = pytest.StashKey[Counter]()


def pytest_configure(config):
    config.stash[LEFT_OUT] = Counter()


def pytest_deselected(items):
    for item in items:
        item.config.stash[LEFT_OUT][item.location[0]] += 1


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        # As a plain dict, which is all that goes from process to process.
        session.config.workeroutput["left_out"] = dict(session.config.stash[LEFT_OUT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    # Every worker collects all tests, so each tells the same.
    node.config.stash[LEFT_OUT] |= Counter(getattr(node, "workeroutput", {}).get("left_out"))


def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("markexpr") and (left_out := config.stash[LEFT_OUT]):
        terminalreporter.section("LEFT OUT")
        if not config.getoption("nbval"):
            terminalreporter.line("every notebook: none was run")
        for name, count in sorted(left_out.items()):
            terminalreporter.line(f"{name}: {count} tests")
    skipped = terminalreporter.stats.get("skipped", [])
    if (lacking := missing()) and any("/browser/" in report.nodeid for report in skipped):
        terminalreporter.section("THE BROWSER TESTS WERE SKIPPED", red=True, bold=True)
        terminalreporter.line(lacking)
