#!/bin/sh
# sample: call
curl --fail-with-body -sS "$SENTIERO_URL/e/$SENTIERO_SITE" \
  -H "Authorization: Bearer $SENTIERO_TOKEN" \
  -d '{"id": "deploy-4711", "errors": [{
        "type": "Timeout", "message": "the price list did not answer",
        "backtrace": ["bin/prices:12:in fetch"], "release": "curl-1",
        "context": {"job": "prices", "tried": 3}}]}'
# sample ends
