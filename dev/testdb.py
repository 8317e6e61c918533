# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The databases of the tests, and how Odoo is started on one.

``resource_booking_zoom_deps`` holds the modules that this one depends on, in English and Japanese;
``resource_booking_zoom_test`` is a copy of it with this module installed.  A copy is made anew
whenever a file of the module changed: that takes as long as an update, and nothing of the
former state is left.  What a database was made from is written in its comment.

A check beside another module has databases of its own, ``…_deps_MODULE`` and ``…_test_MODULE``:
there that module is installed first, as in a company that has it already.

Who runs tests at the same time gets ``…_test_2`` and so on.  ``ODOO_TEST_DB`` replaces the
first part of the names, for a PostgreSQL server that several checkouts share.

``python dev/testdb.py --drop`` drops them all.
"""

import ast
import configparser
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
ADDON = "resource_booking_zoom"
STATE = ROOT / ".odoo"
CONF = STATE / "odoo.conf"
BASE = os.environ.get("ODOO_TEST_DB") or ADDON
DEPS = f"{BASE}_deps"
TEST = f"{BASE}_test"
SLOTS = 4  # as many runs at a time
LANGUAGES = "en_US,ja_JP"  # users get the first
# Files that change nothing in a database: of the module's folder, all others count.
# Odoo leaves out translations of what the .pot does not have.
OTHER_FOLDERS = {"tests", "dev", "docs", "readme", "build", "dist"}
OTHER_SUFFIXES = {".md", ".rst", ".toml", ".pyc", ".orig"}


class Unavailable(Exception):
    """Something cannot be made or started; the text says why."""


def lock(name, wait=True):
    """Take the lock of this name; it is held until it is closed.

    :raise BlockingIOError: somebody else holds it, and nobody wants to wait
    """
    file = open(STATE / f"{name}.lock", "w")
    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    return file


# --- what the module is made of ---------------------------------------------------------


def source_files():
    """The files of the module, without those of its development."""
    for top in sorted(ROOT.iterdir()):
        if top.name in OTHER_FOLDERS or top.name.startswith("."):
            continue
        for path in (top, *sorted(top.rglob("*"))):
            if path.is_file() and path.suffix not in OTHER_SUFFIXES:
                yield path


def fingerprint(*parts, files=()):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def manifest():
    return ast.literal_eval((ROOT / "__manifest__.py").read_text())


def _deps_fingerprint():
    settings = STATE / "settings"
    return fingerprint(
        # the attachments of a database lie in the .odoo that it was made in
        (STATE / "id").read_text(),
        settings.read_text() if settings.exists() else "",
        [path.read_text() for path in sorted(STATE.glob("sys/.complete"))],
        sorted(manifest()["depends"]),
        LANGUAGES,
        files=[ROOT / "dev/requirements.lock"],
    )


# --- PostgreSQL and Odoo ----------------------------------------------------------------


def options():
    parser = configparser.RawConfigParser()
    parser.read(CONF)
    return parser["options"]


def connect(database="postgres"):
    """A connection that commits each statement."""
    conf = options()
    connection = psycopg2.connect(
        dbname=database,
        host=conf.get("db_host"),
        port=conf.get("db_port", "5432"),
        user=conf.get("db_user"),
        password=conf.get("db_password"),
        connect_timeout=10,
    )
    connection.autocommit = True  # CREATE DATABASE wants no transaction
    return connection


def sql(query, *values, database="postgres"):
    """Run a statement on a connection of its own.

    :return list: the rows, or None if it gives none
    """
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else None


def filestore(name):
    return Path(options()["data_dir"], "filestore", name)


def drop(name):
    sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


def copy(source, target):
    drop(target)
    sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    copy_files(source, target)


def copy_files(source, target):
    """Give a database the attachments of another one, and no others.

    :return Path: where they are
    """
    shutil.rmtree(filestore(target), ignore_errors=True)
    if filestore(source).exists():
        # Odoo names attachments by their content and never writes into one: links will do
        shutil.copytree(filestore(source), filestore(target), copy_function=os.link)
    return filestore(target)


def odoo_command(database, command, *arguments):
    """How Odoo is started on a database."""
    odoo = (STATE / "venv/bin/odoo", command, "-c", CONF, "-d", database)
    return [str(part) for part in (*odoo, *arguments)]


def run_odoo(database, command, *arguments, code="", path=None):
    """Let Odoo do something on a database, without serving anybody, and end.

    :param str command: ``server`` or ``shell``
    :param str code: Python for the shell
    :param path: a folder whose modules go before all others
    :return subprocess.CompletedProcess: with what it printed and logged
    :raise Unavailable: it failed
    """
    done = subprocess.run(
        odoo_command(
            *(database, command, *arguments),
            *("--no-http", "--max-cron-threads=0", "--log-level=warn"),
        ),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(path)} if path else None,
        input=code,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Unavailable(f"Odoo fails on {database}:\n{done.stderr[-4000:]}")
    return done


# --- the databases ----------------------------------------------------------------------


def _make(name, wanted, source, modules):
    """Make a database, unless it is there and was made from the same.

    :param source: the database that is copied, or None
    """
    comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    if sql(comment, name) == [(wanted,)]:
        return
    start, names = time.monotonic(), ", ".join(modules)
    print(f"database {name}: install {names}", file=sys.stderr, flush=True)
    if source:
        copy(source, name)
    else:
        drop(name)
    languages = [] if source else [f"--load-language={LANGUAGES}"]
    install = ("-i", ",".join(modules), *languages, "--stop-after-init")
    sys.stderr.write(run_odoo(name, "server", *install).stderr)
    # Odoo ends well, too, when it does not know a module at all
    installed = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    if set(modules) - {module for (module,) in sql(installed, database=name)}:
        raise Unavailable(f"{names} cannot be installed (see above)")
    sql(f'COMMENT ON DATABASE "{name}" IS %s', wanted)
    seconds = time.monotonic() - start
    print(f"database {name}: ready in {seconds:.0f} s", file=sys.stderr, flush=True)


def prepare_deps(beside=None):
    """Make the database that those with this module are copied from, or keep it.

    :param str beside: another module to install in it
    :return tuple: what it was made from, and its name
    """
    wanted, source = _deps_fingerprint(), DEPS
    with lock("deps"):
        _make(source, wanted, None, manifest()["depends"])
        if beside:
            wanted, source = fingerprint(wanted, beside), f"{DEPS}_{beside}"
            _make(source, wanted, DEPS, [beside])
    return wanted, source


@contextmanager
def database(beside=None):
    """The name of a test database that is ours until the end of the block.

    It is kept if it is what the files would give.

    :param str beside: another module to install before this one
    """
    first = f"{TEST}_{beside}" if beside else TEST
    while True:
        for name in (first, *(f"{first}_{number}" for number in range(2, SLOTS + 1))):
            try:
                held = lock(name, wait=False)
            except BlockingIOError:
                continue
            with held:
                wanted, source = prepare_deps(beside)
                wanted = fingerprint(wanted, files=source_files())
                _make(name, wanted, source, [ADDON])
                yield name
                return
        time.sleep(1)


def main():
    if sys.argv[1:] != ["--drop"]:
        sys.exit(__doc__)
    names = f"^({DEPS}|{TEST})(_[a-z_]+)?(_[0-9]+)?(-gw[0-9]+)?$"
    for (name,) in sql("SELECT datname FROM pg_database WHERE datname ~ %s", names):
        drop(name)


if __name__ == "__main__":
    main()
