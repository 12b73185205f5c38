"""What schemathesis is told of our APIs: who signs requests, and that nothing is pushed to anywhere but this machine.

CALLBOARD_KEY names the content of a member's key file, opened; CALLBOARD_TOKEN is the agent's token. With the first,
requests are signed after RFC 9421 (`docs/formats.md` §3), with the second they bear it. What there is at CALLBOARD_URL is
asked for besides what there isn't.
"""
import json, os, re, sys, time, zlib
import requests, requests.auth, schemathesis
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

URL = os.environ["CALLBOARD_URL"]

def there_is(path, auth=None):
    answer = requests.get(URL + path, auth=auth, timeout=30)
    return answer.json() if answer.ok else {}

def known():
    """Ids of what there is, by the parameter's name."""
    if os.environ.get("CALLBOARD_TOKEN"):
        return {"ref": [one["ref"] for one in there_is("/refs", Bearer()).get("people", [])]}
    dockets = [row["docket"] for row in there_is("/v1/dockets").get("dockets", [])]
    records = [item["record"] for docket in dockets for item in there_is(f"/v1/dockets/{docket}")["items"]]
    policies = [policy["sha256"] for policy in there_is("/v1/policies").get("policies", [])]
    return {"docket": dockets, "record": records, "sha256": policies}

KNOWN = known()
IS_ID = re.compile("[0-9a-f]{64}|[0-9a-f-]{36}")

@schemathesis.hook
def map_path_parameters(context, parameters):
    """Of what could be an id every second is one."""
    parameters = dict(parameters or {})
    for name, value in parameters.items():
        chance, ids = zlib.crc32(repr(value).encode()), KNOWN.get(name)
        if ids and chance % 2 and isinstance(value, str) and (name == "ref" or IS_ID.fullmatch(value)):
            parameters[name] = ids[chance // 2 % len(ids)]
    return parameters

@schemathesis.hook
def map_query(context, query):
    """Of what could be an epoch every second is the one that there is."""
    epoch = (query or {}).get("epoch")
    return query | {"epoch": 1} if isinstance(epoch, int) and epoch > 1 and epoch % 2 else query
