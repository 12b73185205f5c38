//! What giving shares promises.

use super::*;

#[tokio::test]
async fn a_share_is_given_to_who_asks_and_each_time_counted() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 2)]).await.unwrap();
        let (record, key) = (record_id(0, 0), Hash::of(b"key"));
        // A member is one, whichever of its keys it asks with.
        let other = Hash::of(b"another key");
        for (member, key, asked) in
            [("beta", key, at(2)), ("alpha", key, at(5)), ("beta", other, at(7)), ("beta", key, at(6))]
        {
            assert_eq!(store.take_share(record, member, key, asked).await.unwrap(), Some([7; 32]));
        }
        let given = |member: &str, first_at, last_at, times| ShareRecipient {
            member: member.to_owned(),
            first_at,
            last_at,
            times,
        };
        assert_eq!(
            store.share_recipients(record).await.unwrap(),
            [given("beta", at(2), at(7), 3), given("alpha", at(5), at(5), 1)]
        );
        assert_eq!(store.counts().await.unwrap().shares_given, 4);
        for without in [record_id(0, 1), record_id(9, 9)] {
            assert_eq!(store.take_share(without, "beta", key, at(2)).await.unwrap(), None);
        }
        bench.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_is_not_given_while_it_is_erased() {
    for bench in engines().await {
        let store = bench.store.clone();
        append(&store, &[entry(0, 1)]).await.unwrap();
        let mut erasing = store.begin_append().await.unwrap();
        let mut erasure = entry(1, 1);
        erasure.docket_mut().erased = vec![record_id(0, 0)];
        erasing.write(&[erasure], ROOT).await.unwrap();
        let asking =
            tokio::spawn(
                async move { store.take_share(record_id(0, 0), "alpha", Hash::of(b"key"), at(3)).await.unwrap() },
            );
        if let Engine::Postgres(pool) = &bench.store.engine {
            // Who asks stands at the lock before the erasure is committed.
            let waits = "SELECT COUNT(*) FROM pg_stat_activity \
                WHERE wait_event_type = 'Lock' AND datname = current_database()";
            tokio::time::timeout(PATIENCE, async {
                while sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.unwrap() == 0 {
                    tokio::task::yield_now().await;
                }
            })
            .await
            .expect("who asks for the share waits for the erasure");
        }
        erasing.commit().await.unwrap();
        assert_eq!(asking.await.unwrap(), None);
        assert!(bench.store.share_recipients(record_id(0, 0)).await.unwrap().is_empty());
        bench.end().await;
    }
}
