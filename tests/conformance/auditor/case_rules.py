"""What each act of a case asks, and does: docs/formats.md §15. A function an act; all that it asks, it asks first.

`said` is what the event says, `who` by whom, and `case.now` has the moment: time, roster, log.
"""
import case_acts
from case_draw import draw_announced, draw_committed, draw_fixed, draw_opened, drawn
from case_state import (
    carried, challenge_waits, day, enough, holds_now, is_carried, is_known_long_enough, is_to_be_heard, lacking,
    lacks_panel, last_session, may_go, may_sit, need_waiting, next_drawn, open_session, overtake, recused, recused_from_all,
    recused_here,
    recused_from_some, sat_on, session_on, set_panel, sitting, stands, still_recused, waiting, waits, window, years)
from case_time import ONE_DAY, date, months_after, working_day
from encoding import DAY, lp, need, sha

LONGEST = 31 * DAY


def seat_named(case, key):
    """The holder of a seat that an event names by the id of its key."""
    need(key in case.now["seats"], "a seat that the roster hasn't")
    return case.now["seats"][key]["holder"]


# --- the case, its items

def opened(case, said, who):
    found = case.now["by_hash"].get(said["policy"]["sha256"])
    need(found is not None, "a policy that isn't logged")
    need(all(found[name] == said["policy"][name] for name in ("instrument", "version")), "another policy")
    earlier = said["earlier"] or []
    need(all(name in case.now["earlier"] for name in earlier), "an earlier case that isn't at hand")
    first, filed = appealing(case, said) if said["appeal"] is not None else (None, None)
    need(first is None or said["return"] is None, "an appeal and an application")
    if said["return"] is not None:
        need_application(case, said["return"], found, said["at"])
    case.application = said["return"]
    case.id, case.policy, case.document = said["case"], said["policy"], found
    case.sat = {holder for name in earlier for holder in case.now["earlier"][name]}
    if first is not None:
        case.appeal = {name: first.items[name] for name in filed["items"]}
        if found["decide"].get("appeal", {}).get("sharesNobody", True):
            case.sat |= first.deciders


def appealing(case, said):
    """The first case of an appeal, as it was with the event by which the appeal was filed, and what that event says."""
    of = said["appeal"]["case"], said["appeal"]["event"]
    need(of in case.now["appealed"], "a first case that isn't at hand")
    first = case.now["appealed"][of]
    need(of[1] in first.appeals, "no event by which an appeal was filed")
    filed = first.appeals[of[1]]
    need(filed["heardBy"] == said["case"], "heard by another case")
    need(first.policy == said["policy"], "under another policy")
    return first, filed


def need_application(case, said, policy, at):
    """Whether somebody may apply to return: from what, by whom, and when."""
    record = case.now["records"].get(said["record"])
    need(record is None or (record["kind"] == "ruling" and all(
        record[name] == said[other] for name, other in (("measure", "measure"), ("starts", "since"), ("until", "until")))),
        "another measure than the log's")
    need(at - 30 * DAY <= said["filedAt"] <= at, "filed behind the event, or long before")
    asked = policy["decide"].get("return", {})
    need(("unit" if said["by"] == "unit" else "person") in asked.get("by", ["person", "unit"]), "not by them")
    need(said["measure"] in ("restriction", "suspension"), "nothing to return from")
    rule = policy["measures"].get(said["measure"], {})
    need(said["until"] is None or rule.get("onTermEnd") != "expires", "it ends by itself")
    since, today = date(policy, said["since"]), date(policy, said["filedAt"])
    if said["until"] is None:
        need(today >= months_after(since, asked.get("openTermMonths", 12)), "too early")
        return
    first = months_after(date(policy, said["until"]), -asked.get("monthsBeforeEnd", 3))
    need(today >= max(first, since), "too early")
    need(asked.get("late", True) or today <= date(policy, said["until"] - 1), "too late")


def need_appealed(case, said):
    """What an item of an appeal is about, and may decide; whom the first concerned, it does."""
    need((case.appeal is None) == (said["appeals"] is None), "an appeal's item, or another's")
    if case.appeal is None:
        return set(), set(), False
    need(said["appeals"] in case.appeal, "an item that wasn't appealed")
    kinds = {word.partition("/")[0] for word in said["decides"]}
    need(kinds == {"stay"} or set(said["decides"]) == {"end/stay"} or (
        "annulment" in kinds and kinds <= {"annulment", "ruling", "link"}), "nothing that an appeal decides")
    first = case.appeal[said["appeals"]]
    return first["hosts"], first["reporters"], first["minor"]


def item_added(case, said, who):
    need(said["item"] not in case.items, "a number that the case has")
    need(len(case.items) < case_acts.MOST, "too many items")
    need(case.application is None or all(word.startswith("reinstatement/") for word in said["decides"]),
         "nothing that a return decides")
    hosts = set() if said["hosts"] == "unknown" else set(said["hosts"])
    first_hosts, first_reporters, first_minor = need_appealed(case, said)
    case.items[said["item"]] = {
        "added": said["seq"], "at": said["at"], "decides": said["decides"], "hosts": hosts | first_hosts,
        "reporters": set(said["reporters"] or []) | first_reporters, "minor": bool(said["minor"]) or first_minor,
        "dropped": None, "issued": False, "represented": False, "failed": set(), "notices": [],
        "logged": None, "told": [], "appealed": False, "evidence": set()}


def item_dropped(case, said, who):
    need_waiting(case, [said["item"]])
    case.items[said["item"]]["dropped"] = said["seq"]
    overtake(case, [said["item"]])


def evidence_added(case, said, who):
    need_waiting(case, said["items"])
    if who["role"] != "member":
        file_evidence(case, said)
        return
    need(not any(sat_on(case, name) for name in said["items"]), "the panel sat already")
    new = [name for name in said["items"] if who["member"] not in case.items[name]["reporters"]]
    for name in new:
        case.items[name]["reporters"].add(who["member"])
    overtake(case, new)
    file_evidence(case, said)


def file_evidence(case, said):
    for name in said["items"]:
        case.items[name]["evidence"] |= {each["kind"] for each in said["evidence"]}


# --- panel, recusal

def panel_named(case, said, who):
    need(case.decide("panel", "by") != "draw", "it is drawn")
    seats = [seat_named(case, key) for key in said["seats"]]
    need(all(may_sit(case, holder) for holder in seats), "a seat that may not sit")
    if case.sessions:
        need(lacking(case), "the panel is enough")
        need(all(holder in seats for holder in sitting(case) if may_sit(case, holder)), "a seat that may still sit")
    set_panel(case, seats)


def replaced(case, said, who):
    need(said["out"] in case.now["ever"], "nobody's key")
    out, into = case.now["ever"][said["out"]]["holder"], seat_named(case, said["in"])
    need(open_session(case) is None, "the panel sits")
    need(out in case.panel and into not in case.panel, "not on the panel, or on it already")
    need(may_go(case, out), "a seat that may stay")
    need(may_sit(case, into), "a seat that may not sit")
    need(case.order is None or into == next_drawn(case, out), "another is next in the draw's order")
    if case.order is not None:
        case.order.remove(out)  # whoever was taken off doesn't come back
    set_panel(case, [into if holder == out else holder for holder in case.panel])


def recused_by_itself(case, said, who):
    names = waiting(case) if said["items"] is None else said["items"]
    need_waiting(case, names)
    if said["items"] is None:
        need(who["holder"] not in case.from_all | case.sat, "it is recused from all already")
        case.from_all.add(who["holder"])
        overtake(case, case.items, who["holder"])
        return
    need(not recused_from_all(case, who["holder"], names), "it is recused already")
    case.said |= {(who["holder"], name) for name in names}
    overtake(case, names, who["holder"])


def challenged(case, said, who):
    need_waiting(case, said["items"])
    holder = seat_named(case, said["seat"])
    need(case.now["holders"][holder]["role"] in ("panel", "chair"), "a seat that doesn't decide")
    for name in said["items"]:
        need(not any(each["seat"] == holder and name in each["items"] for each in case.challenges.values()),
             "challenged already")
        session = session_on(case, name)
        need(not session["sealed"] if session else not is_carried(case, name), "too late")
    case.challenges[said["seq"]] = {"seat": holder, "items": said["items"], "waits": True}
    overtake(case, said["items"])


def challenge_decided(case, said, who):
    found = case.challenges.get(said["challenge"])
    need(found is not None and found["waits"], "no challenge that waits")
    need(who["holder"] != found["seat"], "by the seat challenged")
    need(not recused_from_some(case, who["holder"], found["items"]), "by a seat that is recused")
    found["waits"] = False
    case.deciders.add(who["holder"])
    if said["upheld"]:
        case.said |= {(found["seat"], name) for name in found["items"]}
        overtake(case, found["items"], found["seat"])


# --- notice

def need_time_of_notice(case, said, at):
    need(said["at"] - 30 * DAY <= at <= said["at"], "a time of notice behind the event, or long before")
    need(all(case.items[name]["at"] <= at for name in said["items"]), "a time of notice before the item")


def need_notifier(case, said, who):
    hosted = all(who["member"] in case.items[name]["hosts"] for name in said["items"])
    need(who["role"] != "member" or hosted, "a member that doesn't host")


def represented(case, said, who):
    need_waiting(case, said["items"])
    for name in said["items"]:
        case.items[name]["represented"] = True


def notified(case, said, who):
    need_waiting(case, said["items"])
    need_notifier(case, said, who)
    need_time_of_notice(case, said, said["deliveredAt"])
    items = [case.items[name] for name in said["items"]]
    need(all(not item["minor"] or said["to"] == "guardian" for item in items), "a minor's guardian is told")
    need(said["to"] != "representative" or all(item["represented"] for item in items), "nobody represents them")
    for item in items:
        item["notices"].append(day(case, said["deliveredAt"]))


def notice_failed(case, said, who):
    need_waiting(case, [name for name in said["items"] if not (name in case.items and case.items[name]["issued"])])
    need(not case.closed or all(case.items[name]["issued"] for name in said["items"]), "the case is closed")
    need_notifier(case, said, who)
    need_time_of_notice(case, said, said["attemptedAt"])
    for name in said["items"]:
        case.items[name]["failed"].add(said["attemptedAt"])


def served_by_publication(case, said, who):
    need_waiting(case, said["items"])
    need_time_of_notice(case, said, said["publishedAt"])
    items = [case.items[name] for name in said["items"]]
    need(not any(item["minor"] for item in items), "nothing of a minor is published")
    asked = case.decide("service", "attempts")
    need(all(sum(at <= said["publishedAt"] for at in item["failed"]) >= asked for item in items), "too few attempts")
    for item in items:
        item["notices"].append(day(case, said["publishedAt"]) + case.decide("service", "publicationDays") * ONE_DAY)


def answered(case, said, who):
    need_waiting(case, said["items"])
    today = day(case, said["at"])
    ends = {name: window(case, name) for name in said["items"]}
    overtake(case, [name for name, end in ends.items() if end is None or today <= end])


# --- what is told of a decision, and objected to

def need_decided(case, said, at):
    for name in said["items"]:
        need(name in case.items and case.items[name]["issued"], "an item that isn't decided")
        need(at >= case.items[name]["logged"], "a time before the decision")


def decision_notified(case, said, who):
    need_decided(case, said, said["deliveredAt"])
    need_notifier(case, said, who)
    need_time_of_notice(case, said, said["deliveredAt"])
    items = [case.items[name] for name in said["items"]]
    need(all(not item["minor"] or said["to"] == "guardian" for item in items), "a minor's guardian is told")
    need(said["to"] != "representative" or all(item["represented"] for item in items), "nobody represents them")
    for item in items:
        tell(case, item, day(case, said["deliveredAt"]))


def decision_published(case, said, who):
    need_decided(case, said, said["publishedAt"])
    need_time_of_notice(case, said, said["publishedAt"])
    items = [case.items[name] for name in said["items"]]
    need(not any(item["minor"] for item in items), "nothing of a minor is published")
    asked = case.decide("service", "attempts")
    need(all(sum(item["logged"] <= at <= said["publishedAt"] for at in item["failed"]) >= asked for item in items),
         "too few attempts since the decision")
    for item in items:
        tell(case, item, day(case, said["publishedAt"]) + case.decide("service", "publicationDays") * ONE_DAY)


def tell(case, item, start):
    """The first notice of which the window can be told as it is proven counts."""
    count = case.document["decide"].get("objection", {}).get("workingDays")
    end = None if count is None else working_day(years(case), start, count)
    item["told"] += [] if end is None else [end]


def appealed(case, said, who):
    need(case.appeal is None, "an appeal's decision")
    need_decided(case, said, said["filedAt"])
    need(said["at"] - 30 * DAY <= said["filedAt"] <= said["at"], "filed behind the event, or long before")
    need(said["heardBy"] != case.id and all(each["heardBy"] != said["heardBy"] for each in case.appeals.values()),
         "a case that hears another appeal")
    items = [case.items[name] for name in said["items"]]
    need(not any(item["appealed"] for item in items), "appealed already")
    today = day(case, said["filedAt"])
    need(all(not item["told"] or today <= item["told"][0] for item in items), "too late")
    for item in items:
        item["appealed"] = True
    case.appeals[said["seq"]] = {"heardBy": said["heardBy"], "items": said["items"]}


def probation_reported(case, said, who):
    need(case.application is not None, "no return")
    need_decided(case, said, said["reportedAt"])
    need_notifier(case, said, who)
    need_time_of_notice(case, said, said["reportedAt"])


# --- sessions

def session_opened(case, said, who):
    need_waiting(case, said["items"])
    need(open_session(case) is None, "another session is open")
    need(case.draw is None, "a draw is announced")
    need(said["at"] < said["sealBy"] < said["openBy"] <= said["at"] + LONGEST, "times of a session")
    for name in said["items"]:
        need(enough(case, name), "the panel isn't enough")
        need(not challenge_waits(case, name), "a challenge waits")
        need(not is_carried(case, name), "carried already")
        if case.application is not None:
            asked = set(case.document["decide"].get("return", {}).get("asks", []))
            need(asked <= case.items[name]["evidence"], "what the policy asks for isn't there")
        if is_to_be_heard(case.items[name]):
            end = window(case, name)
            need(end is not None and day(case, said["at"]) > end, "its window isn't over")
            need(is_known_long_enough(case, name), "the subject doesn't know for long enough who sits")
    case.sessions[said["seq"]] = {
        "items": said["items"], "sealBy": said["sealBy"], "openBy": said["openBy"], "panel": set(sitting(case)),
        "present": set(), "sealed": {}, "opened": {}, "recused_then": None, "carried": set(), "closed": False,
        "withdrawn": False, "withdrawing": set()}
    for each in case.resolutions:
        if each["interim"] and stands(each) and not each["issued"] and each["items"].keys() & said["items"].keys():
            each["overtaken"] = said["at"]


def session_going_on(case, said):
    session = case.sessions.get(said["session"])
    need(session is not None and not session["closed"], "no such session is open")
    return session


def all_voted(case, session):
    return all(holder in session["sealed"] for holder in session["panel"]
               if not recused_from_all(case, holder, session["items"]))


def sealing_is_over(case, session):
    return case.now["at"] > session["sealBy"] or all_voted(case, session)


def present(case, said, who):
    session = session_going_on(case, said)
    need(who["holder"] in session["panel"], "not of the session's panel")
    need(who["holder"] not in session["present"], "present already")
    need(not sealing_is_over(case, session), "votes aren't taken any more")
    need(not recused_from_all(case, who["holder"], session["items"]), "recused from every item")
    session["present"].add(who["holder"])
    case.deciders.add(who["holder"])


def vote_sealed(case, said, who):
    session = session_going_on(case, said)
    need(who["holder"] in session["present"], "not present")
    need(who["holder"] not in session["sealed"], "voted already")
    need(not sealing_is_over(case, session), "votes aren't taken any more")
    need(not any(challenge_waits(case, name) for name in session["items"]), "a challenge waits")
    session["sealed"][who["holder"]] = {"commitment": said["commitment"], "key": who["key"]}


def vote_opened(case, said, who):
    session = session_going_on(case, said)
    sealed = session["sealed"].get(who["holder"])
    need(sealed is not None and who["holder"] not in session["opened"], "no vote to open")
    need(sealing_is_over(case, session), "votes are still taken")
    need(case.now["at"] <= session["openBy"], "too late")
    data = said["vote"].encode()
    commitment = sha(b"callboard/vote/v1\0", lp(case.id.encode()), lp(str(said["session"]).encode()),
                     lp(sealed["key"].encode()), said["secret"], data).hex()
    need(commitment == sealed["commitment"], "another vote than was sealed")
    votes = case_acts.vote(data, session["items"])
    if session["recused_then"] is None:
        session["recused_then"] = {name: still_recused(case, session, name) for name in session["items"]}
    session["opened"][who["holder"]] = votes


def session_closed(case, said, who):
    session = session_going_on(case, said)
    unopened = session["sealed"].keys() - session["opened"].keys()
    over = sealing_is_over(case, session) and not unopened
    need(over or case.now["at"] > session["openBy"], "votes aren't open yet")
    case.out |= unopened
    session["carried"] = {name for name in session["items"] if holds_now(case, session, name)}
    session["closed"] = True


# --- resolutions

def need_stay(case, name):
    """In an appeal nothing but a stay is ordered, and only where no panel can be formed."""
    if case.appeal is not None:
        need(all(word.startswith("stay/") for word in case.items[name]["decides"]), "no stay")
        need(lacks_panel(case, name), "a panel can be formed")


def interim_proposed(case, said, who):
    need_waiting(case, [said["item"]])
    need_stay(case, said["item"])
    need(not sat_on(case, said["item"]), "the panel sat already")
    case.proposals[said["seq"]] = {"item": said["item"], "drafts": set(said["drafts"])}


def resolution_of(case, number):
    return next((each for each in case.resolutions if each["of"] == number and stands(each)), None)


def resolve(case, said, interim, panel):
    found = {"of": said["of"], "number": said["seq"], "interim": interim, "items": said["items"], "panel": set(panel),
             "by": set(), "roles": [], "stay": False, "procedure": None, "overtaken": None, "issued": None}
    case.resolutions.append(found)
    return found


def resolved(case, said, who):
    need_waiting(case, said["items"])
    if said["of"] in case.proposals:
        ordered(case, said, who)
        return
    session = case.sessions.get(said["of"])
    need(session is not None and session["closed"], "no closed session")
    need(who["role"] == "chair" or who["holder"] in session["panel"], "neither chair nor of the session's panel")
    carries = {name: drafts for name, drafts in session["items"].items() if waits(case.items[name])
               and last_session(case, name) is session and carried(case, session, name)}
    need(said["items"] == carries, "other items or drafts than were carried")
    need(not any(challenge_waits(case, name) for name in carries), "a challenge waits")
    need(resolution_of(case, said["of"]) is None, "a resolution of it stands")
    case.deciders.add(who["holder"])
    found = resolve(case, said, False, session["panel"])
    if case.decide("confirmation", "chairs") == 0:
        found["procedure"] = case.now["hash"]


def ordered(case, said, who):
    """An interim: each seat that orders it says so, until there are as many of each role as the policy asks."""
    proposal = case.proposals[said["of"]]
    need(said["items"] == {proposal["item"]: proposal["drafts"]}, "another item or other drafts")
    need(not sat_on(case, proposal["item"]), "the panel sat already")
    need_stay(case, proposal["item"])
    is_stay = case.appeal is not None
    seats = case.document["decide"].get("appeal", {}).get("staySeats", [{"role": "chair", "count": 1}])
    seats = seats if is_stay else case.decide("interimOrder", "seats")
    asked = {each["role"]: each["count"] for each in seats}
    need(who["role"] in asked, "a seat that orders nothing")
    need(not (recused_here if is_stay else recused)(case, who["holder"], proposal["item"]), "recused")
    need(not any(each["waits"] and each["seat"] == who["holder"] for each in case.challenges.values()), "challenged")
    found = resolution_of(case, said["of"])
    need(found is None or (found["procedure"] is None and who["holder"] not in found["by"]), "ordered already")
    found = found or resolve(case, said, True, ())
    found["stay"] = is_stay
    case.deciders.add(who["holder"])
    found["by"].add(who["holder"])
    found["roles"].append(who["role"])
    if all(found["roles"].count(role) >= count for role, count in asked.items()):
        found["procedure"] = case.now["hash"]


def confirmed(case, said, who):
    found = next((each for each in case.resolutions if each["number"] == said["resolution"]), None)
    need(found is not None and not found["interim"] and stands(found), "no resolution that stands")
    need(found["procedure"] is None and who["holder"] not in found["by"], "confirmed already")
    need(not recused_from_all(case, who["holder"], found["items"]), "recused from every item")
    found["by"].add(who["holder"])
    case.deciders.add(who["holder"])
    asked = case.decide("confirmation", "chairs")
    if all(sum(not recused(case, chair, name) for chair in found["by"]) >= asked for name in found["items"]):
        found["procedure"] = case.now["hash"]


def issued(case, said, who):
    found = next((each for each in case.resolutions if each["procedure"] == said["procedure"]), None)
    need(found is not None and not found["issued"], "no complete resolution, or issued already")
    docket = case.now["dockets"].get(said["docket"])
    need(docket is not None and docket["loggedAt"] <= said["at"], "a docket that isn't logged")
    need(said["procedure"] in docket["procedures"], "a docket of something else")
    need(stands(found) or found["overtaken"] >= docket["loggedAt"], "overtaken before the docket")
    found["issued"], found["overtaken"] = said["docket"], None
    for name in found["items"] if found["stay"] or not found["interim"] else ():
        case.items[name].update(issued=True, logged=docket["loggedAt"])


def withdrawn(case, said, who):
    session = case.sessions.get(said["session"])
    need(session is not None and session["closed"] and not session["withdrawn"], "no closed session")
    carries = [name for name in session["items"] if waits(case.items[name]) and carried(case, session, name)]
    need(carries, "it carried nothing that waits")
    need(who["holder"] not in session["withdrawing"], "said already")
    session["withdrawing"].add(who["holder"])
    case.deciders.add(who["holder"])
    if len(session["withdrawing"]) >= max(1, case.decide("confirmation", "chairs")):
        session["withdrawn"] = True
        found = resolution_of(case, said["session"])
        if found and not found["issued"]:
            found["overtaken"] = said["at"]


def access_approved(case, said, who):
    need(all(name in case.items for name in said["items"]), "an item that the case hasn't")
    need(seat_named(case, said["reader"]) != who["holder"], "by the reader")


def closed(case, said, who):
    for name in waiting(case):
        session = last_session(case, name)
        need(session is not None and session["closed"] and name not in session["carried"], "an item waits")
    need(not any(stands(each) and not each["issued"] for each in case.resolutions), "a resolution waits")
    case.closed = True


BEHIND_CLOSED = {"decision-notified", "decision-published", "notice-failed", "appealed", "probation-reported"}


def need_part(case, said, who):
    """In an appeal whoever had a part in the first decision has none, but for a stay that nobody else can order."""
    first = case.appeal is not None and who["role"] in ("panel", "chair") and who["holder"] in case.sat
    stays = said["act"] == "interim-proposed" or (said["act"] == "resolved" and said["of"] in case.proposals)
    need(not first or stays, "by a seat that decided first")


RULES = {
    "opened": opened, "item-added": item_added, "item-dropped": item_dropped, "evidence-added": evidence_added,
    "panel-named": panel_named, "draw-announced": draw_announced, "draw-committed": draw_committed,
    "draw-fixed": draw_fixed, "draw-opened": draw_opened, "drawn": drawn, "recused": recused_by_itself,
    "challenged": challenged, "challenge-decided": challenge_decided, "replaced": replaced,
    "represented": represented, "notified": notified, "notice-failed": notice_failed,
    "served-by-publication": served_by_publication, "answered": answered, "interim-proposed": interim_proposed,
    "session-opened": session_opened, "present": present, "vote-sealed": vote_sealed, "vote-opened": vote_opened,
    "session-closed": session_closed, "resolved": resolved, "confirmed": confirmed, "issued": issued,
    "decision-notified": decision_notified, "decision-published": decision_published, "appealed": appealed,
    "probation-reported": probation_reported,
    "withdrawn": withdrawn, "access-approved": access_approved, "closed": closed}
