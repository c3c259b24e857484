"""What holds for every test: a skipped test is a failed run, because nobody reads a list of skips."""

import gc

import pytest
from reader import address, browser, built, look, readers, visit, windows  # noqa: F401  (of every browser test)


def pytest_collection_finish():
    """Pages under test are many small objects: to look for cycles among them all took a third of the time."""
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    if skipped := terminalreporter.stats.get("skipped"):
        terminalreporter.section("skipped, so failed")
        terminalreporter.line(f"{len(skipped)} skipped: install what they need, or delete them.")
