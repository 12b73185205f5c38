"""A member's client in Python: what `docs/clients.md` walks through. Sections are those of `docs/formats.md`.

client.py ask PIN KEY      persons on standard input, a line each, as {"kind": …, "value": …}; their answers out
client.py vectors DIR      holds each function against the published vectors

PIN is the member's `genesis.json`; KEY the content of its key file, which `age --decrypt` gives.
"""
import base64, datetime, hashlib, json, os, re, sys, time, unicodedata, urllib.error, urllib.request
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from voprf import ristretto

b64, sha = base64.b64decode, lambda data: hashlib.sha256(data).digest()
text64 = lambda data: base64.b64encode(data).decode()
LP = lambda text: len(text).to_bytes(4, "big") + text  # §1

# §2: an identity in its one spelling, and what the PRF is asked.
def dated(digits):
    try: datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError: return False
    return 1800 <= int(digits[:4]) <= 2099
def check_digit(body):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11]
def is_number(text):
    return re.fullmatch("[1-9][0-9]{16}[0-9X]", text) and dated(text[6:14]) and check_digit(text) == text[17]
def credit_code(code):
    values = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(values.index(c) * pow(3, at, 31) for at, c in enumerate(code[:17]))
    return values[(31 - total % 31) % 31] == code[17]
def shaped(kind, text, confirmed):
    if kind == "cn-id":
        if re.fullmatch("[A-Z]{3}[0-9]{12}", text): return text
        if re.fullmatch("[1-9][0-9]{14}", text) and confirmed:  # a cut number looks so
            body = text[:6] + ("18" if "996" <= text[12:] <= "999" else "19") + text[6:]
            text = body + check_digit(body)
        if is_number(text) and (confirmed or not text.endswith("000")): return text  # as a rounded one does
    if kind == "hmt-travel-permit":
        if re.fullmatch("[HM][0-9]{8}([0-9]{2})?", text): return text[:9]
        if re.fullmatch("[HM]A[0-9]{7}|[0-9]{8}", text): return text
    if kind == "passport" and re.fullmatch("[A-Z]{3}:[A-Z0-9]{5,12}", text): return text
    if kind == "cn-uscc" and re.fullmatch("[0-9A-HJ-NP-RTUW-Y]{18}", text):
        if not is_number(text) and (confirmed or credit_code(text)): return text
    if kind in ACCOUNTS and re.fullmatch("[a-z0-9-]{1,64}:.+", text): return text
    if kind == "passport-holder" and re.fullmatch("[A-Z]{3}:[A-Z]+(<[A-Z]+)*:[0-9]{8}", text):
        if dated(text[-8:]): return text
    raise ValueError("identity-invalid")  # never with the value
ACCOUNTS = ("platform-account", "net-identity-code")
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
def upper(text): return re.sub("[a-z]", lambda c: c[0].upper(), text)
def plain(text): return upper(re.sub(f"[{WHITE}-]", "", text))
def line_name(name):  # as in a passport's machine-readable line
    parts = re.split(f"[{WHITE}<-]+", re.sub("['\u2019]", "", name))
    return upper("<".join(part for part in parts if part))[:39].rstrip("<")
def normalise(kind, value, confirmed=False):
    text = re.sub(f"^[{WHITE}]+|[{WHITE}]+$", "", unicodedata.normalize("NFKC", value))
    if kind == "passport-holder":
        text = ":".join((line_name if at == 1 else plain)(part) for at, part in enumerate(text.split(":")))
    elif kind not in ACCOUNTS: text = plain(text)
    if kind == "hmt-travel-permit": text = re.sub("[()]", "", text)
    if not re.fullmatch("[ -~]{1,128}", text): raise ValueError("identity-invalid")
    return shaped(kind, text, confirmed)
def prf_input(kind, value):
    return b"callboard/identity/v1\0" + kind.encode() + b"\0" + value.encode()

# §3: a request that says who asks, signed after RFC 9421.
def sign(key, method, uri, body, created, nonce):
    keyid = sha(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).hex()
    lines, headers = [f'"@method": {method}', f'"@target-uri": {uri}'], {}
    if body:
        headers["Content-Digest"] = f"sha-256=:{text64(sha(body))}:"
        lines.append(f'"content-digest": {headers["Content-Digest"]}')
    names = " ".join(line.split(": ")[0] for line in lines)
    params = f'({names});created={created};nonce="{text64(nonce)}";keyid="{keyid}";alg="ed25519";tag="callboard"'
    base = "\n".join([*lines, f'"@signature-params": {params}'])
    headers["Signature-Input"] = f"callboard={params}"
    headers["Signature"] = f"callboard=:{text64(key.sign(base.encode()))}:"
    return headers
def ask(key, method, uri, body=b"", media="application/json"):
    headers = sign(key, method, uri, body, int(time.time()), os.urandom(16)) | ({"Content-Type": media} if body else {})
    return urllib.request.urlopen(urllib.request.Request(uri, body or None, headers, method=method)).read()

# §3: the token service sees a blinded point, and proves that it used the roster's key.
def derive(key, tokens_url, epoch, inputs):
    blinded = [ristretto.Client.blind(one) for one in inputs]
    points = b"".join(point.serialize() for _, point in blinded)
    answer = ask(key, "POST", f"{tokens_url}/v1/tokens?epoch={epoch['number']}", points, "application/octet-stream")
    public = ristretto.PublicKey.deserialize(b64(epoch["publicKey"]))
    try:
        answer = ristretto.VerifiableBatchOutput.deserialize(answer)
        outputs = ristretto.Client.finalize_batch([client for client, _ in blinded], answer, public)
    except BaseException as error:  # the library panics on a wrong proof
        raise SystemExit("the token service's proof is wrong: nobody is answered") from error
    return [(output[:32].hex(), output[32:]) for output in outputs]

# §7: details open to whoever has the seal key and the share.
def hkdf(ikm, salt, info): return HKDF(hashes.SHA256(), 32, salt, info).derive(ikm)
def decrypt(key, sealed, data, aad):
    committed = hkdf(key, b"", b"callboard/commit/v1\0" + LP(b64(sealed["nonce"])) + LP(aad))
    if committed.hex() != sealed["commit"]: raise ValueError("another key than was committed to")
    return AESGCM(key).decrypt(b64(sealed["nonce"]), data, aad)
def open_details(details, record, epoch, tag, seal_key, share):
    if sha(b"callboard/share/v1\0" + share).hex() != details["share"]: raise ValueError("another share")
    wrap = next(wrap for wrap in details["wraps"] if (wrap["epoch"], wrap["tag"]) == (epoch, tag))
    aad = LP(b"callboard/wrap/v1") + LP(record.encode()) + LP(str(epoch).encode()) + LP(tag.encode())
    wrap_key = hkdf(seal_key + share, record.encode(), b"callboard/wrap/v1\0" + tag.encode())
    content_key = decrypt(wrap_key, wrap, b64(wrap["key"]), aad)
    aad = LP(b"callboard/details/v1") + LP(record.encode())
    return json.loads(decrypt(content_key, details, b64(details["ciphertext"]), aad))

def statement_of(file): return json.loads(b64(json.loads(file)["statement"]))

def main_ask(pin, key):
    pin = json.load(open(pin))
    key = Ed25519PrivateKey.from_private_bytes(b64(json.load(open(key))["requestKey"]))
    url, tokens_url = pin["url"].rstrip("/"), pin["tokensUrl"].rstrip("/")
    roster = json.loads(statement_of(urllib.request.urlopen(f"{url}/v1/roster").read())["document"])
    epochs = [epoch for epoch in roster["epochs"] if epoch["state"] == "live"]
    for person in map(json.loads, sys.stdin):
        try:
            asked = prf_input(person["kind"], normalise(**person))
        except ValueError as error:
            print(json.dumps({"blocked": str(error)}))
            continue
        known = {epoch["number"]: derive(key, tokens_url, epoch, [asked])[0] for epoch in epochs}
        persons = [[{"epoch": epoch, "tag": tag} for epoch, (tag, _) in known.items()]]
        standing = json.loads(ask(key, "POST", f"{url}/v1/standings", json.dumps({"persons": persons}).encode()))["standings"][0]
        names = []
        for record in (reason["record"] for reason in standing["reasons"]):
            details = statement_of(ask(key, "GET", f"{url}/v1/records/{record}/proof"))["details"]
            share = b64(json.loads(ask(key, "POST", f"{url}/v1/records/{record}/share"))["share"])
            epoch = details["wraps"][0]["epoch"]
            names += open_details(details, record, epoch, *known[epoch], share)["names"]
        print(json.dumps({"state": standing["state"], "action": standing["action"], "tags": persons[0], "names": names}, ensure_ascii=False))

def main_vectors(directory):
    cases = {name: json.load(open(f"{directory}/{name}.json")) for name in ("identities", "requests", "sealed")}
    told = {"valid": [], "invalid": [], "signatures": [], "opened": []}
    for case in cases["identities"]["valid"]:
        value = normalise(case["kind"], case["raw"], case.get("confirmed", False))
        told["valid"].append([value, prf_input(case["kind"], value).hex()])
    for case in cases["identities"]["invalid"]:
        try: told["invalid"].append(normalise(case["kind"], case["raw"], case.get("confirmed", False)))
        except ValueError as error: told["invalid"].append(None)
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(cases["requests"]["seed"]))
    for case in cases["requests"]["valid"]:
        given = case["headers"]["Signature-Input"]
        created, nonce = re.search(r"created=(\d+)", given)[1], re.search('nonce="([^"]+)"', given)[1]
        told["signatures"].append(sign(key, case["method"], case["uri"], b64(case["body"]), created, b64(nonce))["Signature"])
    for case in cases["sealed"]["cases"]:
        known = case["epoch"], case["tag"], bytes.fromhex(case["sealKey"]), b64(case["share"])
        try: told["opened"].append(open_details(case["details"], case["record"], *known))
        except Exception: told["opened"].append(None)
    print(json.dumps(told, ensure_ascii=False))

if __name__ == "__main__":
    {"ask": main_ask, "vectors": main_vectors}[sys.argv[1]](*sys.argv[2:])
