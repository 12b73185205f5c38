"""Tags by PyPI's `voprf`: alone, and against our token service's evaluation.

Line 1 in: {seed, info, public, inputs}. Out: {public, blinded, alone}. Line 2 in: {answer}. Out: {outputs}. Bytes in hex.
`voprf` panics on a wrong proof, so it is only ever shown right ones.
"""
import json, sys
from voprf import ristretto

asked = json.loads(sys.stdin.readline())
inputs = [bytes.fromhex(text) for text in asked["inputs"]]
evaluator = ristretto.Evaluator.from_seed(bytes.fromhex(asked["seed"]), bytes.fromhex(asked["info"]))
clients = [ristretto.Client.blind(text) for text in inputs]
print(json.dumps({
    "public": evaluator.public_key.serialize().hex(),
    "blinded": [blinded.serialize().hex() for _, blinded in clients],
    "alone": [evaluator.evaluate_known_input(text).hex() for text in inputs],
}), flush=True)

answer = ristretto.VerifiableBatchOutput.deserialize(bytes.fromhex(json.loads(sys.stdin.readline())["answer"]))
public = ristretto.PublicKey.deserialize(bytes.fromhex(asked["public"]))
outputs = ristretto.Client.finalize_batch([client for client, _ in clients], answer, public)
print(json.dumps({"outputs": [output.hex() for output in outputs]}))
