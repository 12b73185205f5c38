"""A case as it stands, and what follows from it: docs/formats.md §15, «Recusal», «Panel», «Notice», «Carried».

A seat is its holder throughout. `case.now` is the moment at which something is asked: the time, and the log by then.
"""
from case_time import calendar, date, working_day
from encoding import need


class Case:
    """What the events that were taken left."""

    def __init__(self):
        self.id, self.seq, self.previous, self.at, self.closed = None, 0, None, None, False
        self.now = self.policy = self.document = None
        self.items, self.items_ever = {}, 0
        self.sat, self.from_all, self.said, self.out = set(), set(), set(), set()
        self.challenges, self.sessions, self.proposals, self.resolutions = {}, {}, {}, []
        self.application = None
        self.appeal, self.appeals, self.deciders = None, {}, set()  # of what; by event; holders who had a part
        self.panel, self.order, self.draw = {}, None, None  # holder → when it came; holders by rank; the draw going on

    def decide(self, *path):
        """A number, or another part, of the policy under which the case was opened."""
        found = self.document["decide"]
        for name in path:
            need(isinstance(found, dict) and name in found, f"the policy says no {'.'.join(path)}")
            found = found[name]
        return found


def waiting(case):
    return [name for name, item in case.items.items() if waits(item)]


def waits(item):
    return item["dropped"] is None and not item["issued"]


def need_waiting(case, names):
    need(all(name in case.items and waits(case.items[name]) for name in names), "an item that doesn't wait")


def part(fraction, of, whole):
    return of * fraction["denominator"] >= whole * fraction["numerator"]


# --- recusal

def recused(case, holder, name):
    return holder in case.sat or recused_here(case, holder, name)


def recused_here(case, holder, name):
    """Recused, whatever it decided before."""
    item = case.items[name]
    member = case.now["member_of"].get(holder)
    concerns = member is not None and (member in item["reporters"] or member in item["hosts"])
    return concerns or holder in case.from_all or (holder, name) in case.said or _said_of_dropped(case, holder, item)


def _said_of_dropped(case, holder, item):
    dropped = [name for name, each in case.items.items() if each["dropped"] is not None]
    return any((holder, name) in case.said and case.items[name]["dropped"] < item["added"] for name in dropped)


def recused_from_all(case, holder, names):
    """Of no items: whether it is recused from the case."""
    names = list(names)
    return all(recused(case, holder, name) for name in names) if names else holder in case.sat | case.from_all


def recused_from_some(case, holder, names):
    return any(recused(case, holder, name) for name in names)


# --- panel

def counts(case, holder):
    seat = case.now["holders"].get(holder)
    return seat is not None and seat["role"] in ("panel", "chair") and holder not in case.out


def may_sit(case, holder):
    return counts(case, holder) and not recused_from_all(case, holder, waiting(case))


def sitting(case):
    """The seats of the panel that count."""
    return [holder for holder in case.panel if counts(case, holder)]


def enough(case, name, without=None):
    able = [holder for holder in sitting(case) if holder != without and not recused(case, holder, name)]
    return len(able) >= case.decide("panel", "seats")


def lacking(case, without=None):
    """Items for which the panel isn't enough, or wouldn't be without a seat."""
    return [name for name in waiting(case) if not enough(case, name, without)]


def may_go(case, holder):
    return not counts(case, holder) or recused_from_some(case, holder, waiting(case))


def next_drawn(case, out):
    """Who takes the place of a seat that goes from a panel that was drawn."""
    lacks = lacking(case, out)
    return next((holder for holder in case.order if holder not in case.panel and may_sit(case, holder)
                 and not recused_from_some(case, holder, lacks)), None)


def set_panel(case, holders):
    """Who stays keeps the day on which it came."""
    case.panel = {holder: case.panel.get(holder, case.now["at"]) for holder in holders}


# --- time

def day(case, at):
    return date(case.document, at)


def years(case):
    return calendar(case.document, case.now["policies"])


def is_to_be_heard(item):
    return bool(set(item["decides"]) & {
        "ruling", "link", "end/stay", "end/reinstatement", "annulment/reinstatement"})


def window(case, name):
    """The last day of an item's window: of its first notice of which it can be told."""
    known, count = years(case), case.decide("response", "workingDays")
    ends = (working_day(known, start, count) for start in case.items[name]["notices"])
    return next((end for end in ends if end is not None), None)


def is_known_long_enough(case, name):
    """Whether the subject knew for as long as the policy says who sits on an item."""
    wait = case.document["decide"].get("challenge", {}).get("workingDays", 0)
    came = [at for holder, at in case.panel.items() if counts(case, holder) and not recused(case, holder, name)]
    if not wait or not came:
        return True
    last = working_day(years(case), day(case, max(came)), wait)
    return last is not None and day(case, case.now["at"]) > last


# --- sessions

def open_session(case):
    return next((session for session in case.sessions.values() if not session["closed"]), None)


def session_on(case, name):
    session = open_session(case)
    return session if session and name in session["items"] else None


def sat_on(case, name):
    return any(name in session["items"] for session in case.sessions.values())


def last_session(case, name):
    return next((each for each in reversed(case.sessions.values()) if name in each["items"]), None)


def still_recused(case, session, name):
    return {holder for holder in session["panel"] if recused(case, holder, name)}


def _carries(case, session, name, without):
    able = session["panel"] - without
    came = able & session["present"]
    agreed = {holder for holder in came if session["opened"].get(holder, {}).get(name) == "for"}
    return (len(able) >= case.decide("panel", "seats") and part(case.decide("quorum"), len(came), len(able))
            and bool(agreed) and part(case.decide("vote"), len(agreed), len(came)))


def holds_now(case, session, name):
    """Whether the votes carry an item, by those recused at the first vote and by those recused now."""
    if session["recused_then"] is None:
        return False
    return _carries(case, session, name, session["recused_then"][name]) and _carries(
        case, session, name, still_recused(case, session, name))


def carried(case, session, name):
    """Whether a closed session carries an item, as it is asked now."""
    return session["closed"] and not session["withdrawn"] and name in session["carried"] and holds_now(
        case, session, name)


def is_carried(case, name):
    return any(name in session["items"] and carried(case, session, name) for session in case.sessions.values())


def challenge_waits(case, name):
    return any(each["waits"] and name in each["items"] for each in case.challenges.values())


# --- appeals

def lacks_panel(case, name):
    """Whether no panel can be formed on an item of an appeal."""
    able = [seat for holder, seat in case.now["holders"].items() if holder not in case.out and not recused(
        case, holder, name)]
    is_drawn = case.decide("panel", "by") == "draw"
    roles = ("panel",) if is_drawn else ("panel", "chair")
    chairs = max(case.decide("confirmation", "chairs"), 0 if is_drawn else 1)
    return (sum(seat["role"] in roles for seat in able) < case.decide("panel", "seats")
            or sum(seat["role"] == "chair" for seat in able) < chairs)


# --- resolutions

def stands(resolution):
    return resolution["overtaken"] is None


def overtake(case, names, of=None):
    """What isn't issued and touches one of the items; with `of`, only where that seat had a part in it."""
    for each in case.resolutions:
        parts = each["panel"] | each["by"]
        if stands(each) and not each["issued"] and each["items"].keys() & set(names) and (of is None or of in parts):
            each["overtaken"] = case.now["at"]
