# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# What the scripts of this folder share; sourced, never run.  They work in the checkout's root.
# shellcheck shell=bash disable=SC2034  # the variables are used by the scripts that source this
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"
O=$ROOT/.odoo
ADDON=resource_booking_zoom

# Compiled Python goes below .odoo: the checkout stays clean, and Odoo starts twice as fast
# where the environment forbids to write any.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$O/pycache

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# A name for this .odoo: a database of an earlier checkout in the same folder has no files here.
name_odoo() {
    mkdir -p "$O"
    [ -s "$O/id" ] || od -An -N8 -tx8 /dev/urandom | tr -d ' ' >"$O/id"
}

# Downloads fail now and then: three tries.
retry() { "$@" || { sleep 3 && "$@"; } || { sleep 6 && "$@"; }; }

# A program of this folder, with all that it needs.  Playwright brings a Node of its own, which
# wants libatomic1; a bare Debian lacks it.
run_python() {
    export PLAYWRIGHT_NODEJS_PATH=$O/venv/bin/node
    case " $* " in *" --help "* | *" -h "*) ;; *) dev/setup --brief >&2 ;; esac
    exec "$O/venv/bin/python" -u "$@"
}

# The variables by which a user names an Odoo or a PostgreSQL that is already there are kept
# by dev/setup, so that they need not be given to every later command.  What the environment
# says wins, the empty string included (PGHOST= goes back to the private server).
SETTINGS="ODOO_SRC PGHOST PGPORT PGUSER PGPASSWORD"
load_settings() {
    local name value
    [ -e "$O/settings" ] || return 0
    # a server that is named anew does not get the old one's port, user and password
    [ -z "${PGHOST+set}" ] || SETTINGS="ODOO_SRC"
    while IFS='=' read -r name value; do
        case " $SETTINGS " in *" $name "*)
            [ -n "${!name+set}" ] || export "$name=$value" ;;
        esac
    done <"$O/settings"
}
load_settings
