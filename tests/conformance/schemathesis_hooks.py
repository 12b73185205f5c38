"""What schemathesis is told of our APIs: who signs requests, and that nothing is pushed to anywhere but this machine.

CALLBOARD_KEY names the content of a member's key file, opened; CALLBOARD_TOKEN is the agent's token. With the first,
requests are signed after RFC 9421 (`docs/formats.md` §3), with the second they bear it.
"""
import json, os, sys, time
import requests.auth, schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from client import b64, sign

class Signed(requests.auth.AuthBase):
    def __init__(self, key): self.key = key
    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        created, nonce = int(time.time()), os.urandom(16)
        request.headers.update(sign(self.key, request.method, request.url, body, created, nonce))
        return request

class Bearer(requests.auth.AuthBase):
    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {os.environ['CALLBOARD_TOKEN']}"
        return request

if key := os.environ.get("CALLBOARD_KEY"):
    key = Ed25519PrivateKey.from_private_bytes(b64(json.load(open(key))["requestKey"]))
    schemathesis.auth.set_from_requests(Signed(key))
elif os.environ.get("CALLBOARD_TOKEN"):
    schemathesis.auth.set_from_requests(Bearer())

@schemathesis.hook
def before_call(context, case, kwargs):
    """An endpoint is at a port of this machine that nobody listens on: nothing is sent to strangers."""
    if isinstance(case.body, dict) and isinstance(case.body.get("url"), str) and "://" in case.body["url"]:
        case.body["url"] = f"http://127.0.0.1:9/{len(case.body['url']) % 8}" + "*" * (len(case.body["url"]) - 20)

