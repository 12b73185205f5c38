"""Proof files: docs/formats.md §8. One record, checked against the genesis hash alone."""
import re
import rules, tree
from encoding import Malformed, base64_of, integer, listed, members, need, one, raw, read, sha, text, time
from log import Fault, entry
from notes import Checkpoint, has_foreign_lines, witnessed_since
from rules import Refused
from standing import Records
from statement import Statement, commitment, docket, envelope, is_mixed, signatures_hash

PART = {"index": integer(), "position": integer(), "entry": raw, "statement": raw, "docket": envelope, "proof": text}


class View:
    """What a file shows of the log before a record: the roster in force, and the record's policy."""

    def __init__(self, genesis):
        self.genesis, self.roster, self.records = genesis, None, Records()
        self.members_keys, self.link_is_gone, self.erased = {}, True, set()

    def is_void(self, name):
        return False


class Part:
    """A record, or one of the roots, with its leaf, docket and item."""

    def __init__(self, said):
        self.index, self.position, self.entry = said["index"], said["position"], said["entry"]
        leaf = entry(said["entry"])
        self.envelope, self.logged = said["docket"], time(leaf["loggedAt"])
        payload = self.envelope["payload"]
        need(leaf.get("docket") == sha(payload).hex(), "the entry of another docket")
        need(leaf["signatures"] == signatures_hash(self.envelope), "the entry of other signatures")
        self.payload = docket(payload)
        need(not is_mixed(self.payload) and self.position < len(self.payload["items"]), "no such position")
        self.item = self.payload["items"][self.position]
        need(commitment(said["statement"]) == self.item["commitment"], "the statement of another item")
        self.record = Statement(said["statement"])
        said_by_item = (self.item["record"], self.item["kind"])
        need((self.record.id, self.record.kind) == said_by_item, "an item of another statement")
        need(not self.record.measure or self.record.measure["kind"] == self.item["of"], "an item of another measure")
        lines = said["proof"].split("\n\n", 1)
        self.checkpoint = lines[1] if len(lines) == 2 else None
        first = (lines[0] if self.checkpoint is not None else lines[0].removesuffix("\n")).split("\n")
        need(first[0] == "c2sp.org/tlog-proof@v1" and first[1] == f"index {self.index}", "the proof of another index")
        self.hashes = [base64_of(32)(line) for line in first[2:]]

    def holds(self, view):
        """§5 as far as one statement shows it, under the roster in force."""
        following = self.record.document if self.record.kind == "roster" else None
        rules.when(self.payload, self.logged)
        rules.who(view, self.index, self.logged, self.payload, self.envelope["payload"], self.envelope, following)
        if following:
            rules.ask(following["expires"] > self.payload["issuedAt"], "roster-born-expired")
            view.roster = following
        if self.record.has_subject:
            rules.tags(view, self.record)
        if self.record.policy:
            rules.policy(view, self.record, self.logged)
        if self.record.kind == "interim":
            rules.interim(view, self.record, self.payload["issuedAt"], self.logged)


def _check(data, genesis):
    said = members(read(data) if isinstance(data, bytes) else data, {"v": one, **PART, "roots": listed(
        lambda each: Part(members(each, PART)))})
    record, roots = Part({name: said[name] for name in PART}), said["roots"]
    need(record.checkpoint is not None and all(root.checkpoint is None for root in roots), "one checkpoint")
    rosters = [root for root in roots if root.record.kind == "roster"]
    rest = [root for root in roots if root.record.kind != "roster"]
    need(rosters and roots[:len(rosters)] == rosters, "the rosters come first")
    need(sha(rosters[0].envelope["payload"]).hex() == genesis, "another genesis")
    need([root.index for root in rosters] == sorted({root.index for root in rosters}), "rosters in another order")
    asked = record.record.policy
    need(len(rest) == (1 if asked else 0), "exactly the policy that the record names")
    view = View(genesis)
    for root in rest:
        need(root.record.kind == "policy" and sha(root.record.text).hex() == asked["sha256"], "another policy")
        need((root.index, root.position) < (record.index, record.position), "a policy that came later")
        view.records.policies[asked["sha256"]] = root.record.document
    parts = {(part.index, part.position): part for part in [*roots, record]}
    need(len(parts) == len(roots) + (record.record.kind != "roster"), "a part twice")
    ordered = [parts[place] for place in sorted(parts)]
    need(all(one.logged <= other.logged for one, other in zip(ordered, ordered[1:])), "time runs backwards")
    for part in ordered:
        part.holds(view)
    note = Checkpoint(record.checkpoint)
    need(witnessed_since(note, view.roster) is not None, "not witnessed")
    need(not has_foreign_lines(note, view.roster), "a line by another key")
    for part in [record, *roots]:
        leaf = tree.leaf_hash(part.entry)
        need(tree.includes(leaf, part.index, note.size, part.hashes, note.root), "not in the checkpoint's tree")


def is_proven(data, genesis):
    """Whether a proof file holds."""
    try:
        _check(data, genesis)
        return True
    except (Malformed, Refused, Fault, IndexError):
        return False
