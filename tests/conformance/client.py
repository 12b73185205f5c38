"""A member's client in Python: what `docs/clients.md` walks through. Sections are those of `docs/formats.md`.

client.py ask PIN KEY      questions on standard input, a line each: {"kind": …, "value": …}, or
                           {"identities": [{"kind": …, "value": …}, …], "dateOfBirth": …} of one person; the answers out
client.py vectors DIR      holds each function against the published vectors
client.py readings FILE    reads what people type, as its readings have it

PIN is the member's `genesis.json`; KEY the content of its key file, which `age --decrypt` gives.
"""
import base64, datetime, hashlib, json, os, re, sys, time, urllib.error, urllib.request
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from voprf import ristretto
from identities import Invalid, normalise, read, read_question, words

b64, sha = base64.b64decode, lambda data: hashlib.sha256(data).digest()
text64 = lambda data: base64.b64encode(data).decode()
LP = lambda text: len(text).to_bytes(4, "big") + text  # §1

# §2: an identity in its one spelling (`identities.py`), and what the PRF is asked.
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
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y%m%d")
    for question in map(json.loads, sys.stdin):
        try:
            born = question.get("dateOfBirth", "").replace("-", "") or None
            identities = read_question(question.get("identities", [question]), born, today=day)
        except Invalid as error:
            faults = [{**one, "fault": one["fault"]["code"], **words(one["fault"])} for one in error.faults]
            print(json.dumps({"blocked": str(error), "faults": faults}, ensure_ascii=False))
            continue
        asked = [prf_input(one["kind"], one["value"]) for one in identities]
        known = {(epoch["number"], tag): seal for epoch in epochs for tag, seal in derive(key, tokens_url, epoch, asked)}
        persons = [[{"epoch": epoch, "tag": tag} for epoch, tag in known]]
        standing = json.loads(ask(key, "POST", f"{url}/v1/standings", json.dumps({"persons": persons}).encode()))["standings"][0]
        names = []
        for record in (reason["record"] for reason in standing["reasons"]):
            details = statement_of(ask(key, "GET", f"{url}/v1/records/{record}/proof"))["details"]
            share = b64(json.loads(ask(key, "POST", f"{url}/v1/records/{record}/share"))["share"])
            own = next((wrap["epoch"], wrap["tag"]) for wrap in details["wraps"] if (wrap["epoch"], wrap["tag"]) in known)
            names += open_details(details, record, *own, known[own], share)["names"]
        print(json.dumps({"state": standing["state"], "action": standing["action"], "tags": persons[0], "names": names}, ensure_ascii=False))

def main_vectors(directory):
    cases = {name: json.load(open(f"{directory}/{name}.json")) for name in ("identities", "requests", "sealed")}
    told = {"valid": [], "invalid": [], "questions": [], "signatures": [], "opened": []}
    for case in cases["identities"]["valid"]:
        value = normalise(case["kind"], case["raw"], case.get("confirmed", False))
        told["valid"].append([value, prf_input(case["kind"], value).hex()])
    for case in cases["identities"]["invalid"]:
        try: told["invalid"].append(normalise(case["kind"], case["raw"], case.get("confirmed", False)))
        except ValueError as error: told["invalid"].append(None)
    for case in cases["identities"]["questions"]:
        try: told["questions"].append(bool(read_question(case["identities"], today="20261129")))
        except Invalid: told["questions"].append(False)
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

def main_readings(path):
    readings = json.load(open(path))
    today, told = readings["today"].replace("-", ""), {"cases": [], "subjects": []}
    for case in readings["cases"]:
        try: told["cases"].append(read(case["kind"], case["typed"], case.get("confirmed", False), today=today))
        except Invalid as error: told["cases"].append([{**fault, "words": words(fault)} for fault in error.faults])
    for case in readings["subjects"]:
        identities = [{**one, "value": one["typed"]} for one in case["identities"]]
        try: told["subjects"].append(read_question(identities, case.get("born", "").replace("-", "") or None, today=today) and [])
        except Invalid as error: told["subjects"].append([one["fault"]["code"] for one in error.faults])
    print(json.dumps(told, ensure_ascii=False))

if __name__ == "__main__":
    {"ask": main_ask, "vectors": main_vectors, "readings": main_readings}[sys.argv[1]](*sys.argv[2:])
