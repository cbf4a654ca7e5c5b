# sample: function
import json
import re
import time
import traceback
import urllib.error
import urllib.request
import uuid

SESSION = re.compile(r"[0-9a-f]{12}[a-z2-7]{26}")


def tell_sentiero(address, token, error, sid=None, release=None, **context):
    """Tells Sentiero of an exception; False if it could not be told."""
    described = {
        "type": type(error).__name__,
        "message": str(error),
        "backtrace": traceback.format_tb(error.__traceback__),
        "time": int(time.time() * 1000),
        "context": context,
    }
    # It comes from the visitor's browser, so it may be anything.
    if sid and SESSION.fullmatch(sid):
        described["sid"] = sid
    if release:
        described["release"] = release
    # The same id each time: what was stored, and not answered, is not stored again.
    body = json.dumps({"id": str(uuid.uuid4()), "errors": [described]}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for tried in range(3):
        try:
            request = urllib.request.Request(address, body, headers)
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as refused:
            if refused.code < 500 and refused.code != 429:
                return False
        except OSError:
            pass
        time.sleep(2 * (tried + 1))
    return False
# sample ends


if __name__ == "__main__":
    import os

    def price(item):
        return {"tent": 129}[item]

    try:
        price("lamp")
    except KeyError as error:
        told = tell_sentiero(
            f"{os.environ['SENTIERO_URL']}/e/{os.environ['SENTIERO_SITE']}",
            os.environ["SENTIERO_TOKEN"],
            error,
            sid=os.environ["SID"],
            release="python-1",
            path="/pay?card=1",
        )
        print("told" if told else "not told")
