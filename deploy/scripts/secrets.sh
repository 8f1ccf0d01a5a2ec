#!/bin/sh
# deploy/.env holds passwords that were generated once and that only its owner reads; what is there is never changed.
# Usage: secrets.sh              writes or completes deploy/.env, which Compose reads
#        secrets.sh kubernetes   prints the Secrets that deploy/kubernetes expects, made of deploy/.env and of these addresses:
#                                POSTGRES (host:port/database), REDIS_URL, REFLEX_REDIS_URL; optional: SMTP_URL, GITHUB_CLIENT_ID,
#                                GITHUB_CLIENT_SECRET
set -eu
umask 077

file=${AP_SECRETS_FILE:-$(dirname "$0")/../.env}
roles="owner app worker platform publisher broker backup"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# A line NAME=VALUE is in the file; VALUE is made by the second argument only if the name is new.
ensure() { grep -q "^$1=" "$file" || printf '%s=%s\n' "$1" "$($2)" >>"$file"; }

key() { head -c 32 /dev/urandom | base64; }

value() { sed -n "s/^$1=//p" "$file"; }

upper() { printf '%s' "$1" | tr '[:lower:]' '[:upper:]'; }

base64_line() { base64 | tr -d '\n'; }

secret() {  # name, then pairs of key and base64 value
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  namespace: agent-platform\ndata:\n' "$1"
    shift
    while [ $# -gt 0 ]; do printf '  %s: %s\n' "$1" "$2"; shift 2; done
}

text() { printf '%s' "$1" | base64_line; }

touch "$file"
chmod 600 "$file"
for name in POSTGRES_PASSWORD VALKEY_PASSWORD; do ensure "$name" random; done
for role in $roles; do ensure "AP_$(upper "$role")_PASSWORD" random; done

[ "${1:-}" = kubernetes ] || { echo "Passwords are in $file." >&2; exit 0; }

: "${POSTGRES:?set it to host:port/database}" "${REDIS_URL:?}" "${REFLEX_REDIS_URL:?}"
for name in AP_INSTALLATION_KEY_BASE64 AP_WEB_SIGNING_KEY_BASE64; do ensure "$name" key; done
for role in $roles; do
    secret "database-$role" url "$(text "postgresql://ap_$role:$(value "AP_$(upper "$role")_PASSWORD")@$POSTGRES")"
done
secret redis url "$(text "$REDIS_URL")"
secret redis-state url "$(text "$REFLEX_REDIS_URL")"
secret key-installation installation.key "$(value AP_INSTALLATION_KEY_BASE64)"
secret key-web-signing web_signing.key "$(value AP_WEB_SIGNING_KEY_BASE64)"
[ -z "${SMTP_URL:-}" ] || secret mail url "$(text "$SMTP_URL")"
[ -z "${GITHUB_CLIENT_ID:-}" ] || secret github id "$(text "$GITHUB_CLIENT_ID")" secret "$(text "$GITHUB_CLIENT_SECRET")"
