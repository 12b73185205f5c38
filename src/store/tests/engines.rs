//! What each engine promises: commits on disk, a word for what doesn't answer, one schema.

use super::*;

#[tokio::test]
async fn a_commit_is_on_disk_whatever_the_defaults_are() {
    for bench in engines().await {
        if bench.directory.is_some() {
            assert_eq!(bench.told("PRAGMA journal_mode").await, "wal");
            assert_eq!(bench.told("PRAGMA synchronous").await, "2", "FULL");
            assert_eq!(bench.told("PRAGMA foreign_keys").await, "1");
        } else {
            let name = bench.address.rsplit_once('/').unwrap().1;
            ask_admin(format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
            let again = Store::open(&bench.address).await.unwrap();
            let again = TestStore { store: again, address: bench.address.clone(), directory: None };
            assert_eq!(again.told("SHOW synchronous_commit").await, "on");
            assert_eq!(again.told("SHOW idle_in_transaction_session_timeout").await, "30s");
            again.store.close().await;
        }
        bench.end().await;
    }
}

#[tokio::test]
async fn a_row_that_is_not_ours_is_told_as_such() {
    for bench in engines().await {
        append(&bench.store, &[entry(0, 1)]).await.unwrap();
        bench.run("UPDATE record SET kind = 'nonsense'").await;
        assert!(matches!(bench.store.record(record_id(0, 0)).await, Err(StoreError::Unreadable("record"))));
        assert!(matches!(bench.store.places(0, 1).await, Err(StoreError::Unreadable("record"))));
        bench.run("UPDATE docket SET docket_id = payload_hash").await;
        assert!(matches!(bench.store.dockets_after(None, 1).await, Err(StoreError::Unreadable("docket"))));
        bench.end().await;
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_says_so() {
    for bench in engines().await {
        bench.store.ping().await.unwrap();
        if let Engine::Postgres(pool) = &bench.store.engine {
            // The server goes while an append is under way: nothing of it stays.
            let mut append = bench.store.begin_append().await.unwrap();
            let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE datname = current_database() AND state = 'idle in transaction'";
            assert_eq!(sqlx::query_scalar::<_, i64>(end).fetch_one(pool).await.unwrap(), 1);
            let told = append.write(&[entry(0, 1)], ROOT).await;
            assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
            drop(append);
            assert_eq!(bench.store.begin_append().await.unwrap().head().size, 0);
        }
        bench.store.close().await;
        assert!(matches!(bench.store.ping().await, Err(StoreError::Unavailable(_))));
        bench.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_make_one_database() {
    for bench in engines().await {
        let Engine::Postgres(pool) = &bench.store.engine else { continue };
        sqlx::raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public").execute(pool).await.unwrap();
        let migrate = || schema::migrate(&bench.address, None);
        let (a, b, c) = tokio::join!(migrate(), migrate(), migrate());
        for migrated in [a, b, c] {
            migrated.unwrap();
        }
        let open = || Store::open(&bench.address);
        let (a, b, c) = tokio::join!(open(), open(), open());
        for store in [a, b, c] {
            let store = store.unwrap();
            assert_eq!(store.head().await.unwrap().size, 0);
            store.close().await;
        }
        bench.end().await;
    }
}
