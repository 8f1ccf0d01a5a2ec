#!/bin/sh
# .web/build/client is the front end of these sources for $PORT; nothing is done while neither changed.
set -eu

PORT=${PORT:-3000}
stamp=.web/built
log=.web-build.log
PATH="$PWD/.venv/bin:$PATH"

sources() {
    find agent_platform/app.py agent_platform/pages agent_platform/components agent_platform/state agent_platform/views \
        assets docs/api.md docs/creators docs/help.md docs/receipts.md docs/self-hosting.md CHANGELOG.md reflex.lock rxconfig.py uv.lock -type f ! -name '*.pyc' | LC_ALL=C sort
}

fingerprint() { printf '%s %s\n' "$(sources | xargs sha256sum | sha256sum | cut -c1-64)" "$PORT"; }

if [ -f .web/build/client/index.html ] && [ "$(cat "$stamp" 2>/dev/null || true)" = "$(fingerprint)" ]; then
    exit 0
fi

echo "Building the front end; this takes about a minute and happens only after a change."
# An earlier build may have left settings of plugins that are gone; downloaded packages are still good.
[ ! -d .web ] || find .web -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {} +
# The registry is npm's own choice: left to itself the build would race two of them. The lock names no registry.
if ! env NPM_CONFIG_REGISTRY="$(npm config get registry 2>/dev/null)" npm_config_omit_lockfile_registry_resolved=true \
    REFLEX_API_URL="http://localhost:$PORT" python -m reflex export --frontend-only --no-zip >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    echo "The front end could not be built; the whole output is in $log." >&2
    exit 1
fi
rm -f "$log"
fingerprint >"$stamp"  # after the build, which may complete the lock when a package is new
