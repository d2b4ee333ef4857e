from hypothesis import settings

from .browser.lab import missing

# The same examples every time, so that what turns red is the change; no deadline, because the
# first call of a torch function is slow.
settings.register_profile("book", deadline=None, derandomize=True, database=None)
settings.load_profile("book")


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if (lacking := missing()) and any("/browser/" in report.nodeid for report in skipped):
        terminalreporter.section("THE BROWSER TESTS WERE SKIPPED", red=True, bold=True)
        terminalreporter.line(lacking)
