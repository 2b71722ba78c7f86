#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sends a message over HTTP and follows it until its receiver has taken or refused it. Needs curl and nothing else.
#
#   POSTHASTE_KEY=ph_… examples/send-and-follow.sh shop@your-domain.example ann@example.net
#
# POSTHASTE_URL says where the relay is (default http://127.0.0.1:8026), TRIES how often it looks, once a second.
set -euo pipefail

from=${1:?who it is from, at a domain that you have added}
to=${2:?who gets it}
api=${POSTHASTE_URL:-http://127.0.0.1:8026}/api/v1
: "${POSTHASTE_KEY:?a key with the scopes send and read: posthaste key add --label me --scope send read}"

ask() {
  curl --silent --show-error --fail-with-body --header "Authorization: Bearer $POSTHASTE_KEY" "$@"
}

answer=$(ask --json @- "$api/messages" <<JSON
{"from": "$from", "to": "$to", "subject": "It works", "text": "Sent with nothing but curl.", "tags": ["example"]}
JSON
) || { echo "refused: $answer" >&2; exit 1; }
id=$(sed -E 's/.*"id":"([^"]+)".*/\1/' <<<"$answer")
echo "accepted as $id"

for _ in $(seq "${TRIES:-60}"); do
  events=$(ask "$api/messages/$id")
  for end in delivered bounced expired suppressed; do
    if [[ $events == *"\"type\":\"message.$end\""* ]]; then
      echo "$end"
      # The reply of the last attempt, as its receiver wrote it.
      grep -oE '"reply":\{[^}]*\}' <<<"$events" | tail -1
      [ "$end" = delivered ]
      exit
    fi
  done
  sleep 1
done
echo "still under way; look again with: curl -H 'Authorization: Bearer …' $api/messages/$id" >&2
exit 1
