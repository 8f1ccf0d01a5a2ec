#!/bin/sh
# A program of the system is there: installed when we are root, else the one line to type is shown.
# Usage: system-package.sh PROGRAM PACKAGE REASON required|optional
set -eu

program=$1 package=$2 reason=$3 need=$4

if ! command -v "$program" >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "$reason Installing it."
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 ||
            { apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "$package" >/dev/null; } || true
    fi
fi
if ! command -v "$program" >/dev/null 2>&1; then
    line="apt-get install -y $package"
    [ "$(id -u)" = 0 ] || line="sudo $line"
    echo "$reason It is not installed. Type: $line" >&2
    [ "$need" = optional ] || exit 1
fi
