//! What the store promises, each claim on both engines: SQLite always, PostgreSQL where `CALLBOARD_TEST_POSTGRES` names a
//! server (`cargo xtask test` starts one). One file, over 400 lines, as each claim needs the same few makers of rows.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
    tlog::merkle::empty_root,
};
use sqlx::{Column as _, Connection as _, Either, PgConnection, Statement as _, TypeInfo as _};

use super::{shares::ShareGiven, *};

const ADMIN: &str = "CALLBOARD_TEST_POSTGRES";
const ORIGIN: &str = "callboard.example";
/// The root that these rows have, whatever they are: it is the ledger's to compute.
const ROOT: Hash = Hash::from_bytes([9; 32]);
/// No claim waits this long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database of one test's own, with a store open on it.
struct Bench {
    store: Store,
    address: String,
    /// The file's directory; of PostgreSQL none.
    directory: Option<tempfile::TempDir>,
}

/// A database on each engine at hand.
async fn engines() -> Vec<Bench> {
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let directory = tempfile::tempdir().unwrap();
    let mut addresses = vec![(format!("sqlite:{}", directory.path().join("store.sqlite").display()), Some(directory))];
    match std::env::var(ADMIN) {
        Ok(admin) => {
            let name = format!("store_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
            ask_admin(format!("CREATE DATABASE {name}")).await;
            let address = format!("{}/{name}", admin.rsplit_once('/').unwrap().0);
            schema::migrate(&address, None).await.unwrap();
            addresses.push((address, None));
        }
        Err(_) => eprintln!("PostgreSQL is left out: `cargo xtask test` starts one"),
    }
    let mut benches = Vec::new();
    for (address, directory) in addresses {
        let store = Store::open(&address).await.unwrap();
        store.hold(ORIGIN, false).await.unwrap();
        store.take_over(ORIGIN, NodeId::new([1; 16])).await.unwrap();
        benches.push(Bench { store, address, directory });
    }
    benches
}

async fn ask_admin(sql: String) {
    let mut connection = PgConnection::connect(&std::env::var(ADMIN).unwrap()).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

impl Bench {
    async fn end(self) {
        self.store.close().await;
        if self.directory.is_none() {
            let name = self.address.rsplit_once('/').unwrap().1;
            ask_admin(format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    async fn run(&self, sql: &'static str) {
        writing!(&self.store, pool => sqlx::query(sql).execute(pool).await.map(drop)).unwrap();
    }

    /// A number that a query or setting answers, as text.
    async fn told(&self, sql: &'static str) -> String {
        match &self.store.engine {
            Engine::Sqlite { writer, .. } => {
                let row = sqlx::query(sql).fetch_one(writer).await.unwrap();
                let text: Result<String, _> = sqlx::Row::try_get(&row, 0);
                text.unwrap_or_else(|_| sqlx::Row::get::<i64, _>(&row, 0).to_string())
            }
            Engine::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }
}

fn random_of(n: u64) -> [u8; 10] {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    random
}

fn at(n: u64) -> Time {
    Time::from_millis(1_800_000_000_000 + i64::try_from(n).unwrap())
}

fn record_id(index: u64, position: u64) -> RecordId {
    RecordId::new(at(index), random_of(1_000 + position))
}

/// The entry of an index, with as many records; every other has a share.
fn entry(index: u64, records: u64) -> NewEntry {
    NewEntry {
        index,
        logged_at: at(index),
        leaf: format!("leaf {index}").into_bytes(),
        logged: NewLogged::Docket(NewDocket {
            payload_hash: Hash::of(&index.to_be_bytes()),
            docket_id: DocketId::new(at(index), random_of(index)),
            envelope: format!("envelope {index}").into_bytes(),
            publication: None,
            records: (0..records)
                .map(|position| NewRecord {
                    id: record_id(index, position),
                    kind: Kind::Ruling,
                    statement: Some(format!("statement {index}/{position}").into_bytes()),
                    share: (position % 2 == 0).then_some([7; 32]),
                })
                .collect(),
            erased: Vec::new(),
        }),
    }
}

impl NewEntry {
    fn docket_mut(&mut self) -> &mut NewDocket {
        let NewLogged::Docket(docket) = &mut self.logged else { panic!("an entry of anchors") };
        docket
    }
}

async fn append(store: &Store, entries: &[NewEntry]) -> Result<(), StoreError> {
    let mut append = store.begin_append().await?;
    append.write(entries, ROOT).await?;
    append.commit().await.map(drop)
}

#[tokio::test]
async fn every_statement_is_the_same_on_both_engines() {
    let both = [
        anchors::SQL,
        append::SQL,
        attempts::SQL,
        cosignatures::SQL,
        counts::SQL,
        endpoints::SQL,
        entries::SQL,
        jobs::SQL,
        nonces::SQL,
        outages::SQL,
        receipts::SQL,
        records::SQL,
        shares::SQL,
        restored::SQL,
        writer::SQL,
    ];
    let mut told = Vec::new();
    for bench in engines().await {
        let mut of_engine = Vec::new();
        for sql in both.into_iter().flatten().chain([&PING]).copied() {
            let text = sqlx::SqlStr::from_static(sql);
            // Columns with a class of type, where the engine knows it, and how many parameters.
            of_engine.push(match &bench.store.engine {
                Engine::Sqlite { writer, .. } => {
                    let statement = writer.acquire().await.unwrap().prepare(text).await.unwrap();
                    let Some(Either::Right(parameters)) = statement.parameters() else { panic!("{sql}") };
                    let column = |column: &sqlx::sqlite::SqliteColumn| column.type_info().name().to_owned();
                    (sql, statement.columns().iter().map(column).collect::<Vec<_>>(), parameters)
                }
                Engine::Postgres(pool) => {
                    let statement = pool.acquire().await.unwrap().prepare(text).await.unwrap();
                    let Some(Either::Left(parameters)) = statement.parameters() else { panic!("{sql}") };
                    let column = |column: &sqlx::postgres::PgColumn| match column.type_info().name() {
                        "INT8" => "INTEGER".to_owned(),
                        "BYTEA" => "BLOB".to_owned(),
                        other => other.to_owned(),
                    };
                    (sql, statement.columns().iter().map(column).collect(), parameters.len())
                }
            });
        }
        if let Engine::Postgres(pool) = &bench.store.engine {
            for sql in [append::POSTGRES, attempts::POSTGRES, receipts::POSTGRES, shares::POSTGRES, writer::POSTGRES]
                .into_iter()
                .flatten()
                .copied()
            {
                pool.acquire().await.unwrap().prepare(sqlx::SqlStr::from_static(sql)).await.unwrap();
            }
        }
        told.push(of_engine);
        bench.end().await;
    }
    let [sqlite, postgres] = told.as_slice() else { return };
    for ((sql, columns, parameters), (_, of_postgres, parameters_of_postgres)) in sqlite.iter().zip(postgres) {
        assert_eq!(parameters, parameters_of_postgres, "{sql}");
        assert_eq!(columns.len(), of_postgres.len(), "{sql}");
        for (column, of_postgres) in columns.iter().zip(of_postgres) {
            // SQLite has no type for an expression.
            assert!(column == of_postgres || column == "NULL", "{sql}: {column}, {of_postgres}");
        }
    }
}

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

        assert_eq!(store.head().await.unwrap(), Head { size: 4, root: ROOT, logged_at: Some(at(3)), ..head });
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
async fn crashed(bench: &Bench) -> Option<(Store, tempfile::TempDir)> {
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
async fn one_node_writes_and_whom_it_took_over_from_is_fenced() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let other = Store::open(&bench.address).await.unwrap();
        assert!(matches!(other.begin_append().await, Err(StoreError::NotWriter)), "it only reads");
        let refused = other.hold(ORIGIN, false).await;
        if store.is_shared() {
            assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
            other.hold(ORIGIN, true).await.unwrap();
        } else {
            assert!(matches!(refused, Err(StoreError::Locked(_))), "{refused:?}");
            store.close().await;
            other.hold(ORIGIN, false).await.unwrap();
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
async fn a_batch_of_any_size_is_written_whole() {
    // More rows than one statement takes, of each kind.
    let size = append::ROWS as u64 + 100;
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
        assert!(store.shares_given(record_id(0, 0)).await.unwrap().is_empty());
        assert_eq!(store.shares_given(record_id(0, 2)).await.unwrap().len(), 1);
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
        let given =
            |member: &str, first_at, last_at, times| ShareGiven { member: member.to_owned(), first_at, last_at, times };
        assert_eq!(
            store.shares_given(record).await.unwrap(),
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
        assert!(bench.store.shares_given(record_id(0, 0)).await.unwrap().is_empty());
        bench.end().await;
    }
}

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
            let again = Bench { store: again, address: bench.address.clone(), directory: None };
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

#[tokio::test]
async fn the_anchors_of_a_day_are_logged_together_and_once() {
    for bench in engines().await {
        let store = &bench.store;
        append(store, &[entry(0, 1)]).await.unwrap();
        let put = async |member: &str, of_day: i64, taken_on: i64| {
            let (payload_hash, envelope) = (Hash::of(format!("{member} {of_day}").as_bytes()), member.as_bytes());
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
        let again = NewAnchor { member: "alpha", of_day: 1, taken_on: 2, payload_hash: Hash::of(b""), envelope: b"" };
        other.put_anchor(&again).await.unwrap();
        other.commit().await.unwrap();
        assert_eq!(store.anchor_of("alpha", 1).await.unwrap().unwrap().payload_hash, hashes[0]);
        assert_eq!(store.oldest_waiting_day().await.unwrap(), Some(1));

        let of = |index, taken_on, count| NewEntry {
            index,
            logged_at: at(index),
            leaf: b"anchors".to_vec(),
            logged: NewLogged::Anchors { taken_on, count },
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
