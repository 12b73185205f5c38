"""How a panel is drawn: docs/formats.md §15, «Draw»."""
from case_state import lacking, may_go, next_drawn, recused_from_all, set_panel, waiting
from encoding import lp, need, sha

HOUR = 3_600_000


def _passed(case, since):
    return case.now["at"] > since + case.decide("draw", "openHours") * HOUR


def _withheld(case):
    """Those who withheld in a draw that came to nothing; `None`, while it goes on."""
    draw = case.draw
    guarantors = set(draw["guarantors"])
    if draw["fixed"] is None:
        return guarantors - draw["commitments"].keys() if _passed(case, draw["at"]) else None
    unopened = guarantors - draw["secrets"].keys()
    return unopened if unopened and _passed(case, draw["fixed"]["at"]) else None


def draw_announced(case, said, who):
    need(case.decide("panel", "by") == "draw", "the panel is named")
    withheld = set() if case.draw is None else _withheld(case)
    need(withheld is not None, "a draw goes on")
    out = case.out | withheld
    replaceable = case.order is not None and any(may_go(case, out) and next_drawn(case, out) for out in case.panel)
    need(case.order is None or (lacking(case) and not replaceable), "what was drawn serves")
    seats = case.now["seats"]
    may = {key for key, seat in seats.items() if seat["role"] == "panel" and seat["holder"] not in out
           and not recused_from_all(case, seat["holder"], waiting(case))}
    need(set(said["eligible"]) == may, "others are eligible")
    need(all(key in seats and key not in may and seats[key]["holder"] not in out for key in said["guarantors"]),
         "a guarantor who can't be one")
    need(seats[said["guarantors"][0]]["role"] == "chair", "the first guarantor is no chair")
    need(case.decide("panel", "seats") <= said["seats"] <= len(may), "too few seats, or more than there are")
    case.out = out
    case.draw = {
        "number": said["seq"], "at": said["at"], "seats": said["seats"], "fixed": None,
        "guarantors": [seats[key]["holder"] for key in said["guarantors"]],
        "eligible": {key: seats[key]["holder"] for key in said["eligible"]}, "commitments": {}, "secrets": {}}


def _guarantor(case, who):
    need(case.draw is not None and who["holder"] in case.draw["guarantors"], "no guarantor of a draw")
    return case.draw


def draw_committed(case, said, who):
    draw = _guarantor(case, who)
    need(who["holder"] not in draw["commitments"], "committed already")
    draw["commitments"][who["holder"]] = {"commitment": said["commitment"], "key": who["key"]}
    draw["last"] = said["at"]


def draw_fixed(case, said, who):
    draw = case.draw
    need(draw is not None and draw["fixed"] is None, "no draw to fix")
    need(len(draw["commitments"]) == 3, "not all have committed")
    entries = case.now["entries"]
    need(1 <= said["size"] <= len(entries), "a size that the log hasn't")
    last = entries[said["size"] - 1]
    need(last["root"] == said["root"], "another root")
    need(last["loggedAt"] > draw["last"], "a size from before the last commitment")
    draw["fixed"] = {"at": said["at"], "root": bytes.fromhex(said["root"])}


def draw_opened(case, said, who):
    draw = _guarantor(case, who)
    sealed = draw["commitments"].get(who["holder"])
    need(sealed is not None and who["holder"] not in draw["secrets"], "no secret to open")
    commitment = sha(b"callboard/draw/v1\0", lp(case.id.encode()), lp(str(draw["number"]).encode()),
                     lp(sealed["key"].encode()), said["secret"]).hex()
    need(commitment == sealed["commitment"], "another secret than was committed to")
    if draw["fixed"] is None:
        case.draw = None
        case.out.add(who["holder"])
        return
    need(not _passed(case, draw["fixed"]["at"]), "too late")
    draw["secrets"][who["holder"]] = said["secret"]


def ranked(draw):
    """The keys of the announcement, by rank."""
    seed = sha(*(draw["secrets"][holder] for holder in draw["guarantors"]), draw["fixed"]["root"])
    return sorted(draw["eligible"], key=lambda key: sha(b"callboard/draw/v1\0", seed, bytes.fromhex(key)))


def drawn(case, said, who):
    draw = case.draw
    need(draw is not None and len(draw["secrets"]) == 3, "not all secrets are open")
    order = ranked(draw)
    need(said["seats"] == order[:draw["seats"]], "others were drawn")
    case.order = [draw["eligible"][key] for key in order]
    set_panel(case, case.order[:draw["seats"]])
    case.draw = None
