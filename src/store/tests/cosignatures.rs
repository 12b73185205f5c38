//! What cosignatures promise.

use super::*;

#[tokio::test]
async fn the_newest_line_of_a_witness_is_kept() {
    for bench in engines().await {
        let store = &bench.store;
        let line = |name: &str, size, timestamp| StoredCosignature {
            name: name.to_owned(),
            hash: [1, 2, 3, 4],
            size,
            timestamp,
            line: format!("— {name} {timestamp}\n"),
        };
        for cosignature in [line("b", 7, 20), line("b", 7, 30), line("b", 7, 25), line("a", 7, 10), line("b", 8, 40)] {
            store.put_cosignature(&cosignature).await.unwrap();
        }
        assert_eq!(store.cosignatures_at(7).await.unwrap(), [line("a", 7, 10), line("b", 7, 30)]);
        store.forget_cosignatures_below(8).await.unwrap();
        assert_eq!(store.cosignatures_at(7).await.unwrap(), []);
        assert_eq!(store.cosignatures_at(8).await.unwrap(), [line("b", 8, 40)]);
        bench.end().await;
    }
}
