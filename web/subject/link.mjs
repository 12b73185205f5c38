// The link and what follows from it. The formats: docs/formats.md, section 18. The same in Rust:
// federation/src/subject_session/link.rs.

import { concat, hex, hkdf, sha256, utf8 } from "../shared/seal.mjs";

const DOMAIN = "callboard/session/v1\0";

/** The key of a link, or of what stands behind its `#`; `undefined` where a part of it is missing. */
export function keyOf(link) {
  const fragment = link.trim().split("#").pop();
  if (!/^[A-Za-z0-9_-]{43}$/.test(fragment)) return undefined;
  const bytes = Uint8Array.from(atob(`${fragment.replace(/-/g, "+").replace(/_/g, "/")}=`), (char) => char.charCodeAt(0));
  return bytes.length === 32 ? bytes : undefined;
}

/** By what the registry knows the session. */
export const idOf = async (key) => hex((await sha256(concat(utf8(DOMAIN), key))).subarray(0, 16));

/** The key of what is sealed to it. */
export const contentKey = (key) => hkdf(key, new Uint8Array(), utf8(`${DOMAIN}content`), 32);

/** What it is bound to. */
export const contentBound = (id) => ["callboard/session/v1", id];

/** Six digits however they are typed; `undefined` if they aren't. */
export function codeOf(typed) {
  const digits = typed
    .replace(/[\s-]/g, "")
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}
