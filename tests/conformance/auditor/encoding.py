"""Encodings of docs/formats.md §1: strict JSON, the values of its members, byte strings.

What isn't written as the page says raises `Malformed`; who asked decides what that means.
"""
import base64, hashlib, json, re

MAX_DEPTH, MAX_MEMBERS, BELOW = 32, 1024, 2**53
DAY, MINUTE = 86_400_000, 60_000


class Malformed(Exception):
    """Bytes that the page doesn't take."""


def need(holds, why):
    if not holds:
        raise Malformed(why)


# --- JSON

def _object(pairs):
    need(len(pairs) <= MAX_MEMBERS, "an object of too many members")
    found = dict(pairs)
    need(len(found) == len(pairs), "a key twice")
    return found


def _integer(text):
    need(re.fullmatch(r"0|[1-9][0-9]{0,15}", text, re.A), "a number that isn't written plainly")
    need(int(text) < BELOW, "a number that is too large")
    return int(text)


def _never(text):
    raise Malformed(f"no plain integer: {text[:20]}")


def _walk(value, depth, nulls):
    need(value is not None or nulls, "null")
    if isinstance(value, str):
        need(not any("\ud800" <= letter <= "\udfff" for letter in value), "a lone surrogate")
    elif isinstance(value, (dict, list)):
        need(depth < MAX_DEPTH, "too deep")
        for key in value if isinstance(value, dict) else ():
            _walk(key, depth + 1, False)
        for inner in value.values() if isinstance(value, dict) else value:
            _walk(inner, depth + 1, nulls)


def read(data, nulls=False):
    """The value of JSON bytes; `nulls` lets `null` stand, for whoever looks at it afterwards."""
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_never, parse_constant=_never)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    _walk(value, 0, nulls)
    return value


def members(value, required, optional=None):
    """An object of exactly these members, each read by its reader; an absent one is `None`."""
    optional = optional or {}
    need(isinstance(value, dict), "no object")
    need(value.keys() <= required.keys() | optional.keys(), "a member that the page doesn't name")
    need(required.keys() <= value.keys(), "a member that is missing")
    readers = {**required, **optional}
    return {name: read_it(value[name]) if name in value else None for name, read_it in readers.items()}


# --- readers of values

def text(value):
    need(isinstance(value, str), "no text")
    return value


def integer(least=0, below=BELOW):
    def reader(value):
        need(isinstance(value, int) and not isinstance(value, bool) and least <= value < below, "no such number")
        return value
    return reader


def one(value):
    need(value == 1 and not isinstance(value, bool) and isinstance(value, int), "another version")
    return 1


def word(*words):
    def reader(value):
        need(isinstance(value, str) and value in words, "no such word")
        return value
    return reader


def matching(pattern):
    def reader(value):
        need(isinstance(value, str) and re.fullmatch(pattern, value, re.A), "another spelling")
        return value
    return reader


def listed(reader, least=0, most=None, distinct=False):
    def read_list(value):
        need(isinstance(value, list) and least <= len(value) and (most is None or len(value) <= most), "no such list")
        found = [reader(item) for item in value]
        need(not distinct or len({repr(item) for item in found}) == len(found), "a repeat")
        return found
    return read_list


def true(value):
    need(value is True, "not true")
    return True


def base64_of(length=None):
    def reader(value):
        try:
            data = base64.b64decode(text(value).encode("ascii"), validate=True)
        except ValueError:
            raise Malformed("no base64") from None
        need(base64.b64encode(data).decode() == value, "base64 with stray bits")
        need(length is None or len(data) == length, "base64 of another length")
        return data
    return reader


hex32 = matching("[0-9a-f]{64}")
uuid = matching("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
member_id = matching("[a-z0-9-]{1,64}")
epoch = integer(1)
raw = base64_of()


def time(value):
    """Milliseconds since 1970, of a text like `2026-02-01T00:00:01.250Z`."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", text(value), re.A)
    need(found, "no time")
    year, month, day, hour, minute, second, milli = map(int, found.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    need(1 <= month <= 12, "no month")
    need(1 <= day <= [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1], "no day")
    need(hour <= 23 and minute <= 59 and second <= 59, "no time of day")
    shifted = year - (month <= 2)  # days from civil, with years that begin in March
    days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400
    days += (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milli


# --- byte strings

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def lp(data):
    return len(data).to_bytes(4, "big") + data
