#!/usr/bin/env bash
# Working days of a year whose holidays the State Council hasn't ordered yet, as five libraries for China tell them.
#
# The order for a year comes in the autumn before it. 1 October is National Day by law in every year. 2024-09-29, a Sunday,
# was a working day by order.
#
# Expected: each library that has no order for a year says so, as our calendar does; and a day that no order can make a
#           working day, 2027-10-01, is none.
# Seen:     chinesecalendar 1.11.0 (PyPI) raises for every day of 2027.
#           workalendar 17.0.0 (PyPI) has orders until 2023. Of later years it raises for weekdays, and answers for
#           weekends, without a word: 2024-09-29 is no working day.
#           holidays 0.109 (PyPI) tells 2027 from the law, without a word that no order is in it.
#           chinese-days 1.5.7 and chinese-workday 1.16.1 (npm) call every weekday of 2027 a working day, National Day too.
# So what:  a time limit that is counted with one of the last four may end days early or late, and nothing tells. Whoever counts
#           ours again asks the library first whether it has the year.
#
# Needs python3 with venv, node and npm. Exit 0: as described. Exit 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv py
py/bin/pip install --quiet --disable-pip-version-check chinesecalendar==1.11.0 workalendar==17.0.0 holidays==0.109
npm install --silent --no-audit --no-fund --prefix "$work" chinese-days@1.5.7 chinese-workday@1.16.1 >/dev/null

cat > seen.py <<'PY'
import datetime
import warnings

warnings.simplefilter("ignore")
import chinese_calendar
import holidays
from workalendar.asia import China

by_law, by_hand = holidays.China(), China()
asked = {
    "chinesecalendar": chinese_calendar.is_workday,
    "workalendar": by_hand.is_working_day,
    "holidays": by_law.is_working_day,
}
for text in ["2024-09-29", "2024-09-30", "2027-09-30", "2027-10-01"]:
    for name, is_working_day in asked.items():
        try:
            told = is_working_day(datetime.date.fromisoformat(text))
        except Exception as error:
            told = f"raises {type(error).__name__}"
        print(text, name, told)
PY
cat > seen.mjs <<'JS'
import days from 'chinese-days';
import { isWorkday } from 'chinese-workday';
for (const day of ['2024-09-29', '2024-09-30', '2027-09-30', '2027-10-01'])
  console.log(day, 'chinese-days', days.isWorkday(day), 'chinese-workday', isWorkday(day));
JS

{ py/bin/python seen.py; node seen.mjs; } > seen
cat > expected <<'SEEN'
2024-09-29 chinesecalendar True
2024-09-29 workalendar False
2024-09-29 holidays True
2024-09-30 chinesecalendar True
2024-09-30 workalendar raises CalendarError
2024-09-30 holidays True
2027-09-30 chinesecalendar raises NotImplementedError
2027-09-30 workalendar raises CalendarError
2027-09-30 holidays True
2027-10-01 chinesecalendar raises NotImplementedError
2027-10-01 workalendar raises CalendarError
2027-10-01 holidays False
2024-09-29 chinese-days true chinese-workday true
2024-09-30 chinese-days true chinese-workday true
2027-09-30 chinese-days true chinese-workday true
2027-10-01 chinese-days true chinese-workday true
SEEN
cat seen
diff expected seen && echo "as described"
