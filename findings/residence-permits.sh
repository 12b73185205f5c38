#!/usr/bin/env bash
# Residence permits of Hong Kong, Macau and Taiwan residents, as two common validators see them.
#
# The permits exist since 2018-09-01. Their numbers are of GB 11643, with the same check character; they begin with
# 810000, 820000 or 830000. The two numbers below are the specimens that were published with the permits.
#
# Expected: whoever validates a resident's number takes them.
# Seen:     python-stdnum 2.2 (stdnum.cn.ric) refuses both: 81 and 83 are no birth places of its list.
#           npm validator 13.15.35 (isIdentityCard, zh-CN) takes 81 and refuses 83: for Taiwan its list has 71 alone.
#           id-validator 1.0.20 (PyPI) takes both.
# So what:  a platform that validates with one of the first two before it asks can't ask about these people at all.
#           Ask with the number as it stands on the permit.
#
# Needs python3 with venv, node and npm. Exit 0: as described. Exit 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv py
py/bin/pip install --quiet --disable-pip-version-check python-stdnum==2.2 id-validator==1.0.20
npm install --silent --no-audit --no-fund --prefix "$work" validator@13.15.35 >/dev/null

cat > seen.py <<'PY'
from id_validator import validator
from stdnum.cn import ric

for number in ["440308199901101512", "810000199408230021", "830000199201300022"]:
    print(number[:2], "python-stdnum", ric.is_valid(number), "id-validator", validator.is_valid(number))
PY
cat > seen.js <<'JS'
const validator = require('validator');
for (const number of ['440308199901101512', '810000199408230021', '830000199201300022'])
  console.log(number.slice(0, 2), 'validator', validator.isIdentityCard(number, 'zh-CN'));
JS

{ py/bin/python seen.py; node seen.js; } > seen
cat > expected <<'SEEN'
44 python-stdnum True id-validator True
81 python-stdnum False id-validator True
83 python-stdnum False id-validator True
44 validator true
81 validator true
83 validator false
SEEN
cat seen
diff expected seen && echo "as described"
