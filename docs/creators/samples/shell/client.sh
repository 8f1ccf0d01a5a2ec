# A client of the runtime API for POSIX sh. The image needs sh, sed, sleep and curl 7.40 or newer (for --unix-socket).
# Source this file. AP_BROKER and AP_RUN_TOKEN are set by the platform.

ap_seq=0

# ap_call METHOD PATH [BODY]: the answer's body on standard output. 401 ends the process: the attempt is over.
ap_call() {
  ap_tries=0
  while :; do
    set -- "$1" "$2" "${3-}"
    case "$AP_BROKER" in
      unix://*) ap_answer=$(ap_curl "$1" "http://broker$2" "$3" --unix-socket "${AP_BROKER#unix://}") ;;
      *) ap_answer=$(ap_curl "$1" "$AP_BROKER$2" "$3") ;;
    esac
    ap_status=$(printf '%s' "$ap_answer" | sed -n '$p')
    case "$ap_status" in
      2??) printf '%s\n' "$ap_answer" | sed '$d'; return 0 ;;
      401) echo "the attempt is over" >&2; exit 75 ;;
      000|429|5??) # away or busy: every call may be repeated
        ap_tries=$((ap_tries + 1))
        [ "$ap_tries" -lt 25 ] || { echo "the broker stayed away" >&2; exit 75; }
        sleep 1 ;;
      *) printf '%s\n' "$ap_answer" >&2; return 1 ;;
    esac
  done
}

# The token goes in by standard input, so that no other process of the sandbox sees it in an argument list.
ap_curl() {
  ap_method=$1 ap_url=$2 ap_body=$3
  shift 3
  if [ -n "$ap_body" ]; then set -- "$@" --header 'Content-Type: application/json' --data-binary "$ap_body"; fi
  printf 'header = "Authorization: Bearer %s"\n' "$AP_RUN_TOKEN" |
    curl --silent --config - --request "$ap_method" --max-time 60 --write-out '\n%{http_code}' "$@" "$ap_url"
}

# ap_text WORDS: a JSON string of one line of text.
ap_text() {
  printf '"%s"' "$(printf '%s' "$*" | sed 's/\\/\\\\/g; s/"/\\"/g; s/	/\\t/g')"
}

# ap_event TYPE MEMBERS: one numbered event; MEMBERS is JSON without braces, such as '"value": {"rows": 3}'.
# Call it without a subshell, or the number is lost; the answer is left in ap_said.
ap_event() {
  ap_seq=$((ap_seq + 1))
  ap_call POST /runtime/v1/events "{\"events\":[{\"seq\":$ap_seq,\"at\":\"\",\"type\":\"$1\",$2}]}" > "${TMPDIR:-/tmp}/ap_said" ||
    return 1
  ap_said=$(cat "${TMPDIR:-/tmp}/ap_said")
}

ap_log() { ap_event log "\"level\":\"info\",\"text\":$(ap_text "$*")"; }

# ap_emit ITEM EVENT KEY: false when the cap refused the row.
ap_emit() {
  ap_event items "\"items\":[$1],\"event\":$(ap_text "$2"),\"keys\":[$(ap_text "$3")]" || return 1
  case "$ap_said" in *'"dropped":0'*) return 0 ;; *) return 1 ;; esac
}

ap_result() { ap_event result "\"value\":$1"; }
