//! The tag book of ten million people against what a docket brings, beside as many bare probes of the same table.

use std::time::Duration;

use callboard_agent::{book::Book, store::Database};
use callboard_federation::{
    statement::EpochTag,
    tag::{Epoch, Tag},
};
use rand::{SeedableRng as _, rngs::StdRng};
use rand_core::Rng as _;
use sqlx::{Connection as _, SqliteConnection};
use tokio::runtime::Runtime;

use crate::row::Row;

pub(crate) const ROW: Row = Row { name: "tag book", floor: 0.3, goal: 0.8 };
/// People in the book; their tags are what is probed, so that only these are filled in.
const PEOPLE: u64 = 10_000_000;
/// Tags of a docket's records.
const DELTA: usize = 100;
/// Dockets of a round.
const DOCKETS: usize = 20;
/// In the order of the keys: filling in takes seconds.
const FILL: &str = "WITH RECURSIVE person (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM person WHERE at < $1 - 1) \
    INSERT INTO tag (lookup, identity) SELECT CAST(unhex(printf('%08x', at * 429)) || randomblob(12) AS BLOB), randomblob(16) FROM person";

pub(crate) fn measure(runtime: &Runtime) {
    let directory = tempfile::tempdir().unwrap();
    let (book, mut bare) = runtime.block_on(async {
        let database = Database::open_book(directory.path()).await.unwrap();
        let book = Book::open(directory.path(), database, &mut StdRng::seed_from_u64(1)).await.unwrap();
        let file = format!("sqlite:{}", directory.path().join("book.sqlite").display());
        let mut connection = SqliteConnection::connect(&file).await.unwrap();
        for pragma in ["PRAGMA synchronous = OFF", "DROP INDEX tag_by_identity"] {
            sqlx::query(pragma).execute(&mut connection).await.unwrap();
        }
        sqlx::query(FILL).bind(i64::try_from(PEOPLE).unwrap()).execute(&mut connection).await.unwrap();
        (book, connection)
    });
    let mut rng = StdRng::seed_from_u64(2);
    let mut delta = || -> Vec<[u8; 32]> {
        let random = || {
            let mut bytes = [0; 32];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        std::iter::repeat_with(random).take(DELTA).collect()
    };
    let deltas: Vec<_> = (0..DOCKETS).map(|_| delta()).collect();
    ROW.measure(|_| runtime.block_on(probe(&mut bare, &deltas)), |_| runtime.block_on(look_up(&book, &deltas)));
}

async fn look_up(book: &Book, deltas: &[Vec<[u8; 32]>]) -> Duration {
    let epoch = Epoch::new(1).unwrap();
    let began = std::time::Instant::now();
    for delta in deltas {
        let tags: Vec<_> = delta.iter().map(|bytes| EpochTag { epoch, tag: Tag::from_bytes(*bytes) }).collect();
        std::hint::black_box(book.holding(&tags).await.unwrap());
    }
    began.elapsed()
}

async fn probe(connection: &mut SqliteConnection, deltas: &[Vec<[u8; 32]>]) -> Duration {
    let began = std::time::Instant::now();
    for tag in deltas.iter().flatten() {
        let probe = sqlx::query_scalar("SELECT identity FROM tag WHERE lookup = $1").bind(&tag[..16]);
        let found: Option<Vec<u8>> = probe.fetch_optional(&mut *connection).await.unwrap();
        std::hint::black_box(found);
    }
    began.elapsed()
}
