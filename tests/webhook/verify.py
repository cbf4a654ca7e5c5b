# Whether a delivery on stdin, with its header as the first argument, is signed with SECRET.
# Exits with 1 if it is not.
# sample: verify
import hashlib
import hmac
import re
import time


def is_signed(secret, header, body, now=None):
    """Whether `body`, as it came, was signed with `secret` in the last five minutes."""
    match = re.fullmatch(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", header or "")
    if not match or abs((now or time.time()) - int(match[1])) > 300:
        return False
    signed = match[1].encode() + b"." + body
    right = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right, match[2])
# sample ends


import os
import sys

body = sys.stdin.buffer.read()
sys.exit(0 if is_signed(os.environ["SECRET"], sys.argv[1], body) else 1)
