#!/usr/bin/env python3
"""An auditor of exports in another language; every rule it applies stands in docs/formats.md.

    auditor.py GENESIS EXPORT...

For each export (`checkpoint`, `tile/…`, `feed.ndjson`, `anchors.ndjson`) it derives tree, dockets, rosters, policies and the standing of every
tag again, and prints what `callboard audit EXPORT` prints, line for line. Exit code 1: something differs.

It holds each docket against *who*, *when* and *what* of §5, and leaves out what only a log that its registry should have refused
would show: *about*, *tags*, *policy*, interims, epochs and whether an erasure was right (§5.4 to §5.7, §9), the shapes of §4 and
§6, the witnesses (§8) and who signed anchors (§11). Those are `callboard audit`'s to find. Sections are those of docs/formats.md.
"""
import base64, calendar, hashlib, json, os, re, struct, sys
from collections import Counter
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DAY = 86_400_000
KINDS = "ruling interim annulment end stay reinstatement dispute rejoinder link erasure roster members policy".split()
DOCUMENTS = {"roster", "members", "policy"}
MEASURES = "notice warning restriction suspension bar".split()
ACTIONS = ["allow", "notify", "review", "refuse"]
STATES = "clear noticed warned stayed probation restricted suspended barred".split()
STATE_OF = dict(zip(MEASURES, ["noticed", "warned", "restricted", "suspended", "barred"]))
OF = {  # what an item is of, besides its kind (§4, §5)
    "ruling": set(MEASURES), "interim": {"restriction", "suspension"},
    "annulment": {"ruling", "interim", "reinstatement", "link"}, "end": {"stay", "reinstatement", "dispute", "link"},
    "stay": {"ruling", "interim"}, "reinstatement": {"ruling", "interim"}}
P = 2**255 - 19
SMALL_ORDER_Y = {0, 1, P - 1} | {int.from_bytes(bytes.fromhex(y), "little") for y in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}

class Refused(Exception):
    """A rule of §5 that a docket breaks, by its code."""

class Fault(Exception):
    """A line that the log doesn't bear out: the view stops."""

def need(holds, code="statement-malformed"):
    if not holds:
        raise Refused(code)

# --- §1 encodings

def read(data, code="statement-malformed"):
    def pairs(found):
        need(len({key for key, _ in found}) == len(found), code)
        return dict(found)

    def number(_):
        raise Refused(code)
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_float=number, parse_constant=number)
    except (ValueError, RecursionError):
        raise Refused(code) from None

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text)
    return data

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def time(text):
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", text, re.A)
    need(found)
    *civil, milli = map(int, found.groups())
    return calendar.timegm(tuple(civil)) * 1000 + milli

def is_weak(key):
    number = int.from_bytes(key, "little")
    y = number & (2**255 - 1)
    return y >= P or y in SMALL_ORDER_Y

def verifies(key, signature, message):
    if is_weak(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False

# --- §8 tree, RFC 6962

def leaf_hash(leaf):
    return sha(b"\0", leaf)

def root(hashes):
    while len(hashes) > 1:
        pairs = [sha(b"\1", *hashes[at:at + 2]) for at in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[len(hashes) & ~1:]
    return hashes[0] if hashes else sha()

def tile_path(level, index, width):
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")

def differing_tiles(directory, entries):
    content, level = [leaf_hash(entry) for entry in entries], 0
    rows = [("entries", [struct.pack(">H", len(entry)) + entry for entry in entries])]
    while content:
        rows.append((level, content))
        content = [root(content[at:at + 256]) for at in range(0, len(content) & ~255, 256)]
        level += 1
    for level, content in rows[1:] + rows[:1]:
        for at in range(0, len(content), 256):
            path = tile_path(level, at // 256, len(content[at:at + 256]))
            file = os.path.join(directory, path)
            if not os.path.isfile(file) or open(file, "rb").read() != b"".join(content[at:at + 256]):
                yield path

# --- §4 statements, §5 dockets

def statement(data):
    value = read(data)
    measure, said = value.get("measure"), value.get("subject", {"tags": []})["tags"]
    effective = time(value["effectiveAt"]) if "effectiveAt" in value else None
    end = value.get("until") or value.get("probation", {}).get("until")
    made = {"id": value["id"], "kind": value["kind"], "about": value.get("about", []), "effective": effective,
            "policy": value.get("policy"), 
            "tags": [(tag["epoch"], tag["tag"]) for tag in said], "measure": None, "until": end and time(end),
            "hard": [(tag["epoch"], tag["tag"]) for tag in said if "soft" not in tag]}
    if measure:
        made["measure"] = {**measure, "until": time(measure["until"]) if "until" in measure else None}
        need(made["measure"]["until"] is None or made["measure"]["until"] > effective)
    if value["kind"] in DOCUMENTS:
        made["text"] = value["document"].encode()
        made["document"] = read(made["text"])
    return made

def docket(payload):
    value = read(payload, "docket-malformed")
    for item in value["items"]:
        need(item["kind"] in KINDS and item.get("of") in OF.get(item["kind"], {None}), "docket-malformed")
    kinds = [item["kind"] for item in value["items"]]
    documents = sum(kind in DOCUMENTS for kind in kinds)
    need(documents in (0, len(kinds)) and ("roster" not in kinds or len(kinds) == 1), "docket-mixed")
    return value

def prepared(roster):
    for seat in roster["seats"]:
        seat["raw"] = unbase64(seat["publicKey"])
        seat["keyid"] = sha(seat["raw"]).hex()
    return roster

class Log:
    """What is known after each line that was followed."""

    def __init__(self, genesis):
        self.genesis = genesis
        self.entries, self.last, self.roster = [], None, None
        self.policies, self.records, self.about, self.holding = {}, {}, {}, {}
        self.dockets, self.ids, self.erased, self.lacking = set(), set(), set(), {}
        self.seen_and_erased, self.lines, self.anchors = [], [], {}

    def follow(self, line):
        index = len(self.entries)
        entry = unbase64(line["entry"])
        leaf = read(entry)
        logged = time(leaf["loggedAt"])
        if line["index"] != index or (self.last is not None and logged < self.last):
            raise Fault(f"entry {index}: index or time")
        if "docket" in line:
            envelope = line["docket"]
            payload = unbase64(envelope["payload"])
            signatures = [unbase64(signature["sig"]) for signature in envelope["signatures"]]
            said = {"v": 1, "loggedAt": leaf["loggedAt"], "docket": sha(payload).hex(), "signatures": sha(*signatures).hex()}
            if json.dumps(said, separators=(",", ":")).encode() != entry:
                raise Fault(f"entry {index}: the leaf is of another docket")
            breaks = self.judge(index, logged, payload, envelope, signatures, line)
            seats = {seat["keyid"]: seat["holder"] for seat in self.roster["seats"]} if self.roster else {}
            signers = ", ".join(seats.get(signature["keyid"], signature["keyid"]) for signature in envelope["signatures"])
            counts = f"doesn't count: {breaks}" if breaks else "counts"
            self.lines.append(f"docket {index} {said['docket']} signed by {signers}: {counts}")
        else:
            said = {"v": 1, "loggedAt": leaf["loggedAt"], "anchors": leaf.get("anchors")}
            if index == 0 or json.dumps(said, separators=(",", ":")).encode() != entry:
                raise Fault(f"entry {index}: the leaf is none of anchors")
            self.anchors[index] = leaf["anchors"]
        self.entries.append(entry)
        self.last = logged

    def judge(self, index, logged, payload, envelope, signatures, line):
        try:
            said = docket(payload)
        except Refused as refused:
            return str(refused)
        shown = [item and unbase64(item) for item in line["items"]]
        self.borne_out(index, said, shown, line)
        try:
            self.count(index, logged, said, shown, payload, envelope, signatures)
            breaks = None
        except Refused as refused:
            breaks = str(refused)
        for item, data in zip(said["items"], shown):
            if data is None:
                self.lacking[item["record"]] = item["kind"]
        return breaks

    def borne_out(self, index, said, shown, line):
        def opens(data, item):
            return sha(b"callboard/statement/v1\0", data).hex() == item["commitment"]
        fits = len(shown) == len(said["items"])
        for data, item in zip(shown, said["items"]):
            fits = fits and (item["kind"] not in DOCUMENTS if data is None else opens(data, item))
        text = line.get("publication")
        if "publication" in said:
            gone = text is None and not any(data is not None for data in shown)
            fits = fits and (gone or (text is not None and sha(unbase64(text)).hex() == said["publication"]))
        if not fits or ("publication" not in said and text is not None):
            raise Fault(f"entry {index}: the line is not borne out")

    def count(self, index, logged, said, shown, payload, envelope, signatures):
        made = []
        for item, data in zip(said["items"], shown):
            made.append(data and statement(data))
            if data:
                measured = made[-1]["measure"]["kind"] if made[-1]["measure"] else item.get("of")
                need((made[-1]["id"], made[-1]["kind"]) == (item["record"], item["kind"]), "item-mismatch")
                need(not made[-1]["measure"] or measured == item.get("of"), "item-mismatch")
        need(time(said["issuedAt"]) + 14 * DAY >= logged, "docket-too-old")
        need(time(said["issuedAt"]) <= logged + 300_000, "docket-from-the-future")
        follows = made[0]["document"] if made[0] and made[0]["kind"] == "roster" else None
        self.who(index, logged, said, payload, envelope, signatures, follows)
        need(sha(payload) not in self.dockets and said["id"] not in self.dockets, "docket-repeated")
        records = [item["record"] for item in said["items"]]
        need(not any(record in self.ids or record in self.erased for record in records), "record-repeated")
        need(not follows or time(follows["expires"]) > time(said["issuedAt"]), "roster-born-expired")
        self.roster = prepared(follows) if follows else self.roster
        self.dockets.update({sha(payload), said["id"]})
        self.ids.update(records)
        for position, record in enumerate(made):
            if record:
                self.insert({**record, "place": (index, position), "starts": max(record["effective"] or logged, logged)})
            if record and record["kind"] == "policy":
                self.policies[sha(record["text"]).hex()] = record["document"]
            if record and record["kind"] == "erasure":
                self.erased.update(record["about"])
                self.seen_and_erased += [name for name in record["about"] if self.remove(name)]

    def who(self, index, logged, said, payload, envelope, signatures, follows):
        follows = prepared(follows) if follows else None
        current = self.roster or follows
        need(current is not None and (self.roster or index == 0), "genesis")
        if not self.roster:
            need(follows["version"] == 1 and sha(payload).hex() == self.genesis, "genesis")
        need(said["issuer"] == current["issuer"], "issuer")
        need(said["roster"] == current["version"], "docket-roster")
        need((self.roster and follows) or time(current["expires"]) > logged, "roster-expired")
        if self.roster and follows:
            need(follows["version"] == current["version"] + 1, "roster-version")
            need(follows["issuer"] == current["issuer"], "roster-issuer")
        rosters = [current] + ([follows] if self.roster and follows else [])
        seats = {seat["keyid"]: seat for roster in reversed(rosters) for seat in roster["seats"]}
        kind = b"application/vnd.callboard.docket+json"
        need(envelope["payloadType"].encode() == kind, "payload-type")
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        keys = [signature["keyid"] for signature in envelope["signatures"]]
        for at, (key, signature) in enumerate(zip(keys, signatures)):
            need(key not in keys[:at], "signature-key-repeated")
            need(key in seats, "signature-key-unknown")
            need(verifies(seats[key]["raw"], signature, message), "signature-invalid")
        for roster in rosters:
            asked = Counter()
            for item in said["items"]:
                rules = roster["thresholds"]
                for rule in rules.get(f"{item['kind']}/{item.get('of')}", rules[item["kind"]]):
                    asked[rule["role"]] = max(asked[rule["role"]], rule["count"])
            signed = Counter(seat["role"] for seat in roster["seats"] if seat["keyid"] in keys)
            need(all(signed[role] >= count for role, count in asked.items()), "threshold")

    # --- records, and who names whom

    def insert(self, record):
        self.records[record["id"]] = record
        for tag in record["tags"]:
            self.holding.setdefault(tag, set()).add(record["id"])
        for about in record["about"]:
            self.about.setdefault(about, set()).add(record["id"])

    def remove(self, name):
        record = self.records.pop(name, None)
        for tag in record["tags"] if record else ():
            self.holding[tag].discard(name)
        for about in record["about"] if record else ():
            self.about[about].discard(name)
        return record

    def naming(self, name, *kinds):
        return [self.records[other] for other in self.about.get(name, ()) if self.records[other]["kind"] in kinds]

    # --- §10 standing

    def is_void(self, record, size):
        return any(other["place"][0] < size for other in self.naming(record["id"], "annulment", "erasure"))

    def has_effect(self, record, size, at):
        return record["place"][0] < size and record["starts"] <= at and not self.is_void(record, size)

    def holds(self, record, size, at):
        ends = self.naming(record["id"], "end")
        return self.has_effect(record, size, at) and not any(self.has_effect(end, size, at) for end in ends)

    def joined(self, tags, size, at):
        joined, new = set(tags), list(tags)
        while new:
            for other in map(self.records.get, self.holding.get(new.pop(), ())):
                if other["kind"] == "link" and self.holds(other, size, at):
                    new += set(other["tags"]) - joined
                    joined |= set(other["tags"])
        return joined

    def phase(self, record, size, at):
        interim, until = record["kind"] == "interim", record["measure"]["until"]
        rulings = self.naming(record["id"], "ruling")
        if interim and any(other["place"][0] < size and other["starts"] <= at for other in rulings):
            return "superseded"
        over = until is not None and until <= at
        rule = self.policies[record["policy"]["sha256"]]["measures"][record["measure"]["kind"]]
        if over and (interim or rule["onTermEnd"] == "expires"):
            return "ended"
        lifts = [other for other in self.naming(record["id"], "reinstatement") if self.holds(other, size, at)]
        if lifts:
            last = max(lifts, key=lambda other: other["place"])
            return "probation" if last["until"] and last["until"] > at else "lifted"
        stays = [other for other in self.naming(record["id"], "stay") if self.holds(other, size, at)]
        if any(stay["until"] is None or stay["until"] > at for stay in stays):
            return "stayed"
        return "awaiting-reinstatement" if over else "in-force"

    def standing(self, tag, size, at):
        tags, state, action, reasons = self.joined([tag], size, at), "clear", "allow", []
        found = {name: self.records[name] for one in tags for name in self.holding.get(one, ())}
        for record in sorted(found.values(), key=lambda record: record["place"]):
            if not record["measure"] or not self.has_effect(record, size, at):
                continue
            phase, kind = self.phase(record, size, at), record["measure"]["kind"]
            if phase in ("superseded", "ended", "lifted"):
                continue
            default = ["notify", "notify", "review", "refuse", "refuse"][MEASURES.index(kind)]
            asks = self.policies[record["policy"]["sha256"]].get("actions", {}).get(kind, default)
            eased = phase in ("probation", "stayed")
            asks = {"refuse": "review", "review": "notify"}.get(asks, asks) if eased else asks
            gives, soft = (phase if eased else STATE_OF[kind]), not set(record["hard"]) & tags
            asks = min(asks, "review", key=ACTIONS.index) if soft else asks
            gives = min(gives, "noticed", key=STATES.index) if soft else gives
            state, action = max(state, gives, key=STATES.index), max(action, asks, key=ACTIONS.index)
            reasons.append(f" {record['id']}:{kind}:{phase}")
        return f"standing {tag[0]}/{tag[1]} {state} {action}" + "".join(reasons)

def audit(directory, genesis):
    lines = [read(line) for line in open(os.path.join(directory, "feed.ndjson"), "rb").read().splitlines() if line]
    log, differs = Log(genesis), []
    try:
        for line in lines:
            if "checkpoint" not in line:
                log.follow(line)
    except Fault as fault:
        differs.append(str(fault))
    size, at = len(log.entries), json.loads(log.entries[-1])["loggedAt"]
    differs += [f"{name} is missing, and no erasure names it" for name in log.lacking if name not in log.erased]
    differs += [f"{name} is erased, and still disclosed" for name in log.seen_and_erased]
    shown, file = {}, os.path.join(directory, "anchors.ndjson")
    for line in map(read, open(file, "rb").read().splitlines() if os.path.isfile(file) else []):
        shown.setdefault(line["index"], []).append(sha(unbase64(line["anchor"]["payload"])))
    held = {index: root([leaf_hash(anchor) for anchor in sorted(anchors)]).hex() for index, anchors in shown.items()}
    differs += [f"the anchors of entry {index}" for index, _ in sorted(log.anchors.items() ^ held.items())]
    note = open(os.path.join(directory, "checkpoint"), encoding="utf-8", newline="").read()
    text, signatures = note.rsplit("\n\n", 1)
    hashed = root([leaf_hash(entry) for entry in log.entries])
    if text.split("\n") != [log.roster["issuer"], str(size), base64.b64encode(hashed).decode()]:
        differs.append("the checkpoint is of another tree")
    signed = False
    for line in signatures.splitlines():
        name, data = line.split(" ")[1], unbase64(line.split(" ")[2])
        for vkey in log.roster["log"]:
            if vkey.split("+")[:2] == [name, data[:4].hex()]:
                signed = verifies(unbase64(vkey.split("+", 2)[2])[1:], data[4:], (text + "\n").encode())
    differs += [] if signed else ["the log did not sign the checkpoint"]
    differs += differing_tiles(directory, log.entries)
    print(f"size {size}", f"root {hashed.hex()}", f"genesis {genesis}", *log.lines, f"standings at {at}", sep="\n")
    for tag in sorted(tag for tag, names in log.holding.items() if names):
        print(log.standing(tag, size, time(at)))
    for differing in differs:
        print(f"DIFFERS {differing}")
    return not differs

if __name__ == "__main__":
    clean = True
    for directory in sys.argv[2:]:
        if len(sys.argv) > 3:
            print(f"# {directory}")
        clean &= audit(directory, sys.argv[1])
    sys.exit(not clean)
