// What this browser keeps of a session, and how it signs: two pairs of keys that can't be taken out of it, in IndexedDB. The
// formats: docs/formats.md, sections 3 and 18.

import { Refused } from "../shared/registry.mjs";
import { base64, hex, newId, random, sha256, utf8 } from "../shared/seal.mjs";

const { subtle } = globalThis.crypto ?? {};
const DATABASE = "callboard-subject";
const STORE = "sessions";

const done = (request) =>
  new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });

async function store(mode) {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
  return (await done(request)).transaction(STORE, mode).objectStore(STORE);
}

/** A session that this browser opened or is about to; the last of them where none is named. */
export async function kept(id) {
  const sessions = await store("readonly");
  if (id !== undefined) return done(sessions.get(id));
  const all = await done(sessions.getAll());
  return all.filter((one) => one.isOpen).sort((one, other) => other.keptAt - one.keptAt)[0];
}

export async function keep(session) {
  await done((await store("readwrite")).put(session));
  return session;
}

export async function forget(id) {
  await done((await store("readwrite")).delete(id));
}

/** A session of a link, with keys of its own: they are kept before they are shown, so that a cut line loses nothing. */
export async function begin(id, key) {
  const sign = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const seal = await subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  return keep({ id, key, sign, seal, isOpen: false, texts: {}, keptAt: Date.now() });
}

const raw = async (key) => new Uint8Array(await subtle.exportKey("raw", key));

/** Both public keys, as the registry takes them. */
export async function publicKeys({ sign, seal }) {
  return { publicKey: base64(await raw(sign.publicKey)), sealTo: base64(await raw(seal.publicKey)) };
}

/** How far the registry's clock is ahead of this one, in milliseconds: phones are set by hand. */
let ahead = 0;

async function signed(session, method, url, body) {
  const digest = body === undefined ? undefined : `sha-256=:${base64(await sha256(utf8(body)))}:`;
  const components = digest === undefined ? ["@method", "@target-uri"] : ["@method", "@target-uri", "content-digest"];
  const keyid = hex(await sha256(await raw(session.sign.publicKey)));
  const created = Math.floor((Date.now() + ahead) / 1000);
  const params =
    `(${components.map((one) => `"${one}"`).join(" ")});created=${created};nonce="${base64(random(16))}"` +
    `;keyid="${keyid}";alg="ecdsa-p256-sha256";tag="callboard"`;
  const values = { "@method": method, "@target-uri": url, "content-digest": digest };
  const lines = components.map((one) => `"${one}": ${values[one]}\n`).join("");
  const base = utf8(`${lines}"@signature-params": ${params}`);
  const signature = await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, session.sign.privateKey, base);
  const headers = { "signature-input": `callboard=${params}`, signature: `callboard=:${base64(new Uint8Array(signature))}:` };
  if (digest !== undefined) Object.assign(headers, { "content-digest": digest, "content-type": "application/json" });
  return headers;
}

/** Asks with the browser's own key; `path` is what stands behind the session's address. */
export async function ask(session, method, path, value) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const url = new URL(`../v1/sessions/${session.id}/${path}`, location.href.replace(/[?#].*$/, "")).href;
  for (let attempt = 1; ; attempt += 1) {
    const request = { method, body, cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };
    let answer;
    try {
      answer = await fetch(url, { ...request, headers: await signed(session, method, url, body) });
    } catch {
      if (attempt < 4) {
        await new Promise((again) => setTimeout(again, 500 * 2 ** attempt));
        continue;
      }
      throw new Refused(0);
    }
    const read = await answer.json().catch(() => undefined);
    if (answer.ok) return read;
    const refused = new Refused(answer.status, read, Number(answer.headers.get("retry-after")) || undefined);
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    if (refused.type === "request-signature" && attempt === 1 && Math.abs(theirs - Date.now() - ahead) > 30_000) {
      ahead = theirs - Date.now();
      continue;
    }
    throw refused;
  }
}

/** An id of now, by the registry's clock. */
export const idOfNow = () => newId(Date.now() + ahead);
