"""Statements and the public documents inside some: docs/formats.md §4, §6, §7 (shapes), §5 (items, publications)."""
from encoding import (
    Malformed, base64_of, epoch, hex32, integer, listed, lp, matching, member_id, members, need, one, raw, read, sha,
    text, time, true, uuid, word)
from keys import log_key, public_key, recipient, ristretto_point, witness_key

MEASURES = ["notice", "warning", "restriction", "suspension", "bar"]
KINDS = ["ruling", "interim", "annulment", "end", "stay", "reinstatement", "dispute", "rejoinder", "link", "erasure",
         "roster", "members", "policy"]
DOCUMENTS = {"roster", "members", "policy"}
OF = {  # what an item is of, besides its kind
    "ruling": set(MEASURES), "interim": {"restriction", "suspension"},
    "annulment": {"ruling", "interim", "reinstatement", "link"}, "end": {"stay", "reinstatement", "dispute", "link"},
    "stay": {"ruling", "interim"}, "reinstatement": {"ruling", "interim"}}
ABOUT = {**OF, "ruling": {"interim"}, "dispute": {"ruling", "interim"},
         "rejoinder": {"ruling", "interim", "annulment", "end", "stay", "reinstatement", "dispute"},
         "erasure": set(KINDS) - DOCUMENTS - {"erasure"}}
WITHOUT_CASE = "0" * 64
ROLES = ["panel", "chair", "secretariat", "auditor"]
MAX_STATEMENT, MAX_DOCUMENT = 65_536, 4_194_304
SCOPE = "live|recorded|promotion|endorsement|award|topic:(?s:.)+"


# --- §4, §7: members of statements

def scope(value):
    return matching(SCOPE)(value)


def _tag(value):
    said = members(value, {"epoch": epoch, "tag": hex32}, {"soft": true})
    return (said["epoch"], said["tag"]), said["soft"] is True


def _subject(value):
    said = members(value, {"type": word("person", "enterprise", "persona"), "tags": listed(_tag, 1, 16)})
    tags = said["tags"]
    need(len({tag for tag, _ in tags}) == len(tags), "one tag twice")
    need(said["type"] == "persona" or not all(soft for _, soft in tags), "soft tags alone")
    return tags


def _measure(value):
    return members(value, {"kind": word(*MEASURES), "scopes": listed(scope, distinct=True)}, {"until": time})


def _policy(value):
    return members(value, {"instrument": text, "version": text, "sha256": hex32})


def _wrap(value):
    return members(value, {"epoch": epoch, "tag": hex32, "nonce": base64_of(12), "key": base64_of(48), "commit": hex32})


def details(value):
    return members(value, {"nonce": base64_of(12), "ciphertext": raw, "commit": hex32, "share": hex32,
                           "wraps": listed(_wrap)})


def _probation(value):
    return members(value, {"until": time})


ABOUT_LIST = listed(uuid, 1, 64, distinct=True)
BY_POLICY = {"policy": _policy, "procedure": hex32}
FROM = {"effectiveAt": time, **BY_POLICY}
OWN = {  # required members, optional ones
    "ruling": ({**FROM, "subject": _subject, "measure": _measure, "details": details}, {"about": ABOUT_LIST}),
    "interim": ({**FROM, "subject": _subject, "measure": _measure, "details": details}, {}),
    "annulment": ({**BY_POLICY, "about": ABOUT_LIST}, {"details": details}),
    "end": ({**FROM, "about": ABOUT_LIST}, {"details": details}),
    "stay": ({**FROM, "about": ABOUT_LIST}, {"until": time}),
    "reinstatement": ({**FROM, "about": ABOUT_LIST}, {"probation": _probation, "details": details}),
    "dispute": ({"about": ABOUT_LIST}, {}),
    "rejoinder": ({"about": ABOUT_LIST, "details": details}, {}),
    "link": ({**FROM, "subject": _subject}, {}),
    "erasure": ({"about": ABOUT_LIST, "uncounted": listed(integer())}, {}),
    **{kind: ({"document": text}, {}) for kind in DOCUMENTS}}


class Statement:
    """What one statement says. `tags` and `hard` are those of its own subject, in order."""

    def __init__(self, data):
        value = read(data)
        need(isinstance(value, dict) and isinstance(value.get("kind"), str) and value["kind"] in OWN, "an unknown kind")
        self.kind = value["kind"]
        required, optional = OWN[self.kind]
        always = {"v": one, "id": uuid, "kind": text, "salt": base64_of(32)}
        said = members(value, {**always, **required}, optional)
        need(len(data) <= (MAX_DOCUMENT if self.kind in DOCUMENTS else MAX_STATEMENT), "too long")
        self.id, self.about, self.effective = said["id"], said.get("about") or [], said.get("effectiveAt")
        self.measure, self.policy, self.procedure = said.get("measure"), said.get("policy"), said.get("procedure")
        self.until, self.details = said.get("until"), said.get("details")
        self.probation = (said.get("probation") or {}).get("until")
        self.uncounted, self.has_subject = said.get("uncounted"), "subject" in said
        self.tags = [tag for tag, _ in said.get("subject") or []]
        self.hard = [tag for tag, soft in said.get("subject") or [] if not soft]
        self._bounds()
        if self.kind in DOCUMENTS:
            self.text = said["document"].encode()
            self.document = {"roster": roster, "members": members_list, "policy": policy}[self.kind](read(self.text))

    def _bounds(self):
        if self.kind == "link":
            need(2 <= len(self.tags) and self.hard == self.tags, "no link")
        if self.measure:
            until = self.measure["until"]
            need(until is None or until > self.effective, "it ends before it takes effect")
            need(self.kind != "interim" or (until and self.measure["kind"] in OF["interim"]), "no interim")
        if self.has_subject and self.details:
            need(self.wraps() == (self.hard or self.tags), "wraps of other tags")
        need(self.uncounted is None or self.uncounted == sorted(set(self.uncounted)), "no ascending list")

    def wraps(self):
        return [(wrap["epoch"], wrap["tag"]) for wrap in self.details["wraps"]]


def commitment(data):
    return sha(b"callboard/statement/v1\0", data).hex()


# --- §6: documents

def _seat(value):
    said = members(value, {"publicKey": public_key, "recipient": recipient, "holder": text, "role": word(*ROLES)},
                   {"member": member_id})
    return {**said, "id": sha(said["publicKey"]).hex()}


def _rule(value):
    asked = listed(lambda each: members(each, {"role": word(*ROLES), "count": integer(1)}), 1)(value)
    return {role: max((each["count"] for each in asked if each["role"] == role), default=0) for role in ROLES}


def rule_for(roster_, kind, of):
    return roster_["thresholds"].get(f"{kind}/{of}", roster_["thresholds"].get(kind))


def _rules(value):
    need(isinstance(value, dict), "no object")
    for name in value:
        kind, slash, of = name.partition("/")
        need(kind in KINDS and (not slash or of in OF.get(kind, ())), "a rule for nothing")
    need(value.keys() >= set(KINDS), "a kind without rule")
    return {name: _rule(rule) for name, rule in value.items()}


def _epoch(value):
    return members(value, {"number": epoch, "publicKey": ristretto_point, "state": word("live", "closed")})


def _distinct(values, why):
    values = list(values)
    need(len(set(values)) == len(values), why)


def roster(value):
    witnesses = lambda each: members(each, {"quorum": integer(), "keys": listed(witness_key)})
    said = members(value, {
        "v": one, "version": integer(), "issuer": text, "expires": time, "seats": listed(_seat), "thresholds": _rules,
        "log": listed(log_key, 1), "witnesses": witnesses, "epochs": listed(_epoch)})
    seats, rules, watched = said["seats"], said["thresholds"], said["witnesses"]
    need(all(key.name == said["issuer"] for key in said["log"]), "a log key of another name")
    said["keys"] = [seat["publicKey"] for seat in seats] + [key.key for key in said["log"] + watched["keys"]]
    _distinct(said["keys"] + [each["publicKey"] for each in said["epochs"]], "a key twice")
    _distinct((seat["recipient"] for seat in seats), "a recipient twice")
    _distinct((seat["holder"] for seat in seats), "a holder twice")
    _distinct((each["number"] for each in said["epochs"]), "an epoch twice")
    held = {role: sum(seat["role"] == role for seat in seats) for role in ROLES}
    need(all(rule[role] <= held[role] for rule in rules.values() for role in ROLES), "a rule out of reach")
    need(all(not count or count < held[role] for role, count in rules["roster"].items()), "the loss of a seat stops it")
    imposing = [rule for name, rule in rules.items() if name.split("/")[0] in ("ruling", "interim")]
    graver = [("roster", ""), ("policy", ""), ("link", ""), ("end", "reinstatement"), ("annulment", "reinstatement")]
    for grave in [rule_for(said, kind, of) for kind, of in graver]:
        need(all(grave[role] >= rule[role] for rule in imposing for role in ROLES), "a rule that is too weak")
    quorum, witnesses = watched["quorum"], len(watched["keys"])
    need(quorum == 0 or (2 * quorum > witnesses and quorum <= witnesses), "no quorum")
    return said


contact = matching("[^\x00-\x1f\x7f-\x9f]{1,200}")


def members_list(value):
    grant = lambda each: members(each, {"count": integer(), "until": time})
    quota = lambda each: members(each, {"perDay": integer()}, {"grants": listed(grant)})
    named = {"member": member_id, "name": text, "keys": listed(public_key), "quota": quota}
    member = lambda each: members(each, named, {"contact": contact})
    said = members(value, {"v": one, "version": integer(), "members": listed(member)})
    _distinct((each["member"] for each in said["members"]), "a member twice")
    said["keys"] = {key: each["member"] for each in said["members"] for key in each["keys"]}
    _distinct((key for each in said["members"] for key in each["keys"]), "a key twice")
    return said


def _by_measure(reader):
    def read_map(value):
        said = members(value, {}, dict.fromkeys(MEASURES, reader))
        return {name: each for name, each in said.items() if each is not None}
    return read_map


def policy(value):
    two = lambda each: members(each, {"zh": text, "en": text})
    rule = lambda each: members(each, {
        "until": word("required", "optional", "forbidden"), "scopes": listed(matching(SCOPE + "|topic")),
        "onTermEnd": word("expires", "requires-reinstatement")})
    violation = lambda each: members(each, dict.fromkeys(("code", "zh", "en", "source", "mark"), text))
    free = lambda each: need(isinstance(each, dict), "no object") or each
    return members(value, {
        "v": one, "instrument": text, "version": text, "title": two, "effectiveFrom": time, "zone": text,
        "words": _by_measure(two), "measures": _by_measure(rule),
        "interim": lambda each: members(each, {"maxDays": integer(1, 2**32)}),
        "violations": listed(violation), "decide": free,
    }, {"import": lambda each: members(each, {"until": time}),
        "actions": _by_measure(word("allow", "notify", "review", "refuse"))})


# --- §5: dockets, envelopes, publications

def _item(value):
    said = members(value, {"record": uuid, "kind": word(*KINDS), "commitment": hex32}, {"of": text})
    need(said["of"] in OF.get(said["kind"], {None}), "an item of something else")
    return said


def docket(payload):
    said = members(read(payload), {"v": one, "id": uuid, "issuer": text, "issuedAt": time, "roster": integer(),
                                   "items": listed(_item, 1, 1000)}, {"publication": hex32})
    _distinct((item["record"] for item in said["items"]), "a record twice")
    return said


def is_mixed(said):
    kinds = [item["kind"] for item in said["items"]]
    documents = sum(kind in DOCUMENTS for kind in kinds)
    return documents not in (0, len(kinds)) or ("roster" in kinds and len(kinds) > 1)


def envelope(value):
    signature = lambda each: members(each, {"keyid": hex32, "sig": base64_of(64)})
    return members(value, {"payload": raw, "payloadType": text, "signatures": listed(signature)})


def pae(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def signatures_hash(said):
    """What a leaf says of an envelope besides its payload."""
    each = [bytes.fromhex(signature["keyid"]) + signature["sig"] for signature in said["signatures"]]
    return sha(lp(said["payloadType"].encode()), *each).hex()


def is_publication(data):
    try:
        members(read(data), {"v": one, "zh": text, "en": text})
        return True
    except Malformed:
        return False
