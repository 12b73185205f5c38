//! What erasing promises: it is seen whole, and leaves the log as it is.

use super::*;

#[tokio::test]
async fn an_erasure_leaves_leaf_and_docket_alone() {
    for bench in engines().await {
        let store = &bench.store;
        let text = b"{\"v\":1}".to_vec();
        let mut published = entry(0, 3);
        published.docket_mut().publication = Some((Hash::of(&text), Some(text.clone())));
        append(store, &[published]).await.unwrap();
        let key = Hash::of(b"key");
        for position in [0, 2] {
            assert!(store.take_share(record_id(0, position), "alpha", key, at(1)).await.unwrap().is_some());
        }

        // Half of the docket: its text stays.
        let mut first = entry(1, 1);
        first.docket_mut().erased = vec![record_id(0, 0), record_id(0, 1)];
        append(store, &[first]).await.unwrap();
        let erased = store.record(record_id(0, 0)).await.unwrap().unwrap();
        assert_eq!((erased.statement, erased.erased_by), (None, Some(1)));
        assert_eq!(store.take_share(record_id(0, 0), "beta", key, at(2)).await.unwrap(), None);
        assert!(store.share_recipients(record_id(0, 0)).await.unwrap().is_empty());
        assert_eq!(store.share_recipients(record_id(0, 2)).await.unwrap().len(), 1);
        assert_eq!(store.publication(Hash::of(&text), 2).await.unwrap(), Some(text.clone()));

        // The rest, and what the same batch brought before and in the very docket.
        let mut second = entry(3, 2);
        second.docket_mut().erased = vec![record_id(0, 2), record_id(2, 0), record_id(3, 0)];
        append(store, &[entry(2, 1), second]).await.unwrap();
        let read = store.entries(0, 4).await.unwrap();
        assert_eq!((read[0].leaf.as_slice(), read[0].envelope.as_deref()), (&b"leaf 0"[..], Some(&b"envelope 0"[..])));
        assert_eq!((read[0].items.as_slice(), read[0].publication.as_ref()), (&[None, None, None][..], None));
        let by: Vec<_> = read.iter().map(|entry| entry.erased_by).collect();
        assert_eq!(by, [Some(3), None, Some(3), Some(3)]);
        assert!(read[1].items[0].is_some() && read[3].items[1].is_some());
        assert_eq!(store.publication(Hash::of(&text), 2).await.unwrap(), None);
        assert_eq!(store.counts().await.unwrap().shares_given, 0);
        bench.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_is_seen_whole_or_not_at_all() {
    const DOCKETS: u64 = 150;
    for bench in engines().await {
        let publish = |index| {
            let text = format!("text {index}").into_bytes();
            let mut published = entry(index, 1);
            published.docket_mut().publication = Some((Hash::of(&text), Some(text)));
            published
        };
        append(&bench.store, &(0..DOCKETS).map(publish).collect::<Vec<_>>()).await.unwrap();
        let store = bench.store.clone();
        let erasing = tokio::spawn(async move {
            for index in 0..DOCKETS {
                let erased = vec![record_id(index, 0)];
                let mut erasure = entry(DOCKETS + index, 1);
                erasure.docket_mut().erased = erased;
                append(&store, &[erasure]).await.unwrap();
            }
        });
        while !erasing.is_finished() {
            for line in bench.store.entries(0, DOCKETS).await.unwrap() {
                assert_eq!(line.publication.is_none(), line.items[0].is_none(), "the text goes with the statement");
                assert_eq!(line.items[0].is_none(), line.erased_by.is_some());
            }
        }
        erasing.await.unwrap();
        bench.end().await;
    }
}

#[tokio::test]
async fn what_is_not_stored_is_not_erased() {
    for bench in engines().await {
        append(&bench.store, &[entry(0, 1)]).await.unwrap();
        let mut erasing = entry(1, 1);
        erasing.docket_mut().erased = vec![record_id(0, 0), record_id(0, 9)];
        let refused = append(&bench.store, &[erasing]).await;
        assert!(matches!(refused, Err(StoreError::NothingToErase { expected: 2, got: 1 })), "{refused:?}");
        assert!(bench.store.record(record_id(0, 0)).await.unwrap().unwrap().statement.is_some());
        bench.end().await;
    }
}
