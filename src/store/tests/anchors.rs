//! What anchors promise.

use super::*;

#[tokio::test]
async fn the_anchors_of_a_day_are_logged_together_and_once() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let put = async |member: &str, of_day: i64, taken_on: i64| {
            let payload_hash = Hash::of(format!("{member} {of_day}").as_bytes());
            let (member, envelope) = (member.to_owned(), member.as_bytes().to_vec());
            let mut append = store.begin_append().await.unwrap();
            append.put_anchor(&NewAnchor { member, of_day, taken_on, payload_hash, envelope }).await.unwrap();
            append.commit().await.unwrap();
            payload_hash
        };
        assert_eq!(store.oldest_waiting_day().await.unwrap(), None);
        let mut hashes = [put("alpha", 1, 1).await, put("beta", 0, 1).await];
        put("alpha", 2, 2).await;
        // The first of a day stays.
        let mut other = store.begin_append().await.unwrap();
        let (member, envelope) = ("alpha".to_owned(), Vec::new());
        let again = NewAnchor { member, of_day: 1, taken_on: 2, payload_hash: Hash::of(b""), envelope };
        other.put_anchor(&again).await.unwrap();
        other.commit().await.unwrap();
        assert_eq!(store.anchor_of("alpha", 1).await.unwrap().unwrap().payload_hash, hashes[0]);
        assert_eq!(store.oldest_waiting_day().await.unwrap(), Some(1));

        let of = |index, taken_on, count| NewEntry {
            index,
            logged_at: at(index),
            leaf: b"anchors".to_vec(),
            logged: NewEntryContent::Anchors { taken_on, count },
        };
        for count in [1, 3] {
            let wrong = append(store, &[of(1, 1, count)]).await;
            assert!(matches!(wrong, Err(StoreError::AnchorsMoved { expected, got: 2 }) if expected == count));
        }
        append(store, &[of(1, 1, 2), entry(2, 1)]).await.unwrap();
        let mut logging = store.begin_append().await.unwrap();
        let day = logging.anchors_of_day(1).await.unwrap();
        assert_eq!(day, AnchorsOfDay { waiting: Vec::new(), index: Some(1) });
        drop(logging);
        let logged = store.anchors(0, 9).await.unwrap();
        hashes.sort_unstable();
        assert_eq!(
            logged.iter().map(|anchor| (anchor.index, anchor.payload_hash)).collect::<Vec<_>>(),
            [(Some(1), hashes[0]), (Some(1), hashes[1])]
        );
        assert_eq!(store.oldest_waiting_day().await.unwrap(), Some(2));
        let read = store.entries(0, 9).await.unwrap();
        assert_eq!((read[1].leaf.as_slice(), &read[1].envelope, read[1].items.len()), (&b"anchors"[..], &None, 0));
        let dockets = store.dockets_after(None, 9).await.unwrap();
        assert_eq!(dockets.iter().map(|docket| docket.index).collect::<Vec<_>>(), [0, 2]);
        bench.end().await;
    }
}
