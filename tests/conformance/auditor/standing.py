"""Records, who names whom, and the standing of tags: docs/formats.md §4 (tags of a record) and §10."""
from statement import MEASURES, WITHOUT_CASE

ACTIONS = ["allow", "notify", "review", "refuse"]
STATES = ["clear", "noticed", "warned", "stayed", "probation", "restricted", "suspended", "barred"]
GIVES = dict(zip(MEASURES, ["noticed", "warned", "restricted", "suspended", "barred"]))
ASKS = dict(zip(MEASURES, ["notify", "notify", "review", "refuse", "refuse"]))
LESS = {"refuse": "review", "review": "notify"}
OVER = ("superseded", "ended", "lifted")


class NoPolicy(Exception):
    """A measure's policy isn't at hand: there is no standing."""


class Records:
    """Statements of dockets that count and aren't erased, with what stands where."""

    def __init__(self):
        self.of, self.naming, self.holding, self.policies = {}, {}, {}, {}

    def insert(self, record, place, logged):
        record.place, record.logged = place, logged
        record.start = max(record.effective if record.effective is not None else logged, logged)
        self.of[record.id] = record
        for tag in record.tags:
            self.holding.setdefault(tag, {})[record.id] = record
        for name in record.about:
            self.naming.setdefault(name, {})[record.id] = record

    def remove(self, name):
        record = self.of.pop(name, None)
        for tag in record.tags if record else ():
            del self.holding[tag][name]
        for about in record.about if record else ():
            del self.naming[about][name]
        return record

    def names(self, name, *kinds):
        return [record for record in self.naming.get(name, {}).values() if record.kind in kinds]

    def with_tag(self, tag):
        return self.holding.get(tag, {}).values()

    def tags(self):
        return sorted(tag for tag, records in self.holding.items() if records)

    def tags_of(self, record, hard=False):
        """Tags of a record (§4), or its hard ones; `None` where they hang on what isn't at hand."""
        if record.has_subject:
            return record.hard if hard else record.tags
        found = {}
        for name in record.about:
            inner = self.of.get(name) and self.tags_of(self.of[name], hard)
            if inner is None:
                return None
            found.update(dict.fromkeys(inner))
        return list(found)

    # --- §10

    def is_void(self, record, size):
        return any(other.place[0] < size for other in self.names(record.id, "annulment"))

    def has_effect(self, record, size, at):
        return record.place[0] < size and record.start <= at and not self.is_void(record, size)

    def holds(self, record, size, at):
        ends = self.names(record.id, "end")
        return self.has_effect(record, size, at) and not any(self.has_effect(end, size, at) for end in ends)

    def held(self, name, kind, size, at):
        return [record for record in self.names(name, kind) if self.holds(record, size, at)]

    def subject(self, tags, size, at):
        joined, new = set(tags), list(tags)
        while new:
            for record in self.with_tag(new.pop()):
                if record.kind == "link" and self.holds(record, size, at):
                    new += set(record.tags) - joined
                    joined |= set(record.tags)
        return joined

    def policy(self, record):
        if record.policy["sha256"] not in self.policies:
            raise NoPolicy
        return self.policies[record.policy["sha256"]]

    def phase(self, record, size, at):
        """The phase, whether or not the measure has begun, and until when a probation lasts."""
        interim, until = record.kind == "interim", record.measure["until"]
        rulings = self.names(record.id, "ruling")
        if interim and any(ruling.place[0] < size and ruling.start <= at for ruling in rulings):
            return "superseded", None
        over, rule = until is not None and until <= at, self.policy(record)["measures"].get(record.measure["kind"])
        if over and (interim or (rule and rule["onTermEnd"] == "expires")):
            return "ended", None
        lifts = self.held(record.id, "reinstatement", size, at)
        if lifts:
            end = max(lifts, key=lambda lift: lift.place).probation
            return ("probation", end) if end is not None and end > at else ("lifted", None)
        if any(stay.until is None or stay.until > at for stay in self.held(record.id, "stay", size, at)):
            return "stayed", None
        return ("awaiting-reinstatement" if over else "in-force"), None

    def is_over(self, record, size, at):
        """Void, or in a phase that gives nothing, asked as if it had begun (§6, §9)."""
        return self.is_void(record, size) or self.phase(record, size, at)[0] in OVER

    def standing(self, tags, size, at):
        joined, state, action, reasons = self.subject(tags, size, at), "clear", "allow", []
        found = {record.id: record for tag in joined for record in self.with_tag(tag) if record.measure}
        for record in sorted(found.values(), key=lambda record: record.place):
            if not self.has_effect(record, size, at):
                continue
            kind, policy = record.measure["kind"], self.policy(record)
            phase, probation = self.phase(record, size, at)
            if phase in OVER:
                continue
            soft = not joined & set(record.hard)
            asks, gives = (policy.get("actions") or {}).get(kind) or ASKS[kind], GIVES[kind]
            if phase in ("probation", "stayed"):
                asks, gives = LESS.get(asks, asks), phase
            if soft:
                asks, gives = min(asks, "review", key=ACTIONS.index), min(gives, "noticed", key=STATES.index)
            action, state = max(action, asks, key=ACTIONS.index), max(state, gives, key=STATES.index)
            reasons.append({"record": record.id, "measure": kind, "scopes": record.measure["scopes"], "phase": phase,
                            "until": record.measure["until"], "probationUntil": probation, "soft": soft,
                            "disputed": bool(self.held(record.id, "dispute", size, at)),
                            "imported": True if record.procedure == WITHOUT_CASE else None})
        return {"state": state, "action": action, "tags": sorted(joined), "reasons": reasons}
