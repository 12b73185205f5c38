use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_federation::{
    identity::{Identity, IdentityKind},
    tlog::merkle::leaf_hash,
    token::{Blind, Evaluation, blinded_root, finalise, read_batch},
};
use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::Value;
use voprf::{BlindedElement, EvaluationElement, Proof, Ristretto255, VoprfClient, VoprfServer};

use super::*;

fn base64(value: &Value) -> Vec<u8> {
    STANDARD.decode(text(value)).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn hex<const N: usize>(value: &Value) -> [u8; N] {
    hex::decode(text(value)).unwrap().try_into().unwrap()
}

fn scalar(value: &Value) -> Scalar {
    Scalar::from_canonical_bytes(hex(value)).unwrap()
}

fn prf_input(case: &Value) -> Vec<u8> {
    let kind = IdentityKind::from_word(text(&case["kind"])).unwrap();
    Identity::normalise(kind, text(&case["value"]), false).unwrap().prf_input().to_vec()
}

fn asked(input: &[u8], seed: u64) -> ([WirePoint; 1], Blind) {
    let blind = Blind::draw(&mut StdRng::seed_from_u64(seed));
    ([blind.blind(input).unwrap()], blind)
}

fn answer_to(secret: &TokenSecret, batch: &[WirePoint], seed: u64) -> Vec<u8> {
    secret.evaluate(batch, &mut StdRng::seed_from_u64(seed)).unwrap()
}

fn secret_of(epoch: u64) -> TokenSecret {
    TokenSecret::derive(&[7; 32], "callboard.example", Epoch::new(epoch).unwrap()).unwrap()
}

// Those of mode 0 (OPRF) are left out: nothing here speaks it, an answer without a proof is never taken.
#[test]
fn the_published_vectors_of_mode_1_hold() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../federation/vectors/rfc9497-ristretto255-sha512.json")).unwrap();
    let suite = list(&vectors["suites"]).iter().find(|suite| suite["mode"] == 1).unwrap();
    let key = derive_key(&hex(&suite["seed"]), &hex::decode(text(&suite["keyInfo"])).unwrap()).unwrap();
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
        let evaluated = Evaluation::read(&secret.public(), &batch, &answer).unwrap();
        let pairs: Vec<_> = inputs.iter().map(Vec::as_slice).zip(&blinds).collect();
        for ((tag, seal), output) in finalise(&pairs, &evaluated).unwrap().iter().zip(part("Output")) {
            assert_eq!([*tag.as_bytes(), *seal.as_bytes()].as_flattened(), hex::<64>(&output));
        }
    }
}

#[test]
fn an_epochs_key_is_derived_for_its_issuer_and_number_alone() {
    let vectors: Value = serde_json::from_str(include_str!("../../../federation/vectors/token-key.json")).unwrap();
    for case in list(&vectors["keys"]) {
        let epoch = Epoch::new(case["epoch"].as_u64().unwrap()).unwrap();
        let issuer = text(&case["issuer"]);
        assert_eq!(hex::encode(key_info(issuer, epoch)), text(&case["info"]));
        let scalar = derive_key(&hex(&vectors["seed"]), &key_info(issuer, epoch)).unwrap();
        assert_eq!(scalar.to_bytes(), hex(&case["secret"]));
        let secret = TokenSecret::derive(&hex(&vectors["seed"]), issuer, epoch).unwrap();
        assert_eq!(secret.public().to_string(), text(&case["public"]));
        let input = prf_input(&case["example"]);
        let (batch, blind) = asked(&input, 3);
        let evaluated = Evaluation::read(&secret.public(), &batch, &answer_to(&secret, &batch, 4)).unwrap();
        let (tag, seal) = finalise(&[(&input, &blind)], &evaluated).unwrap().remove(0);
        assert_eq!(tag.to_string(), text(&case["example"]["tag"]));
        assert_eq!(hex::encode(seal.as_bytes()), text(&case["example"]["sealKey"]));
    }
}

#[test]
fn an_auditor_recomputes_the_point_that_a_member_opens() {
    let vectors: Value = serde_json::from_str(include_str!("../../../federation/vectors/blinds.json")).unwrap();
    let identities: Value = serde_json::from_str(include_str!("../../../federation/vectors/identities.json")).unwrap();
    let secret = TokenSecret::of_bytes(hex(&identities["tokenKey"]["secret"])).unwrap();
    let mut batch = Vec::new();
    for case in list(&vectors["points"]) {
        let blind = Blind::from_bytes(base64(&case["blind"]).try_into().unwrap()).unwrap();
        let point = blind.blind(&prf_input(case)).unwrap();
        assert_eq!(point.to_vec(), base64(&case["point"]));
        assert_eq!(leaf_hash(&point).to_string(), text(&case["leaf"]));
        assert_eq!(answer_to(&secret, &[point], 5)[PROOF_BYTES..], base64(&case["evaluated"]));
        batch.push(point);
        assert_eq!(blinded_root(&batch).to_string(), text(&vectors["roots"][batch.len().to_string()]));
    }
}

#[test]
fn however_a_number_is_written_one_person_has_one_tag() {
    let vectors: Value = serde_json::from_str(include_str!("../../../federation/vectors/identities.json")).unwrap();
    let secret = TokenSecret::of_bytes(hex(&vectors["tokenKey"]["secret"])).unwrap();
    assert_eq!(hex::encode(secret.public().as_bytes()), text(&vectors["tokenKey"]["public"]));
    for case in list(&vectors["valid"]) {
        let kind = IdentityKind::from_word(text(&case["kind"])).unwrap();
        let identity = Identity::normalise(kind, text(&case["raw"]), case["confirmed"] == true).unwrap();
        let input = identity.prf_input();
        let blind = Blind::from_bytes(std::array::from_fn(|at| u8::from(at == 0) * 5)).unwrap();
        let batch = [blind.blind(&input).unwrap()];
        let evaluated = Evaluation::read(&secret.public(), &batch, &answer_to(&secret, &batch, 1)).unwrap();
        let (tag, seal) = finalise(&[(&input, &blind)], &evaluated).unwrap().remove(0);
        assert_eq!(tag.to_string(), text(&case["tag"]), "{}", case["note"]);
        assert_eq!(hex::encode(seal.as_bytes()), text(&case["sealKey"]), "{}", case["note"]);
    }
}

#[test]
fn a_point_that_is_no_canonical_point_is_never_evaluated() {
    let secret = secret_of(1);
    let mut rng = StdRng::seed_from_u64(2);
    let good = Blind::draw(&mut rng).blind(b"x").unwrap();
    for bad in [[0; 32], [0xff; 32], std::array::from_fn(|at| u8::from(at == 0))] {
        assert_eq!(secret.evaluate(&[good, bad], &mut rng), Err(TokenError::Point { at: 1 }));
    }
    assert_eq!(secret.evaluate(&[], &mut rng), Err(TokenError::BatchSize));
    assert_eq!(secret.evaluate(&vec![good; 1_001], &mut rng), Err(TokenError::BatchSize));
    assert_eq!(read_batch(&[0; 33]).err(), Some(TokenError::BatchSize));
}

/// `bytes` as another encoding of the same scalar: the group's order added (little-endian).
fn not_canonical(bytes: [u8; 32]) -> [u8; 32] {
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    let mut carry = 0;
    std::array::from_fn(|at| {
        let sum = u16::from(bytes[at]) + u16::from(order[at]) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    })
}

#[test]
fn a_blind_is_a_canonical_scalar_other_than_zero() {
    assert!(Blind::from_bytes(Scalar::ONE.to_bytes()).is_ok());
    for bad in [[0; 32], not_canonical([0; 32]), not_canonical(Scalar::ONE.to_bytes()), [0xff; 32]] {
        assert_eq!(Blind::from_bytes(bad).err(), Some(TokenError::Scalar));
    }
}

#[test]
fn no_two_proofs_share_a_nonce() {
    let (batch, _) = asked(b"x", 6);
    let secret = secret_of(1);
    // Of one batch under one key, c tells the nonce; a shared one would give the key away.
    let challenge = |seed| answer_to(&secret, &batch, seed)[..32].to_vec();
    assert_ne!(challenge(1), challenge(2));
}

#[test]
fn an_answer_to_another_question_is_not_believed() {
    let (inputs, secret) = ([b"x", b"y"], secret_of(1));
    let blinds = inputs.map(|input| asked(input, 7));
    let batch = [blinds[0].0[0], blinds[1].0[0]];
    let answer = answer_to(&secret, &batch, 8);
    let read = |public: &TokenSecret, batch: &[WirePoint], answer: &[u8]| {
        Evaluation::read(&public.public(), batch, answer).map(|evaluated| evaluated.len())
    };
    assert_eq!(read(&secret, &batch, &answer), Ok(2));
    assert_eq!(read(&secret_of(2), &batch, &answer), Err(TokenError::Proof), "another key");
    assert_eq!(read(&secret, &[batch[1], batch[0]], &answer), Err(TokenError::Proof), "another order");
    let mut swapped = answer.clone();
    swapped[PROOF_BYTES..].rotate_left(POINT_BYTES);
    assert_eq!(read(&secret, &batch, &swapped), Err(TokenError::Proof), "points swapped");
    let mut replaced = answer.clone();
    replaced[PROOF_BYTES..].copy_from_slice(batch.as_flattened());
    assert_eq!(read(&secret, &batch, &replaced), Err(TokenError::Proof), "points sent back");
    for identity in [[0; 32], [0xff; 32]] {
        replaced[PROOF_BYTES..PROOF_BYTES + POINT_BYTES].copy_from_slice(&identity);
        assert_eq!(read(&secret, &batch, &replaced), Err(TokenError::Proof), "no point");
    }
    for half in [0..32, 32..64] {
        let mut other = answer.clone();
        let bytes = not_canonical(answer[half.clone()].try_into().unwrap());
        other[half].copy_from_slice(&bytes);
        assert_eq!(read(&secret, &batch, &other), Err(TokenError::Proof), "a scalar written otherwise");
    }
}

#[test]
fn an_answer_has_a_proof_and_a_point_for_each_asked() {
    let (secret, (batch, blind)) = (secret_of(1), asked(b"x", 9));
    let answer = answer_to(&secret, &batch, 10);
    let more = [answer.as_slice(), &batch[0]].concat();
    for wrong in [&[][..], &answer[..PROOF_BYTES], &answer[..answer.len() - 1], &more] {
        let read = Evaluation::read(&secret.public(), &batch, wrong);
        assert_eq!(read.err(), Some(TokenError::AnswerSize), "{} bytes", wrong.len());
    }
    let evaluated = Evaluation::read(&secret.public(), &batch, &answer).unwrap();
    for pairs in [&[][..], &[(&b"x"[..], &blind), (b"y", &blind)]] {
        assert_eq!(finalise(pairs, &evaluated).err(), Some(TokenError::AnswerSize));
    }
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
        let evaluated = Evaluation::read(&secret.public(), &batch, &answer).unwrap();
        let pairs: Vec<_> = slices.iter().copied().zip(&blinds).collect();
        for ((tag, seal), output) in finalise(&pairs, &evaluated).unwrap().iter().zip(&outputs) {
            let ours = [*tag.as_bytes(), *seal.as_bytes()];
            prop_assert_eq!(ours.as_flattened(), output.as_slice());
        }

        // A bit less, and nothing is believed.
        answer[usize::from(seed[0]) % PROOF_BYTES] ^= 1;
        prop_assert!(Evaluation::read(&secret.public(), &batch, &answer).is_err());
    }
}
