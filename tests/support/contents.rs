//! What stands in a database, by table: whether a request left anything behind, and where.

use std::collections::{BTreeMap, BTreeSet};

use callboard_federation::encoding::Hash;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

/// A hash of all that each table holds, in whatever order.
pub(crate) type Contents = BTreeMap<String, Hash>;

/// Each table, and SQL that gives a whole row of it as text.
const OF_SQLITE: &str = "SELECT tables.name, group_concat('quote(' || columns.name || ')', '||'',''||') \
    FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns \
    WHERE tables.type = 'table' GROUP BY tables.name";
const OF_POSTGRES: &str = "SELECT tablename::text, 'held::text' FROM pg_tables WHERE schemaname = 'public'";

/// All that stands at an address (`sqlite:…` or `postgres:…`) but for these tables.
pub(crate) async fn contents(address: &str, but: &[&str]) -> Contents {
    macro_rules! read {
        ($connection:ty, $tables:expr) => {{
            let mut connection = <$connection>::connect(address).await.unwrap();
            let tables = sqlx::query($tables).fetch_all(&mut connection).await.unwrap();
            let mut contents = Contents::new();
            for table in tables.iter().map(|table| (table.get::<String, _>(0), table.get::<String, _>(1))) {
                if but.contains(&table.0.as_str()) {
                    continue;
                }
                let rows = AssertSqlSafe(format!("SELECT {} FROM {} AS held", table.1, table.0));
                let rows = sqlx::query(rows).fetch_all(&mut connection).await.unwrap();
                let mut rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                rows.sort();
                contents.insert(table.0, Hash::of(rows.join("\n").as_bytes()));
            }
            connection.close().await.unwrap();
            contents
        }};
    }
    if address.starts_with("sqlite:") { read!(SqliteConnection, OF_SQLITE) } else { read!(PgConnection, OF_POSTGRES) }
}

/// The tables whose rows aren't what they were.
pub(crate) fn changed(before: &Contents, after: &Contents) -> Vec<String> {
    let tables: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    tables.into_iter().filter(|table| before.get(*table) != after.get(*table)).cloned().collect()
}
