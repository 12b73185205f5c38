//! What appending promises: an entry whole, in its order, once, and visible when it is committed.

use super::*;

#[tokio::test]
async fn an_entry_is_read_back_as_it_was_written() {
    for bench in engines().await {
        let store = &bench.store;
        let head = store.head().await.unwrap();
        assert_eq!((head.term.epoch, head.size, head.root, head.logged_at), (1, 0, empty_root(), None));
        let text = b"{\"v\":1}".to_vec();
        let mut published = entry(1, 1);
        published.docket_mut().publication = Some((Hash::of(&text), Some(text.clone())));
        append(store, &[entry(0, 3), published, entry(2, 1)]).await.unwrap();
        append(store, &[entry(3, 2)]).await.unwrap();

        assert_eq!(store.head().await.unwrap(), LogHead { size: 4, root: ROOT, logged_at: Some(at(3)), ..head });
        let read = store.entries(0, 2).await.unwrap();
        assert_eq!(read.iter().map(|entry| entry.index).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(read[0].leaf, b"leaf 0");
        assert_eq!(read[0].envelope.as_deref().unwrap(), b"envelope 0");
        assert_eq!(
            read[0].items,
            ["0/0", "0/1", "0/2"].map(|place| Some(format!("statement {place}").into_bytes())).to_vec()
        );
        assert_eq!((&read[0].publication, read[0].erased_by), (&None, None));
        assert_eq!(read[1].publication.as_ref(), Some(&text));
        assert_eq!(store.leaves(1, 9).await.unwrap(), [b"leaf 1", b"leaf 2", b"leaf 3"]);
        assert_eq!(store.publication(Hash::of(&text), 1).await.unwrap(), None, "not before its entry is shown");
        assert_eq!(store.publication(Hash::of(&text), 2).await.unwrap(), Some(text));
        assert_eq!(store.publication(Hash::of(b""), 4).await.unwrap(), None);

        assert_eq!(store.docket(Hash::of(&1_u64.to_be_bytes())).await.unwrap().as_ref(), Some(&read[1]));
        assert_eq!(store.docket(Hash::of(b"")).await.unwrap(), None);
        let record = store.record(record_id(3, 1)).await.unwrap().unwrap();
        assert_eq!((record.index, record.position, record.kind), (3, 1, Kind::Ruling));
        assert_eq!(record.statement.unwrap(), b"statement 3/1");
        assert_eq!(store.record(record_id(3, 2)).await.unwrap(), None);
        let places = store.places(0, 2).await.unwrap();
        assert_eq!(places.iter().map(|p| (p.index, p.position)).collect::<Vec<_>>(), [(0, 0), (0, 1), (0, 2), (1, 0)]);
        assert_eq!(places[3].id, record_id(1, 0));

        let indexes = |page: Vec<StoredDocket>| page.into_iter().map(|docket| docket.index).collect::<Vec<_>>();
        assert_eq!(indexes(store.dockets_after(None, 2).await.unwrap()), [0, 1]);
        let page = store.dockets_after(Some(2), 2).await.unwrap();
        assert_eq!((page[0].docket_id, page[0].records), (entry(3, 0).docket_mut().docket_id, 2));
        assert_eq!(indexes(page), [3]);
        bench.end().await;
    }
}

#[tokio::test]
async fn nothing_but_a_commit_makes_an_append_visible() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let mut erasing = entry(1, 1);
        erasing.docket_mut().erased = vec![record_id(0, 0)];
        for commits in [false, true] {
            let mut append = store.begin_append().await.unwrap();
            append.write(std::slice::from_ref(&erasing), ROOT).await.unwrap();
            assert_eq!(append.head().size, 2);
            // Another node, and whoever starts after a crash now, sees the log as it was.
            let other = Store::open(&bench.address).await.unwrap();
            let crashed = crashed(&bench).await;
            for reader in [store, &other].into_iter().chain(crashed.iter().map(|(crashed, _)| crashed)) {
                assert_eq!(reader.head().await.unwrap().size, 1);
                assert_eq!(reader.entries(0, 9).await.unwrap().len(), 1);
                assert!(reader.record(record_id(0, 0)).await.unwrap().unwrap().statement.is_some());
                assert_eq!(reader.record(record_id(1, 0)).await.unwrap(), None);
            }
            if commits {
                append.commit().await.unwrap();
            } else {
                drop(append);
            }
            // The lock is free again, whatever became of the append.
            let size = store.begin_append().await.unwrap().head().size;
            assert_eq!((size, other.head().await.unwrap().size), if commits { (2, 2) } else { (1, 1) });
            other.close().await;
        }
        if let Some((crashed, _directory)) = crashed(&bench).await {
            assert_eq!(crashed.head().await.unwrap().size, 2, "what was committed survives");
            assert!(crashed.record(record_id(0, 0)).await.unwrap().unwrap().statement.is_none());
        }
        bench.end().await;
    }
}

/// What is on disk by now, as another process finds it after this one died; of SQLite's files alone.
async fn crashed(bench: &TestStore) -> Option<(Store, tempfile::TempDir)> {
    let directory = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(bench.directory.as_ref()?.path()).unwrap().map(Result::unwrap) {
        // The index of the write-ahead log is shared memory: it is lost with the machine.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
        }
    }
    let address = format!("sqlite:{}", directory.path().join("store.sqlite").display());
    Some((Store::open(&address).await.unwrap(), directory))
}

#[tokio::test]
async fn what_was_written_by_half_is_not_committed() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let mut append = store.begin_append().await.unwrap();
        let mut repeating = entry(2, 1);
        repeating.docket_mut().records[0].id = record_id(0, 0);
        // Two dockets were inserted when the second's record is refused.
        assert!(matches!(append.write(&[entry(1, 1), repeating], ROOT).await, Err(StoreError::RecordRepeated)));
        assert!(matches!(append.commit().await, Err(StoreError::HalfWritten)));
        let size = store.begin_append().await.unwrap().head().size;
        assert_eq!((size, store.entries(0, 9).await.unwrap().len()), (1, 1));
        bench.end().await;
    }
}

#[tokio::test]
async fn a_docket_and_a_record_are_stored_once() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let (mut payload, mut id, mut record) = (entry(1, 0), entry(1, 0), entry(1, 2));
        payload.docket_mut().payload_hash = entry(0, 0).docket_mut().payload_hash;
        id.docket_mut().docket_id = entry(0, 0).docket_mut().docket_id;
        record.docket_mut().records[1].id = record_id(0, 0);
        assert!(matches!(append(store, &[payload]).await, Err(StoreError::DocketRepeated)));
        assert!(matches!(append(store, &[id]).await, Err(StoreError::DocketRepeated)));
        assert!(matches!(append(store, &[record]).await, Err(StoreError::RecordRepeated)));
        append(store, &[entry(1, 1)]).await.unwrap();
        bench.end().await;
    }
}

#[tokio::test]
async fn an_entry_follows_the_head() {
    for bench in engines().await {
        let store = &bench.store;
        let refused = append(store, &[entry(1, 1)]).await;
        assert!(matches!(refused, Err(StoreError::NotNext { expected: 0, got: 1 })), "{refused:?}");
        let refused = append(store, &[entry(0, 1), entry(2, 1)]).await;
        assert!(matches!(refused, Err(StoreError::NotNext { expected: 1, got: 2 })), "{refused:?}");
        // Several writes of one append follow each other.
        let mut append = store.begin_append().await.unwrap();
        append.write(&[], ROOT).await.unwrap();
        append.write(&[entry(0, 1)], ROOT).await.unwrap();
        append.write(&[entry(1, 1)], ROOT).await.unwrap();
        append.commit().await.unwrap();
        assert_eq!(store.head().await.unwrap().size, 2);
        bench.end().await;
    }
}

#[tokio::test]
async fn a_batch_of_any_size_is_written_whole() {
    // More rows than one statement takes, of each kind.
    let size = batch::ROWS as u64 + 100;
    for bench in engines().await {
        let entries: Vec<_> = (0..size).map(|index| entry(index, 2)).collect();
        append(&bench.store, &entries).await.unwrap();
        let mut erasing = entry(size, 1);
        erasing.docket_mut().erased = (0..size).map(|index| record_id(index, 1)).collect();
        append(&bench.store, &[erasing]).await.unwrap();
        assert_eq!(bench.store.counts().await.unwrap().erased, size);
        let read = bench.store.entries(0, size).await.unwrap();
        assert!(read.iter().all(|entry| entry.items[0].is_some() && entry.items[1].is_none()));
        bench.end().await;
    }
}
