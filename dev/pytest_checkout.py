# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""pytest plugin for a checkout that is the addon, whatever its folder is called.

1. Before the first test the test database is made or brought up to date (see testdb.py).
2. pytest makes a module's dotted name from the folders on disk, Odoo needs
   ``odoo.addons.<addon>.…``: every path of the checkout gets that name.
3. Tests are chosen by Odoo's tags: those with the tag ``standard``, or with ``--odoo-tag``.
4. What Odoo logs as a warning or worse is shown at the end.
5. A run without any test fails; so does, on a CI machine (``CI`` is set), a browser test that
   is skipped for want of a browser.

``dev/test --beside MODULE`` is a run with another module installed: only there are the tests
in ``tests/beside/MODULE`` collected, which need it.

``dev/test --pure tests/test_x.py`` is for tests of plain Python: no server, no database, and the
``__init__.py`` of the module and of its tests are not run, so no model is loaded.
"""

import os
import re
import shutil
import sys
import types
from contextlib import ExitStack
from unittest.mock import patch

import _pytest.pathlib
import pytest
import testdb
from _pytest.unittest import TestCaseFunction

LINK = testdb.STATE / "path/odoo/addons" / testdb.ADDON
BESIDE = testdb.ROOT / "tests/beside"
# handed from the controller of pytest-xdist to its workers
DATABASE = "ODOO_TEST_DATABASE"
# A record of Odoo's log as pytest writes it, with its traceback
LOGGED = re.compile(
    r"^(?:WARNING|ERROR|CRITICAL) (?s:.*?)(?=\n[A-Z]+ +\S+:\S+:\d+ |\Z)", re.MULTILINE
)


def pytest_addoption(parser):
    parser.addoption(
        "--odoo-tag",
        metavar="TAG",
        default="standard",
        help="run the tests with this tag of Odoo (default: standard)",
    )
    parser.addoption(
        "--beside",
        metavar="MODULE",
        help="run in a database where this module is installed, too",
    )
    parser.addoption(
        "--pure",
        action="store_true",
        help="tests of plain Python only, without Odoo's server; wants -p no:odoo beside it",
    )


# --- the database -----------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config):
    """Runs before pytest-odoo's hook of this name, which configures Odoo."""
    if config.option.pure:
        return (yield)
    os.environ["ODOO_RC"] = str(testdb.CONF)
    option = config.option
    option.odoo_http = True  # without it browser tests are skipped
    option.odoo_config = option.odoo_config or str(testdb.CONF)
    if option.odoo_log_level == "critical":  # pytest-odoo's default hides every warning
        option.odoo_log_level = "warn"
    with ExitStack() as stack:
        if option.odoo_database:
            pass
        elif os.environ.get("PYTEST_XDIST_WORKER"):
            option.odoo_database = os.environ[DATABASE]
        elif option.collectonly or option.help or option.version:
            option.odoo_database = testdb.TEST
        else:
            try:
                name = stack.enter_context(testdb.database(option.beside))
            except testdb.Unavailable as error:
                raise pytest.UsageError(str(error)) from None
            option.odoo_database = os.environ[DATABASE] = name
            # pytest-odoo copies databases for pytest-xdist with createdb
            os.environ["PGHOST"] = testdb.options()["db_host"]
            os.environ["PGUSER"] = testdb.options()["db_user"]
            os.environ["PATH"] += f":{testdb.STATE / 'pgbin'}"
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def own_files(request):
    """Attachments of its own for each worker of pytest-xdist.

    pytest-odoo lets them share one folder, from which one deletes what another needs.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker or request.config.option.pure:
        yield
        return
    request.getfixturevalue("load_registry")  # it patches the same function
    from odoo.tools import config

    name = os.environ[DATABASE]
    folder = testdb.copy_files(name, f"{name}-{worker}")
    with patch.object(config, "filestore", lambda _database: str(folder)):
        yield
    shutil.rmtree(folder, ignore_errors=True)


# --- names and choice of tests ----------------------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    original = _pytest.pathlib.resolve_pkg_root_and_module_name

    def resolve(path, *, consider_namespace_packages=False):
        for base in (LINK, testdb.ROOT):
            if path.is_relative_to(base):
                names = list(path.relative_to(base).with_suffix("").parts)
                if names[0] == testdb.STATE.name:
                    break
                if names[-1] == "__init__":
                    names.pop()
                package = ["odoo", "addons", testdb.ADDON]
                return LINK.parents[2], ".".join(package + names)
        return original(path, consider_namespace_packages=consider_namespace_packages)

    _pytest.pathlib.resolve_pkg_root_and_module_name = resolve
    if config.option.pure:
        _skip_package_code()
        # Odoo's tests ask it of their result where pytest-odoo does not patch them.
        TestCaseFunction.wasSuccessful = lambda _result: True


def _skip_package_code():
    for package, folder in (("", LINK), (".tests", LINK / "tests")):
        module = types.ModuleType(f"odoo.addons.{testdb.ADDON}{package}")
        module.__path__ = [str(folder)]
        module.__file__ = str(folder / "__init__.py")
        sys.modules[module.__name__] = module


def pytest_ignore_collect(collection_path, config):
    """Tests that need another module are collected only beside it."""
    if BESIDE in collection_path.parents:
        wanted = config.option.beside and BESIDE / config.option.beside
        if not wanted or not collection_path.is_relative_to(wanted):
            return True
    return None


def pytest_collection_modifyitems(config, items):
    """pytest-odoo knows no tags."""
    wanted = config.option.odoo_tag
    chosen, others = [], []
    for item in items:
        tags = getattr(getattr(item, "cls", None), "test_tags", {"standard"})
        (chosen if wanted in tags else others).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = chosen


# --- the outcome ------------------------------------------------------------------------


def pytest_terminal_summary(terminalreporter):
    """What Odoo has logged, outside of ``assertLogs`` and ``mute_logger``."""
    seen = {}
    for report in sum(terminalreporter.stats.values(), []):
        if getattr(report, "when", None) == "teardown":  # it has the log of all phases
            for record in LOGGED.findall(report.caplog):
                first, *more = record.splitlines()
                if "Traceback (most recent call last):" in more:
                    first += f" ({more[-1]})"
                seen.setdefault(first[:300], []).append(report.nodeid)
    if seen:
        terminalreporter.section("logged warnings and errors", yellow=True)
    for line, tests in seen.items():
        terminalreporter.line(f"{line} ({len(tests)} times)")
        terminalreporter.line(f"    first in {tests[0]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get("CI") and call.excinfo:
        reason = str(call.excinfo.value)
        if "chrome" in reason.lower() or "websocket-client" in reason:
            report.outcome = "failed"
            report.longrepr = f"a browser test must not be skipped here: {reason}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """No test, or skipped ones only: then nothing is known to work."""
    config = session.config
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if exitstatus or config.option.collectonly or worker or not reporter:
        return
    if not any(reporter.stats.get(kind) for kind in ("passed", "xfailed", "xpassed")):
        reporter.line("no test was run", red=True)
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
