# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The databases of the tests.

``resource_booking_zoom_deps`` holds the modules that this one depends on, in English and Japanese;
``resource_booking_zoom_test`` is a copy of it with this module installed.  A copy is made anew
whenever a file of the module changed: that takes as long as an update, and nothing of the
former state is left.  What a database was made from is written in its comment.

A check beside another module has databases of its own, ``…_deps_MODULE`` and ``…_test_MODULE``:
there that module is installed first, as in a company that has it already.

Who runs tests at the same time gets ``…_test_2`` and so on.  ``ODOO_TEST_DB`` replaces the
first part of the names, for a PostgreSQL server that several checkouts share.

``python dev/testdb.py`` prepares one and prints its name; ``--without NAME`` makes
``…_test_NAME`` without this module, and prints that; ``--drop`` drops them all.
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
OTHER_FOLDERS = {"tests", "dev", "docs", "readme"}
OTHER_SUFFIXES = {".md", ".rst", ".toml", ".pyc", ".orig"}


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
    )
    connection.autocommit = True  # CREATE DATABASE wants no transaction
    return connection


@contextmanager
def open_cursor(database="postgres"):
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        yield cursor


def source_files():
    """The files of the module, without those of its development."""
    for folder, folders, files in os.walk(ROOT):
        top = Path(folder) == ROOT
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name != "__pycache__"
            and not (top and name in OTHER_FOLDERS)
        )
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix in OTHER_SUFFIXES:
                continue
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


def _comment(cursor, name):
    cursor.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
        [name],
    )
    row = cursor.fetchone()
    return row and row[0]


def filestore(name):
    return Path(options()["data_dir"], "filestore", name)


def drop(name):
    with open_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


def copy(source, target):
    drop(target)
    with open_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
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


def odoo(*arguments, **kwargs):
    command = [STATE / "venv/bin/odoo", *arguments]
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, **kwargs)


def _install(name, modules, *extra):
    done = odoo(
        *("-c", CONF, "-d", name, "-i", ",".join(modules), *extra),
        *("--stop-after-init", "--no-http", "--max-cron-threads=0", "--log-level=warn"),
        stdout=sys.stderr,
    )
    # Odoo ends well, too, when it does not know a module at all
    probe = "SELECT name FROM ir_module_module WHERE state = 'installed'"
    if done.returncode == 0:
        with open_cursor(name) as cursor:
            cursor.execute(probe)
            if {row[0] for row in cursor.fetchall()} >= set(modules):
                return
    raise RuntimeError(f"{', '.join(modules)} cannot be installed (see above)")


def _make(name, wanted, build, what):
    with open_cursor() as cursor:
        if _comment(cursor, name) == wanted:
            return False
    start = time.monotonic()
    print(f"database {name}: {what}", file=sys.stderr, flush=True)
    build()
    with open_cursor() as cursor:
        cursor.execute(f'COMMENT ON DATABASE "{name}" IS %s', [wanted])
    seconds = time.monotonic() - start
    print(f"database {name}: ready in {seconds:.0f} s", file=sys.stderr, flush=True)
    return True


def _build_deps():
    drop(DEPS)
    _install(DEPS, manifest()["depends"], f"--load-language={LANGUAGES}")


def _build(name, source, module):
    copy(source, name)
    _install(name, [module])


def prepare_deps(beside=None):
    """Make the database that those with this module are copied from, or keep it.

    :param str beside: another module to install in it
    :return tuple: what it was made from, and its name
    """
    wanted, source = _deps_fingerprint(), DEPS
    with open(STATE / "deps.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        depends = ", ".join(manifest()["depends"])
        _make(DEPS, wanted, _build_deps, f"install {depends} (kept for later)")
        if beside:
            wanted, source = fingerprint(wanted, beside), f"{DEPS}_{beside}"
            _make(
                source,
                wanted,
                lambda: _build(source, DEPS, beside),
                f"install {beside} (kept for later)",
            )
    return wanted, source


def prepare(name, beside=None):
    """Make the database ``name``, or keep it if it is what the files would give.

    :param str beside: another module to install before this one
    """
    wanted, source = prepare_deps(beside)
    wanted = fingerprint(wanted, files=source_files())
    _make(name, wanted, lambda: _build(name, source, ADDON), f"install {ADDON}")


def claim(beside=None):
    """A test database of our own: its name, and the lock that holds it while it is open.

    :param str beside: see prepare
    """
    first = f"{TEST}_{beside}" if beside else TEST
    names = [first, *(f"{first}_{number}" for number in range(2, SLOTS + 1))]
    while True:
        for name in names:
            lock = open(STATE / f"{name}.lock", "w")  # noqa: SIM115  # the caller closes it
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return name, lock
            except BlockingIOError:
                lock.close()
        time.sleep(1)


@contextmanager
def database():
    """The name of a prepared database that is ours until the end of the block."""
    name, lock = claim()
    with lock:
        prepare(name)
        yield name


def main():
    if sys.argv[1:] == ["--drop"]:
        with open_cursor() as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE datname ~ %s OR datname ~ %s",
                [
                    f"^{DEPS}(_[a-z_]+)?$",
                    f"^{TEST}(_[a-z_]+)?(_[0-9]+)?(-gw[0-9]+)?$",
                ],
            )
            names = [row[0] for row in cursor.fetchall()]
        for name in names:
            drop(name)
        return
    if len(sys.argv) == 3 and sys.argv[1] == "--without":
        name = f"{TEST}_{sys.argv[2]}"
        _wanted, source = prepare_deps()
        copy(source, name)
        print(name)
        return
    with database() as name:
        print(name)


if __name__ == "__main__":
    main()
