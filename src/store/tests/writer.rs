//! What the one writer promises: another is fenced, and a database belongs to one registry.

use super::*;

#[tokio::test]
async fn one_node_writes_and_whom_it_took_over_from_is_fenced() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let other = Store::open(&bench.address).await.unwrap();
        assert!(matches!(other.begin_append().await, Err(StoreError::NotWriter)), "it only reads");
        let refused = other.hold_writer_lock(ORIGIN, false).await;
        if store.is_shared() {
            assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
            other.hold_writer_lock(ORIGIN, true).await.unwrap();
        } else {
            assert!(matches!(refused, Err(StoreError::Locked(_))), "{refused:?}");
            store.close().await;
            other.hold_writer_lock(ORIGIN, false).await.unwrap();
        }
        let head = other.take_over(ORIGIN, NodeId::new([2; 16])).await.unwrap();
        assert_eq!((head.term.epoch, head.size, head.root), (2, 1, ROOT));
        append(&other, &[entry(1, 1)]).await.unwrap();
        if store.is_shared() {
            let fenced = append(store, &[entry(2, 1)]).await;
            assert!(matches!(fenced, Err(StoreError::Fenced { own: 1, by: 2 })), "{fenced:?}");
            let fenced = store.keep_attempts(&[], &[]).await;
            assert!(matches!(fenced, Err(StoreError::Fenced { own: 1, by: 2 })), "beside the head row: {fenced:?}");
            // A database that was set back repeats epochs; nodes don't repeat.
            bench.run("UPDATE head SET epoch = 1").await;
            assert!(matches!(append(store, &[entry(2, 1)]).await, Err(StoreError::Fenced { own: 1, by: 1 })));
        }
        assert_eq!(other.leaves(0, 99).await.unwrap().len(), 2);
        other.close().await;
        bench.end().await;
    }
}

#[tokio::test]
async fn a_database_belongs_to_one_registry() {
    for bench in engines().await {
        let node = NodeId::new([2; 16]);
        bench.store.take_over(ORIGIN, node).await.unwrap();
        assert!(matches!(bench.store.take_over("other.example", node).await, Err(StoreError::Origin)));
        bench.end().await;
    }
    assert!(matches!(Store::open("mysql://somewhere").await, Err(StoreError::Address)));
}
