"""A docket's envelope by `securesystemslib`: as many of these keys signed it, and a changed bit is seen.

In: {envelope, keys: {keyid: base64}, threshold}. It names keys by `keyid`, as our envelopes do.
"""
import base64, json, sys
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

asked = json.load(sys.stdin)
keys = [
    SSlibKey(keyid, "ed25519", "ed25519", {"public": base64.b64decode(key).hex()}) for keyid, key in asked["keys"].items()
]
# `from_dict` takes the dictionary apart, so each reading has its own.
text = json.dumps(asked["envelope"])
envelope = Envelope.from_dict(json.loads(text))
verified = envelope.verify(keys, asked["threshold"])
assert len(verified) >= asked["threshold"], verified

for part in ("payload", "signatures", "signature"):
    changed = json.loads(text)
    if part == "payload":
        data = bytearray(base64.b64decode(changed["payload"]))
        data[10] ^= 1
        changed["payload"] = base64.b64encode(data).decode()
    elif part == "signature":
        data = bytearray(base64.b64decode(changed["signatures"][0]["sig"]))
        data[40] ^= 1
        changed["signatures"][0]["sig"] = base64.b64encode(data).decode()
    else:
        changed["signatures"] = changed["signatures"][: asked["threshold"] - 1]
    try:
        Envelope.from_dict(changed).verify(keys, asked["threshold"])
    except VerificationError:
        continue
    sys.exit(f"changed {part} is believed")
print(f"{len(verified)} keys signed")
