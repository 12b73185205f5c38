// Seals for the secretariat in a browser: HPKE (RFC 9180) with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, base
// mode, by WebCrypto alone. The formats: docs/formats.md, section 17. The same in Rust: federation/src/report_key.

const text = new TextEncoder();
const { subtle } = globalThis.crypto ?? {};

/** Whether this browser can seal: WebCrypto is there in a secure context alone. */
export const canSeal = () => globalThis.isSecureContext !== false && subtle !== undefined;

export const utf8 = (of) => text.encode(of);

export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const random = (length) => globalThis.crypto.getRandomValues(new Uint8Array(length));
export const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A UUID of version 7 for what is sealed: the time in milliseconds, then chance. */
export function newId(at) {
  const bytes = random(16);
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(at) << 16n) | BigInt((bytes[6] << 8) | bytes[7]));
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function base64(bytes) {
  const parts = [];
  // A call takes so many arguments and no more.
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return btoa(parts.join(""));
}

export const fromBase64 = (of) => Uint8Array.from(atob(of), (char) => char.charCodeAt(0));

/** LP of the formats: the length as 4 bytes, then the bytes. */
export function prefixed(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concat(length, bytes);
}

const bound = (parts) => concat(...parts.map((part) => prefixed(utf8(part))));

/** 1,024, or the next step, each ⌈last × 5 ÷ 4⌉. */
export function paddedLength(length) {
  let step = 1024;
  while (step < length) step += Math.ceil(step / 4);
  return step;
}

function padded(bytes, by) {
  const all = new Uint8Array(paddedLength(bytes.length)).fill(by);
  all.set(bytes);
  return all;
}

// --- HKDF, AES-256-GCM and the commitment to a key

async function hmac(key, bytes) {
  // WebCrypto takes no HMAC key of no bytes; to HMAC it is the same as a block of zeros.
  const of = await subtle.importKey("raw", key.length === 0 ? new Uint8Array(32) : key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await subtle.sign("HMAC", of, bytes));
}

const extract = (salt, ikm) => hmac(salt, ikm);

async function expand(prk, info, length) {
  let [block, all] = [new Uint8Array(), new Uint8Array()];
  for (let count = 1; all.length < length; count += 1) {
    block = await hmac(prk, concat(block, info, Uint8Array.of(count)));
    all = concat(all, block);
  }
  return all.slice(0, length);
}

export const hkdf = async (ikm, salt, info, length) => expand(await extract(salt, ikm), info, length);

const aes = (key, usage) => subtle.importKey("raw", key, "AES-GCM", false, [usage]);
const gcm = (nonce, aad) => ({ name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 128 });

export async function encrypt(key, nonce, aad, bytes) {
  return new Uint8Array(await subtle.encrypt(gcm(nonce, aad), await aes(key, "encrypt"), bytes));
}

export async function decrypt(key, nonce, aad, bytes) {
  return new Uint8Array(await subtle.decrypt(gcm(nonce, aad), await aes(key, "decrypt"), bytes));
}

const commit = (key, nonce, aad) =>
  hkdf(key, new Uint8Array(), concat(utf8("callboard/commit/v1\0"), prefixed(nonce), prefixed(aad)), 32);

async function mustBeCommitted(sealed, key, aad) {
  if (hex(await commit(key, fromBase64(sealed.nonce), aad)) !== sealed.commit) throw new Error("another key");
}

// --- HPKE

const VERSION = utf8("HPKE-v1");
const KEM = concat(utf8("KEM"), Uint8Array.of(0x00, 0x10));
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0x00, 0x10, 0x00, 0x01, 0x00, 0x02));
const NOTHING = new Uint8Array();
const P256 = { name: "ECDH", namedCurve: "P-256" };

const labelledExtract = (suite, salt, label, ikm) => extract(salt, concat(VERSION, suite, utf8(label), ikm));

function labelledExpand(suite, prk, label, info, length) {
  return expand(prk, concat(Uint8Array.of(length >> 8, length & 0xff), VERSION, suite, utf8(label), info), length);
}

const publicKey = (bytes) => subtle.importKey("raw", bytes, P256, true, []);

/** What the KEM gives to both; apart for test vectors. */
export async function sharedSecret(ours, theirs, enc, recipient) {
  const dh = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: theirs }, ours, 256));
  const prk = await labelledExtract(KEM, NOTHING, "eae_prk", dh);
  return labelledExpand(KEM, prk, "shared_secret", concat(enc, recipient), 32);
}

/** Key and nonce of the first message, of which there is one. */
async function keySchedule(shared, info) {
  const context = concat(
    Uint8Array.of(0),
    await labelledExtract(SUITE, NOTHING, "psk_id_hash", NOTHING),
    await labelledExtract(SUITE, NOTHING, "info_hash", info),
  );
  const secret = await labelledExtract(SUITE, shared, "secret", NOTHING);
  return {
    key: await labelledExpand(SUITE, secret, "key", context, 32),
    nonce: await labelledExpand(SUITE, secret, "base_nonce", context, 12),
  };
}

/** HPKE's one message to a public key of 65 bytes; `ephemeral` is a key pair, for test vectors alone. */
export async function hpkeSeal(recipient, info, aad, bytes, ephemeral) {
  const pair = ephemeral ?? (await subtle.generateKey(P256, true, ["deriveBits"]));
  const enc = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const shared = await sharedSecret(pair.privateKey, await publicKey(recipient), enc, recipient);
  const { key, nonce } = await keySchedule(shared, info);
  return { enc, ciphertext: await encrypt(key, nonce, aad, bytes) };
}

/** Opens it with a pair of keys. */
export async function hpkeOpen({ privateKey, publicKey: ownKey }, enc, info, aad, ciphertext) {
  const own = new Uint8Array(await subtle.exportKey("raw", ownKey));
  const shared = await sharedSecret(privateKey, await publicKey(enc), enc, own);
  const { key, nonce } = await keySchedule(shared, info);
  return decrypt(key, nonce, aad, ciphertext);
}

// --- A message to several report keys

const reportInfo = (id) => utf8(`callboard/report-key/v1\0${id}`);
const reportBound = (id) => bound(["callboard/sealed-report/v1", id]);

/** Seals a value as JSON to report keys, each 65 bytes in base64. `id` is what the message belongs to. */
export async function seal(value, id, keys) {
  const [contentKey, nonce, aad] = [random(32), random(12), reportBound(id)];
  const wrapped = [];
  for (const key of keys.map(fromBase64)) {
    const { enc, ciphertext } = await hpkeSeal(key, reportInfo(id), NOTHING, contentKey);
    wrapped.push({ key: hex(await sha256(key)), enc: base64(enc), wrapped: base64(ciphertext) });
  }
  const ciphertext = await encrypt(contentKey, nonce, aad, padded(utf8(JSON.stringify(value)), 0x20));
  return {
    v: 1,
    keys: wrapped,
    nonce: base64(nonce),
    ciphertext: base64(ciphertext),
    commit: hex(await commit(contentKey, nonce, aad)),
  };
}

/** Opens it with a pair of keys. */
export async function open(sealed, id, pair) {
  const own = hex(await sha256(new Uint8Array(await subtle.exportKey("raw", pair.publicKey))));
  const ours = sealed.keys.find((one) => one.key === own);
  if (sealed.v !== 1 || ours === undefined) throw new Error("not sealed to this key");
  const contentKey = await hpkeOpen(pair, fromBase64(ours.enc), reportInfo(id), NOTHING, fromBase64(ours.wrapped));
  const aad = reportBound(id);
  await mustBeCommitted(sealed, contentKey, aad);
  return JSON.parse(new TextDecoder().decode(await decrypt(contentKey, fromBase64(sealed.nonce), aad, fromBase64(sealed.ciphertext))));
}

// --- What is sealed under one key that a report carries

/** Seals a value as JSON under 32 bytes; `belongsTo` says what it is, and of what. */
export async function sealUnder(key, belongsTo, value) {
  const [nonce, aad] = [random(12), bound(belongsTo)];
  const ciphertext = await encrypt(key, nonce, aad, padded(utf8(JSON.stringify(value)), 0x20));
  return { v: 1, nonce: base64(nonce), ciphertext: base64(ciphertext), commit: hex(await commit(key, nonce, aad)) };
}

export async function openUnder(key, belongsTo, sealed) {
  const aad = bound(belongsTo);
  if (sealed.v !== 1) throw new Error("another version");
  await mustBeCommitted(sealed, key, aad);
  const opened = await decrypt(key, fromBase64(sealed.nonce), aad, fromBase64(sealed.ciphertext));
  return JSON.parse(new TextDecoder().decode(opened));
}

/** Seals a file under 32 bytes and a nonce, as the file of this number of a report. */
export function sealFile(key, nonce, report, number, bytes) {
  return encrypt(key, nonce, bound(["callboard/sealed-file/v1", report, String(number)]), padded(bytes, 0));
}

export async function openFile(key, nonce, report, number, sealed, length) {
  const opened = await decrypt(key, nonce, bound(["callboard/sealed-file/v1", report, String(number)]), sealed);
  if (opened.length !== paddedLength(length)) throw new Error("another length");
  return opened.slice(0, length);
}
