//! What remains of answered batches for an auditor, and how long.

use callboard_tokens::batches::{BatchFilter, export};

use super::*;

#[tokio::test]
async fn of_each_answered_batch_the_root_is_kept_that_opens_its_blinds() {
    let world = World::start().await;
    let asked = batch(5);
    assert_eq!(world.ask(&key(1), "?epoch=2", asked.body()).await.status(), 200);
    let sql = "SELECT keyid, epoch, at_ms, points, root FROM batches";
    let row = sqlx::query(sql).fetch_one(&mut world.store().await).await.unwrap();
    assert_eq!(row.get::<Vec<u8>, _>(0), PublicKey::of(&key(1)).id().as_bytes());
    assert_eq!((row.get::<i64, _>(1), row.get::<i64, _>(3)), (2, 5));
    assert_eq!(row.get::<i64, _>(2), world.clock.now().as_millis());
    assert_eq!(row.get::<Vec<u8>, _>(4), blinded_root(&asked.points).as_bytes());

    // An auditor is given them, while the service runs: all, or of a key, or of a time.
    let second = world.clock.now().plus_days(1);
    world.clock.move_to(second);
    assert_eq!(world.ask(&key(2), "?epoch=1", batch(1).body()).await.status(), 200);
    let all = BatchFilter { keyid: None, from: Time::from_millis(0), until: second.plus_days(1) };
    let exported = async |wanted: BatchFilter| {
        let mut lines = Vec::new();
        let count = export(world.dir.path(), wanted, &mut lines).await.unwrap();
        let lines: Vec<Value> = lines.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
        assert_eq!(lines.len() as u64, count);
        lines
    };
    let lines = exported(all).await;
    assert_eq!((lines.len(), &lines[0]["root"]), (2, &blinded_root(&asked.points).to_string().into()));
    assert_eq!((&lines[0]["points"], &lines[0]["epoch"]), (&5.into(), &2.into()));
    let of_beta = PublicKey::of(&key(2)).id();
    assert_eq!(exported(BatchFilter { keyid: Some(of_beta), ..all }).await, lines[1..]);
    assert_eq!(exported(BatchFilter { from: second, ..all }).await, lines[1..]);
    assert_eq!(exported(BatchFilter { until: second, ..all }).await, lines[..1]);
    assert!(export(&world.dir.path().join("nowhere"), all, &mut Vec::new()).await.is_err());
    world.stop().await;
}

#[tokio::test]
async fn roots_of_batches_are_kept_as_long_as_the_configuration_says() {
    let mut world = World::start().await;
    assert_eq!(world.ask(&key(1), "?epoch=1", batch(1).body()).await.status(), 200);
    world.config.keep_batches_days = 30;
    for (days, kept) in [(30, 1), (1, 0)] {
        world.service.take().unwrap().stop().await;
        world.clock.move_to(world.clock.now().plus_days(days));
        world.service = Some(world.serve().await.unwrap());
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while world.rows().await["batches"] != kept {
            assert!(std::time::Instant::now() < patience, "the first forgetting runs at the start");
            tokio::task::yield_now().await;
        }
    }
    world.stop().await;
}
