//! The details of `vectors/sealed.json`, and details of our own with each bit turned.

use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::encoding::{Base64, Time};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    record: RecordId,
    epoch: Epoch,
    tag: Tag,
    seal_key: Hash,
    share: Base64,
    details: Details,
    plain: Option<Value>,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Padding {
    length: usize,
    padded: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intermediate {
    content_aad: String,
    wrap_aad: String,
    wrap_key: String,
    share_hash: Hash,
}

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
    padding: Vec<Padding>,
    intermediate: Intermediate,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../vectors/sealed.json")).unwrap()
}

#[test]
fn details_open_with_seal_key_and_share_or_not_at_all() {
    let cases = vectors().cases;
    assert_eq!(cases.len(), 16);
    for Case { name, record, epoch, tag, seal_key, share, details, plain, reason } in cases {
        let seal_key = SealKey::from_bytes(*seal_key.as_bytes());
        let Ok(share) = share.0.try_into().map(Share::from_bytes) else {
            assert_eq!(reason.as_deref(), Some("share"), "{name}");
            continue;
        };
        match open(&details, record, &Holder { epoch, tag, seal_key: &seal_key }, &share) {
            Ok(opened) => assert_eq!(serde_json::to_value(&opened).ok(), plain, "{name}"),
            Err(fault) => {
                let code = match fault {
                    SealError::Share => "share",
                    SealError::NoWrap { .. } => "details-no-wrap",
                    SealError::WrapCommit => "wrap-commit",
                    SealError::ContentCommit => "content-commit",
                    SealError::ContentCiphertext => "content-ciphertext",
                    other => panic!("{name}: {other}"),
                };
                assert_eq!(reason.as_deref(), Some(code), "{name}");
            }
        }
    }
}

#[test]
fn every_step_on_the_way_gives_the_bytes_of_the_vectors() {
    let Vectors { cases, padding, intermediate } = vectors();
    for Padding { length, padded } in padding {
        assert_eq!(padded_length(length), padded, "{length}");
    }
    let Case { record, epoch, tag, seal_key, share, .. } = &cases[0];
    let seal_key = SealKey::from_bytes(*seal_key.as_bytes());
    let holder = Holder { epoch: *epoch, tag: *tag, seal_key: &seal_key };
    let share = Share::from_bytes(share.0.clone().try_into().unwrap());
    assert_eq!(hex::encode(cipher::content_aad(*record)), intermediate.content_aad);
    assert_eq!(hex::encode(cipher::wrap_aad(&holder, *record)), intermediate.wrap_aad);
    assert_eq!(hex::encode(*cipher::wrap_key(&holder, &share, *record).unwrap()), intermediate.wrap_key);
    assert_eq!(share.hash(), intermediate.share_hash);
}

fn record() -> RecordId {
    RecordId::new(Time::from_seconds(1_780_000_000), [3; 10])
}

fn plain(reasons: String) -> Plain {
    let mut plain = Plain { names: vec!["刘某某".to_owned()], reasons, ..Plain::default() };
    plain.more.insert("hearing".to_owned(), Value::from(2));
    plain
}

/// Seals for two holders, and gives the second's means with the details.
fn sealed(plain: &Plain, seed: u64) -> (Details, Share, SealKey, Epoch, Tag) {
    let [first, second] = [1, 2].map(|of| SealKey::from_bytes([of; 32]));
    let epoch = Epoch::new(1).unwrap();
    let holders = [(Tag::from_bytes([8; 32]), &first), (Tag::from_bytes([9; 32]), &second)]
        .map(|(tag, seal_key)| Holder { epoch, tag, seal_key });
    let (details, share) = seal(plain, record(), &holders, &mut StdRng::seed_from_u64(seed)).unwrap();
    let tag = holders[1].tag;
    (details, share, second, epoch, tag)
}

#[test]
fn what_would_not_be_read_back_is_not_sealed() {
    for (member, value) in [("names", Value::from("x")), ("why", Value::Null), ("part", Value::from(0.5))] {
        let mut plain = plain(String::new());
        plain.more.insert(member.to_owned(), value);
        let refused = seal(&plain, record(), &[], &mut StdRng::seed_from_u64(0));
        assert!(matches!(refused, Err(SealError::Plain)), "{member}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sealed_opens_and_has_the_length_of_a_step(reasons in ".{0,2000}", seed in any::<u64>()) {
        let plain = plain(reasons);
        let (details, share, seal_key, epoch, tag) = sealed(&plain, seed);
        let holder = Holder { epoch, tag, seal_key: &seal_key };
        prop_assert_eq!(open(&details, record(), &holder, &share).unwrap(), plain);
        let length = details.ciphertext.0.len() - 16;
        prop_assert_eq!(padded_length(length), length);
    }

    #[test]
    fn no_turned_bit_opens(
        part in 0..8_usize,
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
        seed in any::<u64>(),
    ) {
        let (mut details, mut share, seal_key, epoch, tag) = sealed(&plain("words".to_owned()), seed);
        let turn = |bytes: &mut [u8]| bytes[at.index(bytes.len())] ^= 1 << bit;
        let turn_hash = |hash: &mut Hash| {
            let mut bytes = *hash.as_bytes();
            turn(&mut bytes);
            *hash = Hash::from_bytes(bytes);
        };
        match part {
            0 => turn(&mut details.nonce.0),
            1 => turn(&mut details.ciphertext.0),
            2 => turn_hash(&mut details.commit),
            3 => turn_hash(&mut details.share),
            4 => turn(&mut details.wraps[1].nonce.0),
            5 => turn(&mut details.wraps[1].key.0),
            6 => turn_hash(&mut details.wraps[1].commit),
            _ => turn(&mut share.0),
        }
        let holder = Holder { epoch, tag, seal_key: &seal_key };
        prop_assert!(open(&details, record(), &holder, &share).is_err());
    }
}
