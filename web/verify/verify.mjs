// Verifies proof files of records and notices off line, against a genesis hash (docs/formats.md §5, §8 and §19). WebCrypto
// alone: SHA-256 and Ed25519. Nothing is sent and nothing is asked of anyone.
//
// It holds what the formats ask of a file: leaf, signatures, rosters from the genesis on, policy, checkpoint, witnesses, tree.
// Whether each statement is well formed in every member, `callboard verify` says; the committee signed it as it is.

import { has, JsonError, read, textOf } from "./json.mjs";

const DAY = 86_400_000;
const MOST_OLD = 14 * DAY;
const MOST_AHEAD = 5 * 60_000;
const HEADER = "c2sp.org/tlog-proof@v1";
const MOST_HASHES = 53;
const UNDECIDED = "0".repeat(64);
const DOCUMENTS = ["roster", "members", "policy"];
const MEASURES = ["notice", "warning", "restriction", "suspension", "bar"];
const KINDS = ["ruling", "interim", "annulment", "end", "stay", "reinstatement", "dispute", "rejoinder", "link", "erasure"];
const ABOUT = {
  annulment: ["ruling", "interim", "reinstatement", "link"],
  end: ["stay", "reinstatement", "dispute", "link"],
  stay: ["ruling", "interim"],
  reinstatement: ["ruling", "interim"],
};
const DOCKET_TYPE = "application/vnd.callboard.docket+json";

/** Why a file shows nothing: a code, and which part of it fails (`record`, `notice`, `root 0`), if it is one. */
export class Fault extends Error {
  constructor(code, part) {
    super(part === undefined ? code : `${part}: ${code}`);
    this.code = code;
    this.part = part;
  }
}

// ---- Encodings -------------------------------------------------------------------------------------------------------------

const utf8 = (text) => new TextEncoder().encode(text);
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const equal = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const isHash = (text) => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
const isId = (text) =>
  typeof text === "string" && /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);

const bytesOfHex = (text) => Uint8Array.from(text.match(/../g), (two) => parseInt(two, 16));

function concat(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

/** Standard base64: padded, without stray bits. `undefined` if it isn't. */
function base64(text, length) {
  if (typeof text !== "string" || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  const binary = atob(text);
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  const isWritten = btoa(binary) === text;
  return isWritten && (length === undefined || bytes.length === length) ? bytes : undefined;
}

/** A time as the formats write it, in milliseconds; `undefined` if it is none. */
function time(text) {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) return undefined;
  const millis = Date.parse(text);
  return Number.isNaN(millis) || new Date(millis).toISOString() !== text ? undefined : millis;
}

function uint32(value) {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));

// ---- Ed25519 ---------------------------------------------------------------------------------------------------------------

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Whether this browser verifies Ed25519 signatures: a known one does, and the same with a bit flipped doesn't. */
export async function canVerify() {
  const key = bytesOfHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = bytesOfHex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  );
  try {
    if (!(await verifies(key, signature, new Uint8Array(0)))) return false;
    signature[0] ^= 1;
    return !(await verifies(key, signature, new Uint8Array(0)));
  } catch {
    return false;
  }
}

async function verifies(key, signature, message) {
  const s = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (s >= ORDER) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  } catch (error) {
    // A key that is no point verifies nothing; a browser that can't is told apart before (`canVerify`).
    if (error?.name === "NotSupportedError") throw error;
    return false;
  }
}

// ---- Parts of a file -------------------------------------------------------------------------------------------------------

const isEnvelope = (value) =>
  has(value, ["payload", "payloadType", "signatures"]) &&
  base64(value.payload) !== undefined &&
  typeof value.payloadType === "string" &&
  Array.isArray(value.signatures) &&
  value.signatures.every((line) => has(line, ["keyid", "sig"]) && isHash(line.keyid) && base64(line.sig, 64) !== undefined);

const isPart = (value) =>
  has(value, ["index", "position", "entry", "statement", "docket", "proof"]) &&
  isCount(value.index) &&
  isCount(value.position) &&
  base64(value.entry) !== undefined &&
  base64(value.statement) !== undefined &&
  isEnvelope(value.docket) &&
  typeof value.proof === "string";

const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

function json(bytes, code, part) {
  try {
    return read(textOf(bytes));
  } catch (error) {
    if (error instanceof JsonError) throw new Fault(code, part);
    throw error;
  }
}

/** The lines of a tlog-proof before its empty line, each with its newline. */
function inclusion(text) {
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : [];
  let at = 0;
  if (lines[at++] !== HEADER) return undefined;
  if (lines[at]?.startsWith("extra ")) {
    if (base64(lines[at++].slice(6)) === undefined) return undefined;
  }
  const index = /^index (0|[1-9][0-9]*)$/.exec(lines[at++] ?? "")?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) return undefined;
  const hashes = lines.slice(at).map((line) => base64(line, 32));
  if (hashes.length > MOST_HASHES || hashes.includes(undefined)) return undefined;
  return { index: Number(index), hashes };
}

/** RFC 6962: whether the hashes lead from a leaf to the root of a tree of `size`. */
async function isIncluded({ index, hashes }, leaf, size, root) {
  if (index >= size) return false;
  let [first, last, hash] = [BigInt(index), BigInt(size) - 1n, leaf];
  for (const sibling of hashes) {
    if (last === 0n) return false;
    if ((first & 1n) === 1n || first === last) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while ((first & 1n) === 0n && first !== 0n) [first, last] = [first >> 1n, last >> 1n];
    } else hash = await sha256(Uint8Array.of(1), hash, sibling);
    [first, last] = [first >> 1n, last >> 1n];
  }
  return last === 0n && equal(hash, root);
}

/** The leaf and the docket that it is of, with the signatures that it is of. */
async function leafOf(part, { index, entry, docket: envelope }, way) {
  const leaf = base64(entry);
  const words = /^\{"v":1,"loggedAt":"([^"]*)","docket":"([0-9a-f]{64})","signatures":"([0-9a-f]{64})"\}$/.exec(text(leaf) ?? "");
  const loggedAt = time(words?.[1]);
  if (loggedAt === undefined) throw new Fault("entry-form", part);
  const payload = base64(envelope.payload);
  if (hexOf(await sha256(payload)) !== words[2]) throw new Fault("entry-docket", part);
  const type = utf8(envelope.payloadType);
  const signed = envelope.signatures.flatMap((line) => [bytesOfHex(line.keyid), base64(line.sig)]);
  if (hexOf(await sha256(uint32(type.length), type, ...signed)) !== words[3]) throw new Fault("entry-signatures", part);
  if (way.index !== index) throw new Fault("proof-index", part);
  const docket = json(payload, "docket", part);
  if (!isDocket(docket)) throw new Fault("docket", part);
  return { part, index, leaf, loggedAt, envelope, payload, payloadHash: words[2], docket, way };
}

function text(bytes) {
  try {
    return textOf(bytes);
  } catch {
    return undefined;
  }
}

function isDocket(docket) {
  const isItem = (item) =>
    has(item, ["record", "kind", "commitment"], ["of"]) &&
    isId(item.record) &&
    isHash(item.commitment) &&
    fits(item.kind, item.of);
  if (
    !has(docket, ["v", "id", "issuer", "issuedAt", "roster", "items"], ["publication"]) ||
    docket.v !== 1 ||
    !isId(docket.id) ||
    typeof docket.issuer !== "string" ||
    time(docket.issuedAt) === undefined ||
    !isCount(docket.roster) ||
    !Array.isArray(docket.items) ||
    docket.items.length < 1 ||
    docket.items.length > 1000 ||
    !docket.items.every(isItem) ||
    ("publication" in docket && !isHash(docket.publication))
  ) {
    return false;
  }
  const documents = docket.items.filter((item) => DOCUMENTS.includes(item.kind)).length;
  const rosters = docket.items.filter((item) => item.kind === "roster").length;
  const records = new Set(docket.items.map((item) => item.record));
  return (
    records.size === docket.items.length &&
    (documents === 0 || documents === docket.items.length) &&
    (rosters === 0 || docket.items.length === 1)
  );
}

/** Whether an item of this kind may be `of` that. */
function fits(kind, of) {
  if (kind === "ruling") return MEASURES.includes(of);
  if (kind === "interim") return of === "restriction" || of === "suspension";
  if (kind in ABOUT) return ABOUT[kind].includes(of);
  return of === undefined && (KINDS.includes(kind) || DOCUMENTS.includes(kind));
}

/** A part with its statement. */
async function partOf(name, shown) {
  const way = inclusion(shown.proof);
  if (way === undefined) throw new Fault(shown.proof.includes("\n\n") ? "proof-checkpoint-repeated" : "proof-form", name);
  const opened = await leafOf(name, shown, way);
  const item = opened.docket.items[shown.position];
  if (item === undefined) throw new Fault("proof-position", name);
  const bytes = base64(shown.statement);
  if (hexOf(await sha256(utf8("callboard/statement/v1"), Uint8Array.of(0), bytes)) !== item.commitment) {
    throw new Fault("commitment", name);
  }
  const statement = json(bytes, "docket", name);
  const isSaid =
    statement.v === 1 &&
    statement.id === item.record &&
    statement.kind === item.kind &&
    (!["ruling", "interim"].includes(item.kind) || statement.measure?.kind === item.of);
  if (!isSaid) throw new Fault("docket", name);
  let document;
  if (DOCUMENTS.includes(item.kind)) {
    if (typeof statement.document !== "string") throw new Fault("docket", name);
    const written = utf8(statement.document);
    document = { value: json(written, "docket", name), sha256: hexOf(await sha256(written)) };
    if (document.value.v !== 1) throw new Fault("docket", name);
  }
  return { ...opened, item, statement, document };
}

// ---- Who signed, under which rules -----------------------------------------------------------------------------------------

/** The seats of a roster by their key ids. */
async function seatsOf(roster, part) {
  const seats = new Map();
  if (!Array.isArray(roster.seats)) throw new Fault("docket", part);
  for (const seat of roster.seats) {
    const key = base64(seat.publicKey, 32);
    if (key === undefined || typeof seat.holder !== "string") throw new Fault("docket", part);
    seats.set(hexOf(await sha256(key)), { key, holder: seat.holder, role: seat.role });
  }
  return seats;
}

/** Whether as many seats of each role signed as the roster asks for these items. */
function isEnough(roster, seats, items, signers) {
  const asked = new Map();
  for (const { kind, of } of items) {
    const rule = roster.thresholds[`${kind}/${of}`] ?? roster.thresholds[kind];
    if (!Array.isArray(rule) || rule.length === 0) return false;
    for (const { role, count } of rule) asked.set(role, Math.max(asked.get(role) ?? 0, count));
  }
  const signed = (role) => signers.filter((keyid) => seats.get(keyid)?.role === role).length;
  return [...asked].every(([role, count]) => Number.isSafeInteger(count) && count > 0 && signed(role) >= count);
}

/** Each signature is by another of these seats, and verifies. */
async function signersOf({ envelope, payload, part }, seatOf) {
  if (envelope.payloadType !== DOCKET_TYPE || envelope.signatures.length === 0) throw new Fault("docket", part);
  const type = utf8(envelope.payloadType);
  const pae = concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
  const signers = [];
  for (const { keyid, sig } of envelope.signatures) {
    const seat = seatOf(keyid);
    if (seat === undefined || signers.includes(keyid)) throw new Fault("docket", part);
    if (!(await verifies(seat.key, base64(sig), pae))) throw new Fault("docket", part);
    signers.push(keyid);
  }
  return signers;
}

/** Holds a docket against the roster in force (§5.1, §5.2); a roster's own docket against both. */
async function checkSigned(opened, current, next) {
  const { part, docket, loggedAt, index } = opened;
  const refuse = () => {
    throw new Fault("docket", part);
  };
  const issuedAt = time(docket.issuedAt);
  if (issuedAt + MOST_OLD < loggedAt || issuedAt > loggedAt + MOST_AHEAD) refuse();
  if (current === undefined) {
    const isGenesis = next !== undefined && index === 0 && next.value.version === 1 && docket.roster === 1;
    if (!isGenesis || docket.issuer !== next.value.issuer || !(loggedAt < time(next.value.expires))) refuse();
    const signers = await signersOf(opened, (keyid) => next.seats.get(keyid));
    if (!isEnough(next.value, next.seats, docket.items, signers)) refuse();
    return signers;
  }
  const { value, seats } = current;
  if (docket.issuer !== value.issuer || docket.roster !== value.version) refuse();
  if (next === undefined && !(loggedAt < time(value.expires))) refuse();
  if (next !== undefined) {
    if (next.value.version !== value.version + 1 || next.value.issuer !== value.issuer) refuse();
    if (!(issuedAt < time(next.value.expires))) refuse();
    for (const epoch of value.epochs) {
      const now = next.value.epochs.find((one) => one.number === epoch.number && one.publicKey === epoch.publicKey);
      if (now === undefined || (epoch.state === "closed" && now.state === "live")) refuse();
    }
  }
  const signers = await signersOf(opened, (keyid) => seats.get(keyid) ?? next?.seats.get(keyid));
  if (!isEnough(value, seats, docket.items, signers)) refuse();
  if (next !== undefined && !isEnough(next.value, next.seats, docket.items, signers)) refuse();
  return signers;
}

/** Holds a statement against its policy and the roster's epochs (§5.5, §5.6), as far as it alone shows them. */
function checkStatement(opened, roster, policy) {
  const { part, statement, docket, loggedAt } = opened;
  const refuse = () => {
    throw new Fault("docket", part);
  };
  for (const { epoch } of statement.subject?.tags ?? []) {
    const known = roster.epochs.find((one) => one.number === epoch);
    if (known === undefined || (known.state !== "live" && statement.kind !== "link")) refuse();
  }
  if (statement.policy === undefined) return;
  const { instrument, version, effectiveFrom, measures, interim, import: taken } = policy.value;
  if (instrument !== statement.policy.instrument || version !== statement.policy.version) refuse();
  const from = statement.kind === "annulment" ? loggedAt : time(statement.effectiveAt);
  if (!(time(effectiveFrom) <= from)) refuse();
  if (statement.procedure === UNDECIDED) {
    if (statement.kind !== "ruling" || taken === undefined || !(loggedAt <= time(taken.until))) refuse();
  }
  if (!["ruling", "interim"].includes(statement.kind)) return;
  const { kind, scopes, until } = statement.measure;
  const rule = measures[kind];
  if (rule === undefined) refuse();
  const isAllowed = (scope) => rule.scopes.includes(scope) || (rule.scopes.includes("topic") && scope.startsWith("topic:"));
  if ((scopes.length === 0) !== (rule.scopes.length === 0) || !scopes.every(isAllowed)) refuse();
  if (statement.kind === "ruling") {
    if ((rule.until === "required" && until === undefined) || (rule.until === "forbidden" && until !== undefined)) refuse();
  } else {
    const starts = time(statement.effectiveAt);
    if (starts > time(docket.issuedAt) + DAY || !(time(until) <= starts + interim.maxDays * DAY)) refuse();
  }
}

// ---- The checkpoint --------------------------------------------------------------------------------------------------------

/** A verifier key of a roster: its name, hash, type and key. */
async function verifierKey(written) {
  const [, name, hash, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/u.exec(written) ?? [];
  const bytes = base64(encoded, 33);
  if (bytes === undefined) return undefined;
  const key = { name, type: bytes[0], key: bytes.slice(1) };
  const right = await keyHash(key);
  return hexOf(right) === hash ? { ...key, hash: right } : undefined;
}

const keyHash = async ({ name, type, key }) => (await sha256(utf8(`${name}\n`), Uint8Array.of(type), key)).slice(0, 4);

/** A note: its text, and its lines. */
function note(written) {
  const split = written.indexOf("\n\n");
  if (split < 0 || !written.endsWith("\n")) return undefined;
  const text = written.slice(0, split + 1);
  const lines = written.slice(split + 2, -1).split("\n").map((line) => {
    const [, name, encoded] = /^— ([^+\s]+) (\S+)$/u.exec(line) ?? [];
    const bytes = base64(encoded);
    return bytes === undefined || bytes.length < 5 ? undefined : { name, hash: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  if (lines.includes(undefined)) return undefined;
  const [origin, size, root, ...more] = text.slice(0, -1).split("\n");
  const isText = /^(0|[1-9][0-9]*)$/.test(size ?? "") && Number.isSafeInteger(Number(size)) && !more.includes("") && origin !== "";
  const bytes = base64(root, 32);
  return isText && bytes !== undefined ? { text, lines, origin, size: Number(size), root: bytes } : undefined;
}

/** Whether log and witnesses of the last roster signed the checkpoint, and nobody else. Gives since when it is witnessed. */
async function checkNote(noted, roster, now) {
  const keys = async (written) => {
    const all = await Promise.all((written ?? []).map(verifierKey));
    if (all.includes(undefined)) throw new Fault("docket");
    return all;
  };
  const log = await keys(roster.log);
  const cosigners = await Promise.all(
    log.map(async (key) => {
      const own = { ...key, type: 4 };
      return { ...own, hash: await keyHash(own) };
    }),
  );
  const witnesses = await keys(roster.witnesses?.keys);
  if (noted.origin !== roster.issuer) throw new Fault("checkpoint");
  let isSigned = false;
  const newest = new Map();
  for (const { name, hash, signature } of noted.lines) {
    const is = (key) => key.name === name && equal(key.hash, hash);
    const signer = log.find(is);
    const cosigner = cosigners.find(is) ?? witnesses.find(is);
    if (signer !== undefined) {
      if (signature.length !== 64 || !(await verifies(signer.key, signature, utf8(noted.text)))) throw new Fault("checkpoint");
      isSigned = true;
    } else if (cosigner !== undefined) {
      if (signature.length !== 72) throw new Fault("checkpoint");
      const at = signature.slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      const message = utf8(`cosignature/v1\ntime ${at}\n${noted.text}`);
      if (at >= 2n ** 63n || !(await verifies(cosigner.key, signature.slice(8), message))) throw new Fault("checkpoint");
      const seconds = Number(at);
      const isAhead = seconds * 1000 > now + MOST_AHEAD;
      if (!isAhead) newest.set(cosigner, Math.max(newest.get(cosigner) ?? 0, seconds));
    } else throw new Fault("checkpoint-unknown-signature");
  }
  if (!isSigned) throw new Fault("checkpoint");
  const { quorum } = roster.witnesses;
  const times = witnesses.filter((key) => newest.has(key)).map((key) => newest.get(key)).sort((a, b) => b - a);
  if (!isCount(quorum) || times.length < quorum) throw new Fault("checkpoint-quorum");
  const own = cosigners.filter((key) => newest.has(key)).map((key) => newest.get(key));
  return { quorum, witnesses: times.length, since: quorum === 0 ? Math.max(...own, 0) || undefined : times[quorum - 1] };
}

// ---- Whole files -----------------------------------------------------------------------------------------------------------

/**
 * Verifies a file against a genesis hash; without one against the hash that the file begins with, which proves nothing until
 * somebody compares it. `now` in milliseconds. Throws a `Fault`.
 */
export async function verify(bytes, genesis, now = Date.now()) {
  let file;
  try {
    file = read(textOf(bytes));
  } catch (error) {
    if (error instanceof JsonError) throw new Fault("json");
    throw error;
  }
  const isNotice = typeof file === "object" && "publication" in file;
  const members = isNotice
    ? ["v", "index", "entry", "docket", "publication", "proof", "roots"]
    : ["v", "index", "position", "entry", "statement", "docket", "proof", "roots"];
  if (!has(file, members)) throw new Fault("member-unknown");
  const split = typeof file.proof === "string" ? file.proof.indexOf("\n\n") : -1;
  const noted = split < 0 ? undefined : note(file.proof.slice(split + 2));
  const way = split < 0 ? undefined : inclusion(file.proof.slice(0, split + 1));
  if (noted === undefined || way === undefined) throw new Fault("proof-form");
  const isShaped =
    isCount(file.index) &&
    base64(file.entry) !== undefined &&
    isEnvelope(file.docket) &&
    (isNotice ? base64(file.publication) !== undefined : isCount(file.position) && base64(file.statement) !== undefined);
  if (!isShaped || !Array.isArray(file.roots)) throw new Fault("member-unknown");
  file.roots.forEach((root, at) => {
    if (isPart(root) && root.proof.includes("\n\n")) throw new Fault("proof-checkpoint-repeated", `root ${at}`);
    if (!isPart(root)) throw new Fault("member-unknown", `root ${at}`);
  });
  if (file.v !== 1) throw new Fault("version");

  const name = isNotice ? "notice" : "record";
  const own = isNotice
    ? await leafOf(name, file, way)
    : await partOf(name, { ...file, proof: file.proof.slice(0, split + 1) });
  let publication;
  if (isNotice) {
    const text = base64(file.publication);
    publication = hexOf(await sha256(text)) === own.docket.publication ? json(text, "publication", name) : undefined;
    const isText = has(publication, ["v", "zh", "en"]) && publication.v === 1;
    if (!isText || typeof publication.zh !== "string" || typeof publication.en !== "string") throw new Fault("publication", name);
    if (own.docket.items.some((item) => item.kind === "roster")) throw new Fault("docket", name);
  }
  const roots = [];
  for (const [at, root] of file.roots.entries()) roots.push(await partOf(`root ${at}`, root));
  const { rosters, policy } = rootsOf(own, roots, isNotice);
  const pinned = rosters[0].payloadHash;
  if (genesis !== undefined && pinned !== genesis) throw new Fault("genesis-not-pinned");

  const isAmong = rosters.some((roster) => roster.index === own.index);
  const parts = [...roots, ...(own.item?.kind === "roster" && isAmong ? [] : [own])].sort((a, b) => a.index - b.index);
  let [current, previous, signers] = [undefined, -Infinity, []];
  for (const part of parts) {
    if (part.loggedAt < previous) throw new Fault("entry-time-decreases", part.part);
    previous = part.loggedAt;
    const isRoster = part.item?.kind === "roster";
    const next = isRoster ? { value: part.document.value, seats: await seatsOf(part.document.value, part.part) } : undefined;
    const signed = await checkSigned(part, current, next);
    if (part.statement !== undefined) checkStatement(part, (current ?? next).value, policy?.document);
    if (part.index === own.index) signers = signed.map((keyid) => (current?.seats.get(keyid) ?? next?.seats.get(keyid)));
    if (isRoster) current = next;
  }

  const watched = await checkNote(noted, current.value, now);
  for (const part of [...roots, own]) {
    const leaf = await sha256(Uint8Array.of(0), part.leaf);
    if (!(await isIncluded(part.way, leaf, noted.size, noted.root))) throw new Fault("proof-inclusion", part.part);
  }
  return {
    kind: name,
    genesis: pinned,
    issuer: current.value.issuer,
    index: own.index,
    loggedAt: own.loggedAt,
    items: own.docket.items,
    statement: own.statement,
    item: own.item,
    policy: policy?.document.value,
    publication,
    signers: signers.map(({ holder, role }) => ({ holder, role })),
    size: noted.size,
    ...watched,
  };
}

/** The rosters in order, then the policy that the record names; nothing else. */
function rootsOf(own, roots, isNotice) {
  const count = roots.findIndex((root) => root.item.kind !== "roster");
  const rosters = count < 0 ? roots : roots.slice(0, count);
  const others = count < 0 ? [] : roots.slice(count);
  if (rosters.length === 0) {
    throw new Fault(others.some((other) => other.item.kind === "roster") ? "roster-order" : "roster-missing");
  }
  if (rosters[0].index !== 0) throw new Fault("genesis-not-pinned");
  const isOrdered = rosters.every((roster, at) => at === 0 || rosters[at - 1].index < roster.index);
  const isRoster = own.item?.kind === "roster";
  if (!isOrdered || (isRoster && !rosters.some((roster) => roster.index === own.index))) throw new Fault("roster-order");
  const named = isNotice ? undefined : own.statement.policy;
  if (named === undefined) {
    if (others.length > 0) throw new Fault("roster-order");
    return { rosters };
  }
  if (others.length > 1) throw new Fault("roster-order");
  if (others.length === 0 || others[0].item.kind !== "policy" || others[0].document.sha256 !== named.sha256) {
    throw new Fault("policy-unknown");
  }
  return { rosters, policy: others[0] };
}

// ---- Printed letters -------------------------------------------------------------------------------------------------------

/** The code of a printed letter, in either case; `undefined` if it is none. */
export function printed(written) {
  const [, record, commitment] = /^callboard:record\/([0-9a-f-]{36})\/([0-9a-f]{64})$/.exec(written.trim().toLowerCase()) ?? [];
  return isId(record) ? { record, commitment } : undefined;
}

/** What a code is, held against what was verified: `proven`, `another`, or `unproven`. */
export function holdPrinted(code, shown) {
  const item = shown.items.find((item) => item.record === code.record);
  if (item === undefined) return "unproven";
  return item.commitment === code.commitment ? "proven" : "another";
}

export { isHash };
