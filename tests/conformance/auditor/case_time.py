"""Working days and windows of a case, by its policy's zone and calendar: docs/formats.md §15, «Notice»."""
import calendar as civil, datetime, zoneinfo

ONE_DAY, EPOCH = datetime.timedelta(days=1), datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def date(policy, at):
    """The day of an instant, where the policy's clocks hang."""
    return (EPOCH + datetime.timedelta(milliseconds=at)).astimezone(zoneinfo.ZoneInfo(policy["zone"])).date()


def months_after(day, count):
    """The same day of a month so many later, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, civil.monthrange(year, month + 1)[1]))


def _years(policy):
    return {int(year): said for year, said in policy["decide"].get("calendar", {}).get("years", {}).items()}


def calendar(policy, logged):
    """Years of the policy; those behind its last one as the first logged policy of the same instrument has them."""
    found = _years(policy)
    last = max(found, default=0)
    for other in logged:
        if other["instrument"] == policy["instrument"]:
            for year, said in _years(other).items():
                if year > last:
                    found.setdefault(year, said)
    return found


def _is_in(day, spans):
    text = day.isoformat()
    return any(first <= text <= (last or first) for first, _, last in (span.partition("/") for span in spans))


def working_day(years, day, count):
    """The `count`th working day after a day; `None`, if a year on the way is in no calendar."""
    while count:
        day += ONE_DAY
        said = years.get(day.year)
        if said is None:
            return None
        works = _is_in(day, said.get("worked", ())) or (day.weekday() < 5 and not _is_in(day, said.get("off", ())))
        count -= works
    return day if day.year in years else None
