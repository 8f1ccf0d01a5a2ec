#!/bin/sh
# Counts to the input `n`: one row and one charge for each number, and a result. Keys make every step repeatable.
set -eu
. "$(dirname "$0")/client.sh"

n=$(ap_call GET /runtime/v1/input | sed -n 's/.*"input": *{[^}]*"n": *\([0-9]*\).*/\1/p')
ap_log "counting to $n"
i=0
while [ "$i" -lt "$n" ]; do
  ap_emit "{\"i\":$i}" page "$i" || break # the cap refused it: stop, and return what there is
  i=$((i + 1))
  ap_event progress "\"done\":$i,\"total\":$n,\"message\":null"
done
ap_result "{\"rows\":$i}"
