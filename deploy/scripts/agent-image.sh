#!/bin/sh
# The docker engine has the image in which agents run. Built again each time, which takes a second when nothing changed.
# AP_PYTHON_IMAGE: what it is built on, when the registry of the usual one cannot be reached.
set -eu

image=${AP_AGENT_IMAGE:-agent-platform-agent}
case "$image" in *@sha256:*) exit 0 ;; esac # by digest: somebody else built it

if ! command -v docker >/dev/null 2>&1; then
    echo "AP_DRIVER=docker needs Docker, and the docker command is not installed. Type: apt-get install -y docker.io" >&2
    exit 1
fi
set -- --quiet --network none --file deploy/agent_base/Dockerfile --tag "$image" .
[ -z "${AP_PYTHON_IMAGE:-}" ] || set -- --build-arg "PYTHON_IMAGE=$AP_PYTHON_IMAGE" "$@"
if ! said=$(docker build "$@" 2>&1); then
    printf '%s\n' "$said" >&2
    echo "The image $image could not be built. Is the engine running, and is DOCKER_HOST (${DOCKER_HOST:-not set}) the right one?" >&2
    exit 1
fi
