//! RFC 9180's own vector of our KEM, a message with each bit turned, and keys that no seat signed.

use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};

use super::{
    declared::{DeclaredReportKey, DeclaredReportKeyError, check, sign},
    sealed::{SealedForKeys, SealedForKeysError, seal},
    under_key::{self, SealingKey, open_file, seal_file, sealed_length},
    *,
};
use crate::{
    encoding::{PublicKey, Time},
    roster::{Role, Roster},
    statement::{Act, Statement},
};
use ed25519_dalek::SigningKey;

const ID: &str = "019c167f-cc00-7568-8a65-6cc0703e460a";

fn key(seed: u64) -> ReportSecretKey {
    ReportSecretKey::generate(&mut StdRng::seed_from_u64(seed))
}

fn sealed(content: &[u8], seed: u64) -> SealedForKeys {
    seal(content, ID, &[key(1).public(), key(2).public()], &mut StdRng::seed_from_u64(seed)).unwrap()
}

/// RFC 9180, appendix A.3.1: what recipient and encapsulated key make, whichever cipher follows.
#[test]
fn the_kem_gives_the_shared_secret_of_the_rfc() {
    let bytes = |text: &str| hex::decode(text).unwrap();
    let secret = bytes("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
    let enc = bytes(
        "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c\
         9bfcb9382657222d18c4",
    );
    let recipient = ReportSecretKey::from_bytes(&secret).unwrap();
    assert_eq!(
        hex::encode(recipient.public().as_bytes()),
        "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1\
         d128aafd68a2ce72ea0"
    );
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&enc).unwrap();
    let shared = Kem::decap(&recipient.0, None, &enc).unwrap();
    assert_eq!(hex::encode(shared.0), "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8");
}

#[test]
fn each_seat_opens_a_message_and_nobody_else_does() {
    let sealed = sealed(br#"{"v":1}"#, 7);
    for seat in [1, 2] {
        let opened = sealed.open(ID, &[key(9), key(seat)]).unwrap();
        assert_eq!(opened.trim_ascii_end(), br#"{"v":1}"#);
        assert_eq!(opened.len(), 1_024, "its length tells a step alone");
    }
    assert_eq!(sealed.open(ID, &[key(3)]).unwrap_err(), SealedForKeysError::NotForUs);
    assert_eq!(sealed.open("another", &[key(1)]).unwrap_err(), SealedForKeysError::Wrapped);
}

#[test]
fn two_seats_never_open_two_contents() {
    let (one, other) = (sealed(b"1", 1), sealed(b"2", 2));
    let mut mixed = one.clone();
    mixed.keys[1] = other.keys[1].clone();
    assert_eq!(mixed.open(ID, &[key(2)]).unwrap_err(), SealedForKeysError::Commit);
    assert_eq!(mixed.open(ID, &[key(1)]).unwrap().trim_ascii_end(), b"1");
}

#[test]
fn what_is_not_formed_as_the_formats_say_is_refused_before_it_is_opened() {
    let good = sealed(b"{}", 1);
    let none = SealedForKeys { keys: Vec::new(), ..good.clone() };
    assert_eq!(none.check(), Err(SealedForKeysError::Keys));
    let twice = SealedForKeys { keys: vec![good.keys[0].clone(), good.keys[0].clone()], ..good.clone() };
    assert_eq!(twice.check(), Err(SealedForKeysError::Keys));
    assert_eq!(SealedForKeys { v: 2, ..good.clone() }.check(), Err(SealedForKeysError::Version));
    let mut short = good;
    short.ciphertext.0.pop();
    assert_eq!(short.check(), Err(SealedForKeysError::Ciphertext));
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    let mut bytes = *key(1).public().as_bytes();
    bytes[40] ^= 1;
    assert_eq!(ReportPublicKey::try_from(Octets(bytes)), Err(ReportKeyError));
    assert_eq!(ReportPublicKey::try_from(Octets([0; 65])), Err(ReportKeyError));
    assert!(ReportSecretKey::from_bytes(&[0; 32]).is_err());
}

#[test]
fn a_file_opens_as_the_file_of_its_number_and_report_alone() {
    let (key, nonce) = (SealingKey::from_bytes([7; 32]), [3; 12]);
    for length in [0, 1, 1_024, 1_025, 70_000] {
        let file: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let sealed = seal_file(&file, &key, &nonce, ID, 2).unwrap();
        assert_eq!(sealed.len(), sealed_length(length));
        assert_eq!(*open_file(&sealed, &key, &nonce, (ID, 2), length).unwrap(), file);
        assert!(open_file(&sealed, &key, &nonce, (ID, 3), length).is_err());
        assert!(open_file(&sealed, &key, &nonce, ("another", 2), length).is_err());
    }
}

#[test]
fn a_report_key_counts_as_a_secretariats_seat_signed_it() {
    let log = crate::vectors::entries();
    let first =
        crate::vectors::disclosed(&log["lines"][0]).or_else(|| crate::vectors::disclosed(&log["disclosures"][0]));
    let statement = first.unwrap().items.remove(0).unwrap();
    let Act::Roster(roster) = Statement::from_json(&statement).unwrap().act else { panic!("entry 0 is a roster") };
    let mut roster = roster.value;
    let signing = SigningKey::from_bytes(&[7; 32]);
    let seat = roster.seats.first_mut().unwrap();
    (seat.public_key, seat.role) = (PublicKey::of(&signing), Role::Secretariat);

    let declared = DeclaredReportKey {
        v: 1,
        issuer: roster.issuer.clone(),
        public_key: key(1).public(),
        at: Time::from_seconds(5),
    };
    let envelope = sign(&declared, &signing);
    let held = check(&envelope, &roster).unwrap();
    assert_eq!((held.declared, held.seat), (declared, PublicKey::of(&signing).id()));
    let foreign = Roster { issuer: "another.example".to_owned(), ..roster.clone() };
    assert!(matches!(check(&envelope, &foreign), Err(DeclaredReportKeyError::Issuer(_))));
    roster.seats[0].role = Role::Panel;
    assert!(matches!(check(&envelope, &roster), Err(DeclaredReportKeyError::Signature(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_turned_bit_opens(
        part in 0..5_usize, at in any::<prop::sample::Index>(), bit in 0..8_u32, seed in any::<u64>(),
    ) {
        let mut sealed = sealed(b"{}", seed);
        let turn = |bytes: &mut [u8]| bytes[at.index(bytes.len())] ^= 1 << bit;
        match part {
            0 => turn(&mut sealed.keys[0].enc.0),
            1 => turn(&mut sealed.keys[0].wrapped.0),
            2 => turn(&mut sealed.nonce.0),
            3 => turn(&mut sealed.ciphertext.0),
            _ => {
                let mut bytes = *sealed.commit.as_bytes();
                turn(&mut bytes);
                sealed.commit = Hash::from_bytes(bytes);
            }
        }
        prop_assert!(sealed.open(ID, &[key(1)]).is_err());
    }

    #[test]
    fn words_open_under_their_key_and_place_alone(words in ".{0,300}", seed in any::<u64>()) {
        let key = SealingKey::from_bytes([1; 32]);
        let content = serde_json::to_vec(&words).unwrap();
        let sealed = under_key::seal(&content, &key, &["x", ID], &mut StdRng::seed_from_u64(seed)).unwrap();
        let opened = sealed.open(&key, &["x", ID]).unwrap();
        prop_assert_eq!(opened.trim_ascii_end(), content.trim_ascii_end());
        prop_assert!(sealed.open(&key, &["y", ID]).is_err());
        prop_assert!(sealed.open(&SealingKey::from_bytes([2; 32]), &["x", ID]).is_err());
    }
}
