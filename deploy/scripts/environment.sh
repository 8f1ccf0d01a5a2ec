#!/bin/sh
# The virtual environment holds what uv.lock names; nothing is done while neither lock nor project changed.
# Usage: environment.sh [dev]
set -eu

UV_VERSION=0.13.9
PYTHON=${PYTHON:-python3}
stamp=.venv/.synced
export UV_PYTHON_DOWNLOADS=never

fail() { printf '%s\n' "$1" >&2; exit 1; }

as_root() { [ "$(id -u)" = 0 ] && echo "$1" || echo "sudo $1"; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed, and \`$PYTHON\` is not. Type: $(as_root 'apt-get install -y python3 python3-venv')"

groups="--group front --group embedded"
wanted="$(cat uv.lock pyproject.toml | sha256sum | cut -c1-64)"
case "$(cat "$stamp" 2>/dev/null || true)" in
    "$wanted dev") exit 0 ;;
    "$wanted run") [ "${1:-}" = dev ] || exit 0 ;;
esac

if command -v uv >/dev/null 2>&1; then
    uv=uv
else
    uv=.tools/bin/uv
    if ! "$uv" --version >/dev/null 2>&1; then
        "$PYTHON" -c 'import ensurepip' 2>/dev/null ||
            fail "Python's venv module is incomplete on this machine. Type: $(as_root 'apt-get install -y python3-venv')"
        rm -rf .tools
        "$PYTHON" -m venv .tools
        .tools/bin/pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
    fi
fi

echo "Installing what uv.lock names; the first time this takes a minute."
if [ "${1:-}" = dev ]; then
    # shellcheck disable=SC2086 # words on purpose
    "$uv" sync --quiet --frozen --python "$PYTHON" $groups --group dev
    echo "$wanted dev" >"$stamp"
else
    # shellcheck disable=SC2086
    "$uv" sync --quiet --frozen --inexact --no-default-groups --python "$PYTHON" $groups
    echo "$wanted run" >"$stamp"
fi
