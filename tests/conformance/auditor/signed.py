"""What people and members sign besides, and what is sealed: docs/formats.md §7 and §11."""
import json
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from encoding import (Malformed, hex32, integer, listed, lp, member_id, members, need, one, read, sha, text, time, uuid,
                      word)
from keys import verifies
from statement import OWN, details, envelope, pae

EVENT, RECEIPT, ANCHOR, ACKNOWLEDGEMENT = (
    f"application/vnd.callboard.{name}+json" for name in ("event", "receipt", "anchor", "acknowledgement"))


def opened(shown, kind, keys):
    """Payload and whose it is, of an envelope with exactly one signature by one of `keys` (key id → raw key, whose)."""
    need(shown["payloadType"] == kind and len(shown["signatures"]) == 1, "an envelope of something else")
    signature = shown["signatures"][0]
    need(signature["keyid"] in keys, "nobody's key")
    key, whose = keys[signature["keyid"]]
    need(verifies(key, signature["sig"], pae(kind.encode(), shown["payload"])), "the signature does not verify")
    return shown["payload"], whose


# --- events

def procedure(chain, keys):
    """What a statement says of a whole chain of events: refused, if it has a hole, a branch or a stranger."""
    previous, case = None, None
    need(chain, "no event")
    for seq, shown in enumerate(chain):
        payload, _ = opened(envelope(shown), EVENT, keys)
        said = read(payload)
        need(isinstance(said, dict), "no object")
        known = {name: said[name] for name in said if name in ("v", "case", "seq", "previous", "at", "act")}
        said = members(known, {"v": one, "case": uuid, "seq": integer(), "at": time, "act": text}, {"previous": hex32})
        need(said["seq"] == seq and said["previous"] == previous, "a hole or a branch")
        need(case in (None, said["case"]), "another case")
        case, previous = said["case"], sha(payload).hex()
    return previous


def _end_of(source, at):
    """Where a JSON value of valid text ends."""
    return json.JSONDecoder().raw_decode(source, at)[1]


def _skip(source, at):
    while source[at] in " \t\r\n":
        at += 1
    return at


def draft_hash(data):
    """SHA-256 of a statement's bytes with its own 64 characters of `procedure` as zeros; refused without such."""
    said, source = read(data), data.decode()
    need(isinstance(said, dict) and "procedure" in OWN.get(said.get("kind"), ({},))[0], "no kind with a procedure")
    at = _skip(source, 0) + 1
    while True:
        at = _skip(source, at)
        end = _end_of(source, at)
        name, at = json.loads(source[at:end]), _skip(source, _skip(source, end) + 1)
        end = _end_of(source, at)
        if name == "procedure":
            hex32(json.loads(source[at:end]))
            need(end - at == 66, "escaped characters")
            zeros = source[:at + 1] + "0" * 64 + source[end - 1:]
            return sha(b"callboard/draft/v1\0", zeros.encode()).hex()
        at = _skip(source, end)
        need(source[at] == ",", "no procedure")
        at += 1


# --- receipts, anchors, acknowledgements

def receipt(shown, keys):
    payload, whose = opened(envelope(shown), RECEIPT, keys)
    exception = lambda each: members(each, {"record": uuid, "reason": text})
    said = members(read(payload), {"v": one, "member": member_id, "docket": hex32, "at": time,
                                   "outcome": word("in-effect", "partly", "declined")},
                   {"exceptions": listed(exception, 1)})
    excepted = said["exceptions"] or []
    need(said["member"] == whose, "another member's key")
    need((said["outcome"] == "in-effect") == (not excepted), "exceptions of what is in effect")
    need(len({each["record"] for each in excepted}) == len(excepted), "one record twice")
    need(all(1 <= len(each["reason"].encode()) <= 2000 for each in excepted), "no reason")
    return said


def anchor(shown, member_keys, log_keys):
    """A member's, or the log key's over open cases; `whose` is `None` for the log's."""
    shown = envelope(shown) if isinstance(shown["payload"], str) else shown
    payload, whose = opened(shown, ANCHOR, {**{name: (key, None) for name, key in log_keys.items()}, **member_keys})
    if whose is None:
        return {**members(read(payload), {"v": one, "cases": integer(1), "root": hex32, "at": time}), "member": None}
    said = members(read(payload), {"v": one, "member": member_id, "size": integer(), "root": hex32, "at": time})
    need(said["member"] == whose, "another member's key")
    return said


def acknowledgement(shown, log_keys):
    payload, _ = opened(envelope(shown), ACKNOWLEDGEMENT, {name: (key, None) for name, key in log_keys.items()})
    return members(read(payload), {"v": one, "case": uuid, "seq": integer(), "event": hex32, "size": integer(),
                                   "root": hex32, "at": time})


def contradict(first, second):
    """Whether two acknowledgements convict their log (§8)."""
    same = (first["case"], first["seq"]) == (second["case"], second["seq"])
    return same and first["event"] != second["event"]


# --- §7

def padded(length):
    step = 1024
    while step < length:
        step = -(-step * 5 // 4)
    return step


def _commit(key, nonce, aad):
    return _hkdf(key, b"", b"callboard/commit/v1\0" + lp(nonce) + lp(aad)).hex()


def _hkdf(key, salt, info):
    return HKDF(SHA256(), 32, salt, info).derive(key)


def content_aad(record):
    return lp(b"callboard/details/v1") + lp(record.encode())


def wrap_aad(record, epoch, tag):
    return lp(b"callboard/wrap/v1") + lp(record.encode()) + lp(str(epoch).encode()) + lp(tag.encode())


def wrap_key(seal_key, share, record, tag):
    return _hkdf(seal_key + share, record.encode(), b"callboard/wrap/v1\0" + tag.encode())


def share_hash(share):
    return sha(b"callboard/share/v1\0", share).hex()


def open_details(said, record, epoch, tag, seal_key, share):
    """The plaintext, without its padding."""
    said = details(said)
    need(share_hash(share) == said["share"], "another share")
    found = [wrap for wrap in said["wraps"] if (wrap["epoch"], wrap["tag"]) == (epoch, tag)]
    need(found, "no wrap for this tag")
    key, aad = wrap_key(seal_key, share, record, tag), wrap_aad(record, epoch, tag)
    need(_commit(key, found[0]["nonce"], aad) == found[0]["commit"], "another wrap key")
    try:
        content = AESGCM(key).decrypt(found[0]["nonce"], found[0]["key"], aad)
        need(_commit(content, said["nonce"], content_aad(record)) == said["commit"], "another content key")
        return AESGCM(content).decrypt(said["nonce"], said["ciphertext"], content_aad(record)).rstrip(b" ")
    except InvalidTag:
        raise Malformed("the ciphertext does not open") from None
