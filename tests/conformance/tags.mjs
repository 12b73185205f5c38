// Tags by `@noble/curves`: alone, and against our token service's evaluation; a wrong proof is refused.
//
// Line 1 in: {seed, info, public, inputs}. Out: {public, blinded, alone}. Line 2 in: {answer}. Out: {outputs}. Bytes in hex.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// Modules lie in a directory of the build's, which ES modules don't look into by themselves.
const require = createRequire(`${process.env.CALLBOARD_CONFORMANCE_NODE_MODULES}/`);
const { voprf } = (await import(require.resolve("@noble/curves/ed25519.js"))).ristretto255_oprf;

const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);

const asked = await read();
const inputs = asked.inputs.map(bytes);
const keys = voprf.deriveKeyPair(bytes(asked.seed), bytes(asked.info));
const alone = inputs.map((input) => {
  const { blind, blinded } = voprf.blind(input);
  const { evaluated, proof } = voprf.blindEvaluate(keys.secretKey, keys.publicKey, blinded);
  return hex(voprf.finalize(input, blind, evaluated, blinded, keys.publicKey, proof));
});
const blinds = inputs.map((input) => ({ input, ...voprf.blind(input) }));
console.log(JSON.stringify({ public: hex(keys.publicKey), blinded: blinds.map(({ blinded }) => hex(blinded)), alone }));

const answer = bytes((await read()).answer);
const proof = answer.slice(0, 64);
const items = blinds.map((item, at) => ({ ...item, evaluated: answer.slice(64 + 32 * at, 96 + 32 * at) }));
const outputs = voprf.finalizeBatch(items, bytes(asked.public), proof).map(hex);
proof[0] ^= 1;
let refused = false;
try {
  voprf.finalizeBatch(items, bytes(asked.public), proof);
} catch {
  refused = true;
}
if (!refused) throw new Error("a wrong proof is believed");
console.log(JSON.stringify({ outputs }));
process.exit(0);
