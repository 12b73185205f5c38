//! What is kept of drafts is read back in order, by whoever's it is; of two changes at once one is taken.

use callboard_api::registry::drafts::{Draft, DraftAct, DraftAnswer, DraftState};
use callboard_federation::encoding::{Base64, DraftId, KeyId, Octets};

use super::{
    super::drafts::{DraftList, KeptDraft, LISTS, StoredDraft, TakenBack},
    *,
};

/// The log as far as it goes.
const SIZE: u64 = 9;

fn seat(name: &str) -> KeyId {
    Hash::of(name.as_bytes())
}

/// The draft of the docket of an entry.
fn draft(index: u64, drafter: &str, asked: &[&str]) -> KeptDraft {
    KeptDraft {
        id: DraftId::new(at(index), random_of(index)),
        docket: Hash::of(&index.to_be_bytes()),
        drafter: seat(drafter),
        at: at(index),
        asked: asked.iter().map(|name| seat(name)).collect(),
        sealed: format!("sealed {index}").into_bytes(),
    }
}

fn answer(name: &str, act: DraftAct) -> DraftAnswer {
    let signature = (act == DraftAct::Sign).then_some(Octets([7; 64]));
    DraftAnswer { seat: seat(name), act, at: at(99), signature, sealed: Some(Base64(name.into())) }
}

async fn kept(store: &Store, draft: &KeptDraft) -> StoredDraft {
    store.draft(draft.id, SIZE).await.unwrap().unwrap()
}

async fn listed(store: &Store, of_seat: Option<&str>, state: Option<DraftState>) -> Vec<u64> {
    let key = of_seat.map(seat);
    let list = DraftList { seat: key.as_ref(), state, before: None, rows: 99 };
    let listed = store.drafts(list, SIZE).await.unwrap();
    for draft in &listed {
        let whole = store.draft(draft.id, SIZE).await.unwrap().unwrap().draft;
        let acts = |answers: &[DraftAnswer]| answers.iter().map(|answer| (answer.seat, answer.act)).collect::<Vec<_>>();
        assert_eq!((&draft.asked, acts(&draft.answers)), (&whole.asked, acts(&whole.answers)));
        assert!(draft.answers.iter().all(|answer| answer.signature.is_none() && answer.sealed.is_none()));
    }
    listed.iter().map(|draft| u64::try_from(draft.drafted_at.as_millis() - at(0).as_millis()).unwrap()).collect()
}

#[tokio::test]
async fn a_seat_is_listed_its_own_drafts_the_newest_first() {
    for bench in engines().await {
        let store = &bench.store;
        let drafts = [
            draft(0, "secretary", &["panel", "chair"]),
            draft(1, "secretary", &["chair", "secretary"]),
            draft(2, "chair", &["panel"]),
        ];
        for one in &drafts {
            assert!(store.put_draft(one).await.unwrap());
            assert!(
                !store.put_draft(&KeptDraft { id: DraftId::new(at(50), random_of(50)), ..one.clone() }).await.unwrap()
            );
        }
        let first = kept(store, &drafts[0]).await;
        assert_eq!(first.draft.asked, drafts[0].asked, "in the order that they were named");
        assert!(store.put_draft_answer(&first, &answer("panel", DraftAct::Ask), TakenBack::Nothing).await.unwrap());
        assert_eq!(listed(store, None, None).await, [2, 1, 0]);
        assert_eq!(listed(store, Some("secretary"), None).await, [1, 0]);
        assert_eq!(listed(store, Some("panel"), None).await, [2, 0]);
        assert_eq!(listed(store, Some("auditor"), None).await, [0; 0]);

        // What is logged is the log's to say, and no more of it than is published.
        append(store, &[entry(0, 1)]).await.unwrap();
        assert_eq!(kept(store, &drafts[0]).await.draft.index, Some(0));
        assert_eq!(store.draft(drafts[0].id, 0).await.unwrap().unwrap().draft.state, DraftState::Open);
        let second = kept(store, &drafts[1]).await;
        let withdraw = answer("secretary", DraftAct::Withdraw);
        assert!(store.put_draft_answer(&second, &withdraw, TakenBack::Draft).await.unwrap());
        for (state, of_state) in [(DraftState::Open, 2), (DraftState::Withdrawn, 1), (DraftState::Logged, 0)] {
            assert_eq!(listed(store, None, Some(state)).await, [of_state]);
            let of_seat = listed(store, Some("chair"), Some(state)).await;
            assert_eq!(of_seat, [of_state], "{state:?}");
        }

        let page = DraftList { seat: None, state: None, before: Some(drafts[2].id), rows: 1 };
        assert_eq!(store.drafts(page, SIZE).await.unwrap()[0].id, drafts[1].id);
        bench.end().await;
    }
}

#[tokio::test]
async fn an_answer_to_what_changed_since_is_not_taken() {
    for bench in engines().await {
        let (store, draft) = (&bench.store, draft(0, "secretary", &["panel", "chair"]));
        store.put_draft(&draft).await.unwrap();
        let before = kept(store, &draft).await;
        let signs = |name| store.put_draft_answer(&before, name, TakenBack::Nothing);
        let (panel, chair) = (answer("panel", DraftAct::Sign), answer("chair", DraftAct::Sign));
        let (one, other) = tokio::join!(signs(&panel), signs(&chair));
        assert_eq!([one.unwrap(), other.unwrap()].iter().filter(|taken| **taken).count(), 1);
        let after = kept(store, &draft).await;
        assert_eq!((after.draft.answers.len(), after.version), (1, 1));
        store.erase_draft(draft.id, at(5)).await.unwrap();
        assert!(!store.put_draft_answer(&after, &chair, TakenBack::Nothing).await.unwrap(), "it is erased");
        bench.end().await;
    }
}

#[tokio::test]
async fn what_is_withdrawn_or_erased_leaves_no_byte_in_any_row_or_file() {
    for bench in engines().await {
        let (store, mut draft) = (&bench.store, draft(0, "secretary", &["panel", "chair"]));
        // Longer than a page.
        draft.sealed = b"ciphertext".repeat(2_000);
        store.put_draft(&draft).await.unwrap();
        let acts = [
            ("panel", DraftAct::Sign, TakenBack::Nothing),
            ("chair", DraftAct::Sign, TakenBack::Nothing),
            ("panel", DraftAct::Withdraw, TakenBack::Signature),
        ];
        for (name, act, takes) in acts {
            let stored = kept(store, &draft).await;
            assert!(store.put_draft_answer(&stored, &answer(name, act), takes).await.unwrap());
        }
        let signed: Vec<_> =
            kept(store, &draft).await.draft.answers.iter().map(|answer| answer.signature.is_some()).collect();
        assert_eq!(signed, [false, true, false]);
        assert_eq!(store.draft_ciphertext(draft.id).await.unwrap().as_ref(), Some(&draft.sealed));
        assert!(has_file_of(&bench, b"ciphertextcipher").await.is_none_or(|has| has));

        store.erase_draft(draft.id, at(5)).await.unwrap();
        store.erase_draft(draft.id, at(6)).await.unwrap();
        let erased = kept(store, &draft).await.draft;
        assert_eq!((erased.erased_at, erased.state), (Some(at(5)), DraftState::Withdrawn));
        assert!(erased.answers.iter().all(|answer| answer.signature.is_none() && answer.sealed.is_none()));
        assert_eq!(store.draft_ciphertext(draft.id).await.unwrap(), None);
        for gone in [&b"ciphertextcipher"[..], &[7; 64]] {
            assert!(!has_file_of(&bench, gone).await.unwrap_or_default(), "what was erased lies in the file");
        }
        bench.end().await;
    }
}

/// Whether the file of a store holds these bytes; of one without a file none.
async fn has_file_of(bench: &TestStore, bytes: &[u8]) -> Option<bool> {
    let directory = bench.directory.as_ref()?;
    bench.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let file = std::fs::read(directory.path().join("store.sqlite")).unwrap();
    Some(file.windows(bytes.len()).any(|window| window == bytes))
}

#[tokio::test]
async fn an_erasure_erases_the_drafts_of_what_it_is_about_and_its_own() {
    for bench in engines().await {
        let store = &bench.store;
        let drafts = [0, 1, 2, 3].map(|index| draft(index, "secretary", &["panel"]));
        for draft in &drafts {
            store.put_draft(draft).await.unwrap();
            let stored = kept(store, draft).await;
            store.put_draft_answer(&stored, &answer("panel", DraftAct::Sign), TakenBack::Nothing).await.unwrap();
        }
        append(store, &[entry(0, 2), entry(1, 1)]).await.unwrap();
        let mut erasure = entry(2, 1);
        erasure.docket_mut().erased = vec![record_id(0, 1)];
        append(store, &[erasure]).await.unwrap();
        for (draft, is_erased) in drafts.iter().zip([true, false, true, false]) {
            let Draft { erased_at, answers, .. } = kept(store, draft).await.draft;
            assert_eq!(erased_at, is_erased.then_some(at(2)));
            assert_eq!(store.draft_ciphertext(draft.id).await.unwrap().is_none(), is_erased);
            assert_eq!(answers[0].signature.is_none() && answers[0].sealed.is_none(), is_erased);
        }
        bench.end().await;
    }
}

#[tokio::test]
async fn no_list_of_drafts_reads_more_rows_than_it_is_of() {
    reads_no_more_than_it_is_of(LISTS).await;
}
