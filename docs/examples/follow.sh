#!/bin/sh
# Follow the live stream with curl alone: server-sent events, resumed after each break. MIT License.
#   BUGWIRE_KEY=bw_live_... sh follow.sh 'http://127.0.0.1:8001/api/v1/stream/?type=new_bugs&severity=high'
# One JSON message a line. The key is read from a file handle, so that no list of processes shows it.
url=$1
last=$(mktemp)
trap 'rm -f "$last"' EXIT
trap 'exit 130' INT TERM
while :; do
  printf 'Authorization: Bearer %s\nLast-Event-ID: %s\n' "$BUGWIRE_KEY" "$(cat "$last")" |
    curl -sS --no-buffer --fail --max-time 86400 -H @- "$url" |
    while IFS= read -r line; do
      case $line in
        "id: "*) printf '%s' "${line#id: }" > "$last" ;;
        "data: "*) printf '%s\n' "${line#data: }" ;;
      esac
    done
  sleep "$(awk 'BEGIN { srand(); print 1 + 4 * rand() }')"
done
