//! What nonces promise.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nonce_is_taken_once() {
    for bench in engines().await {
        let (store, key) = (&bench.store, Hash::of(b"key"));
        let asking = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_nonce(key, [1; 16], at(10)).await.unwrap() })
        });
        let mut taken = 0;
        for asked in asking.collect::<Vec<_>>() {
            taken += u32::from(asked.await.unwrap());
        }
        assert_eq!(taken, 1);
        assert!(store.take_nonce(key, [2; 16], at(20)).await.unwrap(), "another nonce");
        assert!(store.take_nonce(Hash::of(b"other"), [1; 16], at(20)).await.unwrap(), "another's");
        assert_eq!(store.forget_nonces_before(at(10)).await.unwrap(), 0);
        assert_eq!(store.forget_nonces_before(at(11)).await.unwrap(), 1);
        assert!(!store.take_nonce(key, [2; 16], at(30)).await.unwrap());
        bench.end().await;
    }
}
