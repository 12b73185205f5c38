"""Identities as people type them, in Python: the rules of `docs/formats.md` §2, written out for `client.py`.

`normalise` is what everybody must do alike. `read` is stricter: it says of each doubt what to compare, in the words of the
one table that every program has. Nothing here repeats what was typed.
"""
import datetime, json, os, re, unicodedata

TABLE = json.load(open(os.path.join(os.path.dirname(__file__), "../../federation/src/identity/reader/table.json")))
DIGITS, ACCOUNTS = ("cn-id", "hmt-travel-permit", "cn-uscc"), ("platform-account", "net-identity-code")
HARD = ("cn-id", "hmt-travel-permit", "passport", "cn-uscc")
KINDS = (*HARD, *ACCOUNTS, "passport-holder")
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

class Invalid(ValueError):
    """What is wrong: codes with what stands in their words."""
    def __init__(self, *faults):
        super().__init__("identity-invalid")
        self.faults = faults
def refuse(code, **details): raise Invalid({"code": code, **details})
def words(fault):
    """A fault or note in both languages."""
    text = dict((TABLE["faults"] | TABLE["notes"])[fault["code"]])
    details = dict(fault)
    if "kind" in fault: details |= {"kind": TABLE["kinds"][fault["kind"]], "shape": TABLE["shapes"][fault["kind"]]}
    for language in text:
        for name, said in details.items():
            said = said[language] if isinstance(said, dict) else str(said)
            text[language] = text[language].replace("{" + name + "}", said)
    return text

# The rule of each kind.
def dated(digits):
    try: datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError: return False
    return 1800 <= int(digits[:4]) <= 2099
def check_digit(body):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights)) % 11]
def is_number(text):
    return bool(re.fullmatch("[1-9][0-9]{16}[0-9X]", text)) and dated(text[6:14]) and check_digit(text) == text[17]
def credit_code(code):
    values = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(values.index(c) * pow(3, at, 31) for at, c in enumerate(code[:17]))
    return values[(31 - total % 31) % 31] == code[17]
def rule(kind, text):
    """The value, and what of it a person must confirm."""
    if not re.fullmatch("[ -~]*", text): refuse("characters")
    if not text: refuse("empty")
    if len(text) > 128: refuse("too-long")
    if kind == "cn-id":
        if re.fullmatch("[A-Z]{3}[0-9]{12}", text): return text, None
        if re.fullmatch("[1-9][0-9]{16}[0-9X]", text):
            if not dated(text[6:14]): refuse("no-such-date")
            if check_digit(text) != text[17]: refuse("check-digit")
            return text, "rounded" if text.endswith("000") else None
        if re.fullmatch("[1-9][0-9]{14}", text):
            body = text[:6] + ("18" if "996" <= text[12:] <= "999" else "19") + text[6:]
            if not dated(body[6:14]): refuse("no-such-date")
            return body + check_digit(body), "fifteen-digits"
    if kind == "hmt-travel-permit":
        if re.fullmatch("[HM][0-9]{8}([0-9]{2})?", text): return text[:9], None
        if re.fullmatch("[HM]A[0-9]{7}|[0-9]{8}", text): return text, None
    if kind == "passport" and re.fullmatch("[A-Z]{3}:[A-Z0-9]{5,12}", text): return text, None
    if kind == "cn-uscc" and re.fullmatch("[0-9A-HJ-NP-RTUW-Y]{18}", text):
        if is_number(text): refuse("persons-number")
        return text, None if credit_code(text) else "credit-code"
    if kind in ACCOUNTS and re.fullmatch("[a-z0-9-]{1,64}:.+", text): return text, None
    if kind == "passport-holder" and re.fullmatch("[A-Z]{3}:[A-Z]+(<[A-Z]+)*:[0-9]{8}", text):
        if not dated(text[-8:]): refuse("no-such-date")
        return text, None
    refuse("shape", kind=kind)

# Its one spelling.
def fold(text): return unicodedata.normalize("NFKC", text)
def trim(text): return re.sub(f"^[{WHITE}]+|[{WHITE}]+$", "", text)
def upper(text): return re.sub("[a-z]", lambda c: c[0].upper(), text)
def plain(text): return upper(re.sub(f"[{WHITE}-]", "", text))
def line_name(name):  # as in a passport's machine-readable line
    parts = re.split(f"[{WHITE}<-]+", re.sub("['\u2019]", "", name))
    return upper("<".join(part for part in parts if part))[:39].rstrip("<")
def compact(kind, typed):
    text = trim(fold(typed))
    if kind in ACCOUNTS: return text
    if kind == "passport-holder":
        return ":".join((line_name if at == 1 else plain)(part) for at, part in enumerate(text.split(":")))
    return re.sub("[()]", "", plain(text)) if kind == "hmt-travel-permit" else plain(text)
def normalise(kind, value, confirmed=False):
    value, doubt = rule(kind, compact(kind, value))
    if doubt and not confirmed: refuse(doubt)
    return value
def reads(kind, text):
    try: return rule(kind, compact(kind, text))
    except Invalid: return None

# What was typed may be somebody else's.
def read(kind, value, confirmed=False, *, today):
    """The value with what was excused and what to compare; `today` is the day in China, YYYYMMDD."""
    if not isinstance(value, str): refuse("number-cell" if type(value) in (int, float) else "not-text")
    text = trim(value)
    if not text: refuse("empty")
    if are_several(kind, text): refuse("several")
    refuse_strange(kind, text)
    folded = fold(text)
    refuse_number(kind, trim(folded.split(":")[-1]))
    if ":" in folded and trim(folded.split(":")[0]) in KINDS: refuse("label")
    short = compact(kind, text)
    try: value, doubt = rule(kind, short)
    except Invalid as error: raise explain(kind, text, short, error, today)
    doubts, born = [doubt] if doubt else [], birth(kind, value)
    if born:
        if born > today: refuse("birth-ahead")
        if later(born, 110) < today: doubts.append("born-long-ago")
    cut = cut_birth(short, today)
    if "fifteen-digits" in doubts and cut and later(cut, 18) > today: refuse("cut-of-a-minor")
    if kind == "cn-uscc":
        if re.fullmatch("[0-9]+000", value): doubts.append("rounded")
        if re.fullmatch("[1-9][0-9]{16}.", value) and dated(value[6:14]) and "1900" <= value[6:14] <= today:
            doubts.append("credit-code-like-a-person")
    if kind == "hmt-travel-permit" and re.fullmatch("[0-9]{8}", value) and dated(value) and "1900" <= value <= today:
        doubts.append("like-a-date")
    if kind in ACCOUNTS and re.fullmatch("[0-9]{15,}000", value.split(":", 1)[1]): doubts.append("rounded")
    if doubts and not confirmed: raise Invalid(*({"code": doubt} for doubt in doubts))
    old_card, permit = kind == "cn-id" and len(value) == 15, kind == "hmt-travel-permit"
    notes = {
        "no-check-digit": old_card or permit or kind == "passport",
        "number-changes": old_card or kind == "passport",
        "eight-digits": permit and len(value) == 8,
        "ends-in-00": kind == "cn-id" and not old_card and bool(re.search("(?<!0)00$", value)),
    }
    return {"value": value, "excused": doubts, "notes": [note for note, holds in notes.items() if holds]}
def birth(kind, value):
    return value[6:14] if kind == "cn-id" and len(value) == 18 else value[-8:] if kind == "passport-holder" else None
def later(day, years): return f"{int(day[:4]) + years}{day[4:]}"
def cut_birth(short, today):
    is_cut = re.fullmatch("[0-9]{15}", short) and dated(short[6:14]) and "1900" <= short[6:14] <= today
    return short[6:14] if is_cut else None

def are_several(kind, text):
    between = "[\n,;、，；]" if kind in ACCOUNTS else f"[{WHITE},;/|、，；]"
    parts = [trim(part) for part in re.split(between, text) if reads(kind, part)]
    return len(parts) > 1 and (kind not in ACCOUNTS or len({re.split("[:：]", part)[0] for part in parts}) == 1)
def refuse_strange(kind, text):
    dropped = "" if kind in ACCOUNTS else WHITE + ("\u2019" if kind == "passport-holder" else "")
    for at, c in enumerate(text, 1):
        details = {"at": at, "character": f"U+{ord(c):04X}"}
        if c in TABLE["quotes"] and (kind in HARD or at == 1): refuse("apostrophe", **details)
        if re.fullmatch(f"[ -~{dropped}]*", fold(c)): continue
        if c in TABLE["lookAlikes"]: refuse("look-alike", **details, like=TABLE["lookAlikes"][c])
        if any(first <= ord(c) <= last for first, last in TABLE["unseen"]): refuse("unseen-character", **details)
        han = re.findall("[\u3400-\u4dbf\u4e00-\u9fff]", text)
        if c in han and not set(han) <= set("零一二三四五六七八九十"): refuse("label")
        refuse("other-character", **details)
def refuse_number(kind, text):
    scientific = re.fullmatch("[0-9]+([.,][0-9]*)?[Ee]([+-]?)[0-9]{1,3}", text)
    if scientific and (kind in DIGITS or scientific[1] or scientific[2]): refuse("scientific")
    if re.fullmatch(r"[0-9]+\.0*", text): refuse("decimal")
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?", text): refuse("separators")

def explain(kind, text, short, error, today):
    """Says more of what the rule of the kind refused."""
    code = error.faults[0]["code"]
    more = lambda code, **details: Invalid({"code": code, **details})
    if code == "no-such-date" and kind == "cn-id" and cut_birth(short, today): return more("cut")
    if code == "check-digit" and short.endswith("000"): return more("last-digits-lost")
    if code != "shape": return error
    if re.search("[*#]", short): return more("masked")
    for other in HARD:
        telling = other != "hmt-travel-permit" or text[0] in "HMhm"
        read = reads(other, text) if other != kind and telling else None
        if read and not read[1]: return more("other-kind", kind=other)
    if kind == "passport": return error if re.match("[A-Z]{3}:", short) else more("no-issuer")
    if kind in ACCOUNTS: return more("no-member")
    if kind == "passport-holder": return error
    if ":" in short: return more("label")
    digits = {"O": "0", "I": "1"} | ({"Z": "2", "S": "5"} if kind == "cn-uscc" else {"L": "1"})
    if reads(kind, "".join(digits.get(c, c) for c in short)):
        at, c = next((at, c) for at, c in enumerate(text, 1) if c.upper() in digits)
        return more("look-alike", at=at, character=f"U+{ord(c):04X}", like=digits[c.upper()])
    def differs(length, of):
        if length < of: return more("missing-characters", count=str(of - length), of=str(of))
        return more("extra-characters", count=str(length - of), of=str(of))
    if kind == "cn-id" and re.fullmatch("[0-9]+X?", short):
        return more("padded") if short[0] == "0" and len(short) in (15, 18) else differs(len(short), 18)
    if kind == "hmt-travel-permit" and re.fullmatch("[0-9]+", short):
        return more("lost-zero") if len(short) == 7 else differs(len(short), 8)
    if kind == "hmt-travel-permit" and re.fullmatch("[HM]A?[0-9]+", short):
        if re.fullmatch("[HM][0-9]{9}", short): return error
        return differs(len(short), 11 if re.fullmatch("[HM][0-9]{11,}", short) else 9)
    if kind == "cn-uscc" and re.fullmatch("[0-9A-Z]+", short) and len(short) != 18: return differs(len(short), 18)
    return error

# Identities of one question are of one subject.
def read_question(identities, born=None, *, today):
    """What was read of each; `born` is a date of birth that was said, YYYYMMDD."""
    if not 1 <= len(identities) <= 16: raise Invalid({"fault": {"code": "count"}})
    read_all, faults = [], []
    for at, identity in enumerate(identities):
        kind, value, confirmed = identity["kind"], identity["value"], identity.get("confirmed", False)
        try: read_all.append({"kind": kind, **read(kind, value, confirmed, today=today)})
        except Invalid as error: faults += [{"at": at, "fault": fault} for fault in error.faults]
    if born and born > today: faults.append({"fault": {"code": "birth-ahead"}})
    elif born and later(born, 110) < today and not any(identity.get("confirmed") for identity in identities):
        faults.append({"fault": {"code": "born-long-ago"}})
    if not faults:
        kinds = {one["kind"] for one in read_all}
        births = {birth(one["kind"], one["value"]) for one in read_all} | {born}
        sexes = {int(one["value"][16]) % 2 for one in read_all if one["kind"] == "cn-id" and len(one["value"]) == 18}
        is_person = born or kinds - {"cn-uscc", "platform-account"}
        if is_person and "cn-uscc" in kinds: faults.append({"fault": {"code": "two-subjects"}})
        if len(births - {None}) > 1: faults.append({"fault": {"code": "births-differ"}})
        if len(sexes) > 1: faults.append({"fault": {"code": "sexes-differ"}})
    if faults: raise Invalid(*faults)
    return read_all
