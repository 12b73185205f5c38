"""A log as it is followed, line by line: docs/formats.md §5 and §8 (disclosure).

`Fault` stops the view. A docket that doesn't count has no effect and is told with the word of §5.8. `BeginAgain` says
that an erasure told what an erased statement hid (§5.7): follow again from entry 0, with `told`.
"""
import json
import rules
from encoding import Malformed, hex32, integer, listed, members, need, one, raw, read, sha, time
from rules import Refused, ask
from standing import Records
from statement import (DOCUMENTS, Statement, commitment, docket, envelope, is_mixed, is_publication, signatures_hash)


class Fault(Exception):
    """What stops a view."""


class BeginAgain(Exception):
    """Dockets that don't count, though what is still shown of them does."""

    def __init__(self, told):
        super().__init__(told)
        self.told = told


def stop(unless, why):
    if not unless:
        raise Fault(why)


def entry(data):
    """A leaf: `loggedAt`, and what it is of. It has one spelling."""
    try:
        said = read(data)
        of = {"docket": hex32, "signatures": hex32} if "docket" in said else {"anchors": hex32}
        members(said, {"v": one, "loggedAt": time, **of})
    except (Malformed, TypeError):
        raise Fault("the leaf is no entry") from None
    ordered = {name: said[name] for name in ("v", "loggedAt", *of)}
    stop(json.dumps(ordered, separators=(",", ":")).encode() == data, "the leaf is spelled otherwise")
    return said


def line(data):
    """A line of the feed, of an entry or a checkpoint; items may be `null`."""
    value = read(data, nulls=True)
    item = lambda each: None if each is None else raw(each)
    if isinstance(value, dict) and "checkpoint" in value:
        return members(value, {"checkpoint": lambda each: each})
    optional = {"docket": envelope, "items": listed(item), "publication": raw}
    said = members(value, {"index": integer(), "entry": raw}, optional)
    anchors = said["docket"] is None
    need(anchors == (said["items"] is None) and not (anchors and said["publication"] is not None), "half a line")
    return said


class Log:
    """What is known after each line that was followed."""

    def __init__(self, genesis, told=()):
        self.genesis, self.told = genesis, set(told)
        self.entries, self.last, self.roster, self.records = [], None, None, Records()
        self.kinds, self.lacking, self.erased, self.used = {}, {}, set(), set()
        self.uncounted, self.uncounted_records, self.counted = set(), {}, set()
        self.disclosed, self.still_disclosed, self.link_is_gone = set(), [], False
        self.members_version, self.members_keys, self.every_member_key, self.log_keys = 0, {}, {}, {}
        self.lines, self.anchors, self.verdicts = [], {}, {}

    def follow(self, said):
        index = len(self.entries)
        stop(said["index"] == index, f"line {said['index']} where {index} is next")
        leaf = entry(said["entry"])
        logged = time(leaf["loggedAt"])
        stop(self.last is None or logged >= self.last, f"entry {index}: time runs backwards")
        if said["docket"] is None:
            stop("anchors" in leaf and index > 0, f"entry {index}: the leaf is none of anchors")
            self.anchors[index] = leaf["anchors"]
        else:
            stop("docket" in leaf, f"entry {index}: the leaf is one of anchors")
            self._docket(index, logged, leaf, said)
        self.entries.append(said["entry"])
        self.last = logged

    def _docket(self, index, logged, leaf, said):
        shown = said["docket"]
        stop(sha(shown["payload"]).hex() == leaf["docket"], f"entry {index}: another payload than the leaf says")
        stop(signatures_hash(shown) == leaf["signatures"], f"entry {index}: other signatures than the leaf says")
        try:
            breaks = self._judge(index, logged, shown, said)
        except Refused as refused:
            breaks = str(refused)
        if breaks:
            self.uncounted.add(index)
        else:
            self.counted.add(index)
        seats = {seat["id"]: seat["holder"] for seat in self.roster["seats"]} if self.roster else {}
        signers = ", ".join(seats.get(each["keyid"], each["keyid"]) for each in shown["signatures"])
        counts = f"doesn't count: {breaks}" if breaks else "counts"
        self.verdicts[index] = breaks
        self.lines.append(f"docket {index} {leaf['docket']} signed by {signers}: {counts}")

    def _judge(self, index, logged, shown, said):
        try:
            payload = docket(shown["payload"])
        except Malformed:
            return "docket-malformed"
        ask(not is_mixed(payload), "docket-mixed")
        self._borne_out(index, payload, said)
        breaks = None
        try:
            ask(index not in self.told, "told-uncounted")
            self._count(index, logged, payload, shown, said)
        except Refused as refused:
            breaks = str(refused)
        for item, data in zip(payload["items"], said["items"]):
            if data is None:
                self.lacking.setdefault(item["record"], index)
            elif breaks:
                self.disclosed.add(item["record"])
            if breaks:
                self.uncounted_records.setdefault(item["record"], item["kind"])
        return breaks

    def _borne_out(self, index, payload, said):
        items, shown, words = payload["items"], said["items"], said["publication"]
        stop(len(items) == len(shown), f"entry {index}: more or fewer items than the docket's")
        for item, data in zip(items, shown):
            if data is None:
                stop(item["kind"] not in DOCUMENTS, f"entry {index}: a public document is missing")
            else:
                stop(commitment(data) == item["commitment"], f"entry {index}: a statement doesn't open its commitment")
        if payload["publication"] is None:
            stop(words is None, f"entry {index}: a publication that the docket doesn't name")
        elif words is None:
            stop(all(data is None for data in shown), f"entry {index}: the publication is missing")
        else:
            stop(sha(words).hex() == payload["publication"], f"entry {index}: another publication")

    def _count(self, index, logged, payload, shown, said):
        words = said["publication"]
        ask(words is None or is_publication(words), "publication-malformed")
        made = [data and self._statement(item, data) for item, data in zip(payload["items"], said["items"])]
        following = made[0].document if made[0] and made[0].kind == "roster" else None
        rules.when(payload, logged)
        rules.who(self, index, logged, payload, shown["payload"], shown, following)
        ask(not {sha(shown["payload"]), payload["id"]} & self.used, "docket-repeated")
        names = [item["record"] for item in payload["items"]]
        ask(not any(name in self.kinds or name in self.erased for name in names), "record-repeated")
        self._take(index, logged, payload, shown, made, following)

    def _statement(self, item, data):
        try:
            record = Statement(data)
        except Malformed:
            raise Refused("statement-malformed") from None
        ask((record.id, record.kind) == (item["record"], item["kind"]), "item-mismatch")
        ask(not record.measure or record.measure["kind"] == item["of"], "item-mismatch")
        return record

    def _take(self, index, logged, payload, shown, made, following):
        """Takes the items in order; puts everything back if one breaks a rule."""
        before = (self.roster, self.members_version, self.members_keys)
        policies, done = dict(self.records.policies), []
        self.roster = self.roster or following
        erasures, erased, hidden = [], set(), set()
        try:
            for position, (item, record) in enumerate(zip(payload["items"], made)):
                if record:
                    self._check(record, item, payload, index, logged)
                    self.records.insert(record, (index, position), logged)
                self.kinds[item["record"]] = item["kind"]
                done.append(item["record"])
                if record and record.kind == "erasure":
                    erasures.append(record)
                    erased |= set(record.about)
                    self.erased |= set(record.about)
            hidden = rules.erasure(self, erasures, index, logged)
        except Refused:
            (self.roster, self.members_version, self.members_keys), self.records.policies = before, policies
            self.erased -= erased
            for name in done:
                self.records.remove(name)
                del self.kinds[name]
            raise
        if hidden:
            raise BeginAgain(self.told | hidden)
        self._settle(payload, shown, made, following, erasures)

    def _check(self, record, item, payload, index, logged):
        rules.about(self, record, item["of"])
        rules.tags(self, record)
        if record.policy:
            rules.policy(self, record, logged)
        if record.kind == "interim":
            rules.interim(self, record, payload["issuedAt"], logged)
        if record.kind in DOCUMENTS:
            rules.document(self, record, payload["issuedAt"], index, logged)
        if record.kind == "policy":
            self.records.policies[sha(record.text).hex()] = record.document
        if record.kind == "members":
            self.members_version, self.members_keys = record.document["version"], record.document["keys"]

    def _settle(self, payload, shown, made, following, erasures):
        self.roster = following or self.roster
        self.used |= {sha(shown["payload"]), payload["id"]}
        self.log_keys.update({sha(key.key).hex(): key.key for key in self.roster["log"]})
        self.every_member_key.update({sha(key).hex(): (key, name) for key, name in self.members_keys.items()})
        for item, record in zip(payload["items"], made):
            if record is None and item["kind"] == "link":
                self.link_is_gone = True
        for name in (name for record in erasures for name in record.about):
            gone = self.records.remove(name)
            self.link_is_gone |= gone is not None and gone.kind == "link"
            if gone or name in self.disclosed:
                self.still_disclosed.append(name)

    # --- what the rules ask

    def is_void(self, name):
        return name in self.erased or any(self.records.names(name, "annulment"))

    def closing(self, live):
        return {each["number"] for each in self.roster["epochs"] if each["state"] == "live"} - live

    def may_hide(self, index):
        """Whether a docket that counts here may not have, for want of a statement that is erased by now."""
        return index in self.counted and any(at <= index for at in self.lacking.values())

    def not_erased(self):
        return [name for name in self.lacking if name not in self.erased]
