#!/usr/bin/env bash
# Follows tasks in a shell: SERVER is where, TOKEN says who.
# recipe: curl
curl -sN "$SERVER/graphql" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -H 'Accept: text/event-stream' ${CURSOR:+-H "Last-Event-ID: $CURSOR"} \
  -d '{"query": "subscription { taskChanged { kind task { title } } }"}'
# end of recipe
