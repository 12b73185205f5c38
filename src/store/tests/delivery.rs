//! What is kept of pushing, receipts and jobs is read back as it was written.

use callboard_federation::encoding::EndpointId;

use super::{
    attempts::{EndpointUpdate, StoredAttempt},
    endpoints::{EndpointState, EndpointStatus, StoredEndpoint},
    jobs::StoredJob,
    receipts::NewReceipt,
    *,
};

#[tokio::test]
async fn an_endpoint_and_its_attempts_are_read_back_as_they_were_written() {
    for bench in engines().await {
        let store = &bench.store;
        let id = EndpointId::new(at(0), random_of(1));
        let mut endpoint = StoredEndpoint::new(id, "alpha", "https://alpha.example/hook", &[7; 32], 3, at(0));
        store.put_endpoint(&endpoint).await.unwrap();
        endpoint.old_secret = Some((vec![6; 32], at(9)));
        endpoint.kinds = "ruling end".to_owned();
        assert!(store.change_endpoint(&endpoint).await.unwrap());
        assert!(!store.change_endpoint(&endpoint).await.unwrap(), "somebody changed it since");
        let attempt = |index: Option<u64>, began| StoredAttempt {
            endpoint: id,
            index,
            part: 0,
            is_last: true,
            at: at(began),
            millis: 5,
            status: index.map(|_| 204),
            is_taken: index.is_some(),
            answer: "answer".to_owned(),
        };
        let attempts = [attempt(Some(3), 10), attempt(None, 20)];
        let (state, reason) = (EndpointState::Disabled, Some("gone".to_owned()));
        let (failing_since, retry_at) = (Some(at(20)), None);
        let status = EndpointStatus { state, reason, next_index: 4, failures: 2, failing_since, retry_at };
        let position = |generation| EndpointUpdate { endpoint: id, generation, status: status.clone() };
        store.keep_attempts(&attempts, &[position(1)]).await.unwrap();
        let read = store.endpoint(id).await.unwrap().unwrap();
        assert_eq!((read.generation, &read.status, &read.old_secret), (1, &status, &endpoint.old_secret));
        assert_eq!((read.member, read.url, read.kinds), ("alpha".to_owned(), endpoint.url, endpoint.kinds));
        assert_eq!((read.secret, read.created_at), (vec![7; 32], at(0)));
        assert_eq!(store.attempts_before(id, at(99), 9).await.unwrap(), [attempt(None, 20), attempt(Some(3), 10)]);
        assert_eq!(store.delivered(0, 9).await.unwrap(), [("alpha".to_owned(), 3, at(15))]);
        assert_eq!(store.count_attempts().await.unwrap(), 2);
        store.delete_endpoint(id).await.unwrap();
        assert!(store.endpoints_of("alpha").await.unwrap().is_empty() && store.endpoints().await.unwrap().is_empty());
        bench.end().await;
    }
}

#[tokio::test]
async fn of_a_member_and_docket_the_latest_receipt_holds() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let receipt = |name: &str, said| NewReceipt {
            payload_hash: Hash::of(name.as_bytes()),
            index: 0,
            member: "alpha".to_owned(),
            outcome: name.to_owned(),
            at: at(said),
            taken_at: at(said + 1),
            exceptions: 0,
            excerpt: Vec::new(),
            envelope: name.as_bytes().to_vec(),
        };
        let (partly, later) = (receipt("partly", 5), receipt("in-effect", 9));
        assert_eq!(store.put_receipts(&[later.clone(), partly.clone()]).await.unwrap().len(), 2);
        assert_eq!(store.put_receipts(&[partly.clone(), receipt("declined", 7)]).await.unwrap().len(), 1);
        let held = store.receipts(0, 9).await.unwrap();
        assert_eq!((held.len(), held[0].outcome.as_str(), held[0].filed, held[0].at), (1, "in-effect", 3, at(9)));
        let page = store.receipts_after(0, 0, 9).await.unwrap();
        let shown: Vec<_> = page.iter().map(|kept| (kept.outcome.as_str(), kept.holds)).collect();
        assert_eq!(shown, [("in-effect", true), ("partly", false), ("declined", false)]);
        bench.end().await;
    }
}

#[tokio::test]
async fn the_last_run_of_a_job_is_kept() {
    for bench in engines().await {
        let store = &bench.store;
        let job = |outcome: Result<&str, &str>| StoredJob {
            name: "anchors".to_owned(),
            began_at: at(1),
            took_millis: 2,
            outcome: outcome.map(str::to_owned).map_err(str::to_owned),
            next_at: outcome.is_ok().then_some(at(3)),
        };
        for outcome in [Ok("done"), Err("failed")] {
            store.put_job(&job(outcome)).await.unwrap();
            assert_eq!(store.jobs().await.unwrap(), [job(outcome)]);
        }
        store.put_outage(at(1), at(2)).await.unwrap();
        assert_eq!(store.outages().await.unwrap(), [(at(1), at(2))]);
        store.mark_restored(at(4)).await.unwrap();
        assert_eq!(store.restored_at().await.unwrap(), Some(at(4)));
        bench.end().await;
    }
}
