use curve25519_dalek::Scalar;
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::Value;
use voprf::{BlindedElement, EvaluationElement, Proof, Ristretto255, VoprfClient, VoprfServer};

use super::{evaluate::key_info, proof::prove_with, suite::read_points, *};
use crate::{
    tag::Epoch,
    tlog::merkle::leaf_hash,
    vectors::{base64, list, text},
};

fn hex<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(text(value)).unwrap().try_into().unwrap()
}

fn scalar(value: &Value) -> Scalar {
    Scalar::from_canonical_bytes(hex(value)).unwrap()
}

#[test]
fn the_published_vectors_of_mode_1_hold() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/rfc9497-ristretto255-sha512.json")).unwrap();
    let suite = list(&vectors["suites"]).iter().find(|suite| suite["mode"] == 1).unwrap();
    let key = suite::derive_key(&hex(&suite["seed"]), &hex::decode(text(&suite["keyInfo"])).unwrap()).unwrap();
    assert_eq!(key, scalar(&suite["skSm"]));
    let secret = TokenSecret::of_scalar(&key).unwrap();
    for vector in list(&suite["vectors"]) {
        let part = |name: &str| -> Vec<Value> { text(&vector[name]).split(',').map(Value::from).collect() };
        let inputs: Vec<Vec<u8>> = part("Input").iter().map(|input| hex::decode(text(input)).unwrap()).collect();
        let blinds: Vec<Blind> = part("Blind").iter().map(|blind| Blind::from_bytes(hex(blind)).unwrap()).collect();
        let batch: Vec<WirePoint> =
            inputs.iter().zip(&blinds).map(|(input, blind)| blind.blind(input).unwrap()).collect();
        let expected: Vec<WirePoint> = part("BlindedElement").iter().map(hex).collect();
        assert_eq!(batch, expected);
        let given: Vec<WirePoint> = part("EvaluationElement").iter().map(hex).collect();
        let nonce = scalar(&vector["Proof"]["r"]);
        let points = read_points(&batch).unwrap();
        let proof = prove_with(&nonce, &key, &secret.public(), &batch, &points, &given);
        assert_eq!(proof, hex::<64>(&vector["Proof"]["proof"]));
        let mut rng = StdRng::seed_from_u64(1);
        let answer = secret.evaluate(&batch, &mut rng).unwrap();
        assert_eq!(&answer[PROOF_BYTES..], given.as_flattened());
        let evaluated = Evaluated::read(&secret.public(), &batch, &answer).unwrap();
        let pairs: Vec<_> = inputs.iter().map(Vec::as_slice).zip(&blinds).collect();
        for ((tag, seal), output) in finalise(&pairs, &evaluated).unwrap().iter().zip(part("Output")) {
            assert_eq!([*tag.as_bytes(), *seal.as_bytes()].as_flattened(), hex::<64>(&output));
        }
    }
}

#[test]
fn an_epochs_key_is_derived_for_its_issuer_and_number_alone() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/token-key.json")).unwrap();
    for case in list(&vectors["keys"]) {
        let epoch = Epoch::new(case["epoch"].as_u64().unwrap()).unwrap();
        let issuer = text(&case["issuer"]);
        assert_eq!(hex::encode(key_info(issuer, epoch)), text(&case["info"]));
        let secret = TokenSecret::derive(&hex(&vectors["seed"]), issuer, epoch).unwrap();
        assert_eq!(secret.public().to_string(), text(&case["public"]));
    }
}

#[test]
fn an_auditor_recomputes_the_point_that_a_member_opens() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/blinds.json")).unwrap();
    let mut batch = Vec::new();
    for case in list(&vectors["points"]) {
        let blind = Blind::from_bytes(base64(&case["blind"]).try_into().unwrap()).unwrap();
        let input =
            [b"callboard/identity/v1\0", text(&case["kind"]).as_bytes(), b"\0", text(&case["value"]).as_bytes()];
        let point = blind.blind(&input.concat()).unwrap();
        assert_eq!(point.to_vec(), base64(&case["point"]));
        assert_eq!(leaf_hash(&point).to_string(), text(&case["leaf"]));
        batch.push(point);
        assert_eq!(blinded_root(&batch).to_string(), text(&vectors["roots"][batch.len().to_string()]));
    }
}

#[test]
fn a_point_that_is_no_canonical_point_is_never_evaluated() {
    let secret = TokenSecret::derive(&[7; 32], "callboard.example", Epoch::new(1).unwrap()).unwrap();
    let mut rng = StdRng::seed_from_u64(2);
    let good = Blind::draw(&mut rng).blind(b"x").unwrap();
    for bad in [[0; 32], [0xff; 32], std::array::from_fn(|at| u8::from(at == 0))] {
        assert_eq!(secret.evaluate(&[good, bad], &mut rng), Err(TokenError::Point { at: 1 }));
    }
    assert_eq!(secret.evaluate(&[], &mut rng), Err(TokenError::BatchSize));
    assert_eq!(secret.evaluate(&vec![good; 1_001], &mut rng), Err(TokenError::BatchSize));
    assert_eq!(read_batch(&[0; 33]).err(), Some(TokenError::BatchSize));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn we_and_the_voprf_crate_understand_each_other(inputs in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..80), 1..6), seed in any::<[u8; 32]>()) {
        let mut rng = StdRng::from_seed(seed);
        let secret = TokenSecret::derive(&seed, "callboard.example", Epoch::new(1).unwrap()).unwrap();
        let info = key_info("callboard.example", Epoch::new(1).unwrap());
        let server = VoprfServer::<Ristretto255>::new_from_seed(&seed, &info).unwrap();
        let public = server.get_public_key();

        // Theirs blinds, ours evaluates, theirs checks and finalises.
        let theirs: Vec<_> = inputs.iter().map(|input| VoprfClient::<Ristretto255>::blind(input, &mut rand_core_09::OsRng).unwrap()).collect();
        let batch: Vec<WirePoint> = theirs.iter().map(|blinded| blinded.message.serialize().as_slice().try_into().unwrap()).collect();
        let answer = secret.evaluate(&batch, &mut rng).unwrap();
        let messages: Vec<_> = answer[PROOF_BYTES..].chunks(32).map(|point| EvaluationElement::<Ristretto255>::deserialize(point).unwrap()).collect();
        let proof = Proof::<Ristretto255>::deserialize(&answer[..PROOF_BYTES]).unwrap();
        let clients: Vec<_> = theirs.iter().map(|blinded| blinded.state.clone()).collect();
        let slices: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let outputs: Vec<_> = VoprfClient::batch_finalize(&slices, &clients, &messages, &proof, public).unwrap().map(Result::unwrap).collect();

        // Ours blinds, theirs evaluates, ours checks and finalises: the same outputs.
        let blinds: Vec<Blind> = inputs.iter().map(|_| Blind::draw(&mut rng)).collect();
        let batch: Vec<WirePoint> = inputs.iter().zip(&blinds).map(|(input, blind)| blind.blind(input).unwrap()).collect();
        let elements: Vec<_> = batch.iter().map(|point| BlindedElement::<Ristretto255>::deserialize(point).unwrap()).collect();
        let prepared: Vec<_> = server.batch_blind_evaluate_prepare(elements.iter()).collect();
        let finished = server.batch_blind_evaluate_finish(&mut rand_core_09::OsRng, elements.iter(), &prepared).unwrap();
        let mut answer = finished.proof.serialize().to_vec();
        finished.messages.for_each(|message| answer.extend_from_slice(&message.serialize()));
        let evaluated = Evaluated::read(&secret.public(), &batch, &answer).unwrap();
        let pairs: Vec<_> = slices.iter().copied().zip(&blinds).collect();
        for ((tag, seal), output) in finalise(&pairs, &evaluated).unwrap().iter().zip(&outputs) {
            let ours = [*tag.as_bytes(), *seal.as_bytes()];
            prop_assert_eq!(ours.as_flattened(), output.as_slice());
        }

        // A bit less, and nothing is believed.
        answer[usize::from(seed[0]) % PROOF_BYTES] ^= 1;
        prop_assert!(Evaluated::read(&secret.public(), &batch, &answer).is_err());
    }
}
