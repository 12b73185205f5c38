//! The schema, and the two roles of PostgreSQL: one that makes it (`callboard migrate`), and one that serves, which has
//! no DDL and can't change a leaf.
//!
//! [`GRANTS`] is the one list of what a serving role may do: [`grants`] says it as SQL, [`check`] asks at each start
//! whether the role has it. A store of one file is brought to this version when it is opened: there is nobody else to
//! do it.

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, migrate::Migrator};

use super::{StoreError, pooler};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// What a serving role may do besides reading. Of what is logged it can change nothing: an erasure empties the columns
/// that hold what is disclosed, and no leaf commits to those alone.
const GRANTS: &[(&str, &[Privilege])] = &[
    ("head", &[Privilege::Update(&[])]),
    ("docket", &[Privilege::Insert, Privilege::Update(&["publication"])]),
    ("record", &[Privilege::Insert, Privilege::Update(&["statement", "share", "erased_by"])]),
    ("anchor", &[Privilege::Insert, Privilege::Update(&["taken_on", "payload_hash", "envelope", "log_index"])]),
    ("share_given", &[Privilege::Insert, Privilege::Update(&["last_at", "times"]), Privilege::Delete]),
    ("cosignature", &[Privilege::Insert, Privilege::Update(&["cosigned_at", "line"]), Privilege::Delete]),
    ("nonce", &[Privilege::Insert, Privilege::Delete]),
    ("endpoint", &[Privilege::Insert, Privilege::Update(&[]), Privilege::Delete]),
    ("attempt", &[Privilege::Insert, Privilege::Delete]),
    ("receipt", &[Privilege::Insert]),
    (
        "receipt_holding",
        &[Privilege::Insert, Privilege::Update(&["payload_hash", "receipted_at", "taken_at", "filed"])],
    ),
    ("outage", &[Privilege::Insert]),
    ("job", &[Privilege::Insert, Privilege::Update(&[])]),
    ("draft", &[Privilege::Insert, Privilege::Update(&["sealed", "version", "closed_at", "erased_at"])]),
    ("draft_seat", &[Privilege::Insert]),
    ("draft_answer", &[Privilege::Insert, Privilege::Update(&["signature", "sealed"])]),
    (
        "report",
        &[
            Privilege::Insert,
            Privilege::Update(&["version", "state", "changed_at", "merged_into", "case_id", "sealed", "erased_at"]),
        ],
    ),
    ("report_entry", &[Privilege::Insert, Privilege::Update(&["to_member", "to_seats", "to_reporter"])]),
    ("identity_request", &[Privilege::Insert, Privilege::Update(&["answered_at", "answer"]), Privilege::Delete]),
    (
        "member_recipient",
        &[Privilege::Insert, Privilege::Update(&["published_at", "taken_at", "payload_hash", "envelope"])],
    ),
    (
        "case_file",
        &[
            Privilege::Insert,
            Privilege::Update(&["events", "state", "items", "head", "changed_at", "due_at", "clockwork", "sat"]),
        ],
    ),
    ("case_event", &[Privilege::Insert]),
    ("case_sealed", &[Privilege::Insert]),
    ("case_fact", &[Privilege::Insert]),
    ("bans_declared", &[Privilege::Insert]),
    ("report_key", &[Privilege::Insert, Privilege::Update(&["published_at", "taken_at", "payload_hash", "envelope"])]),
    ("public_report", &[Privilege::Insert, Privilege::Update(&["bytes"])]),
    ("report_file", &[Privilege::Insert, Privilege::Update(&["whole_at"])]),
    ("report_file_part", &[Privilege::Insert, Privilege::Delete]),
    (
        "subject_session",
        &[
            Privilege::Insert,
            Privilege::Update(&[
                "ends_at",
                "wrong_codes",
                "opened_at",
                "public_key",
                "seal_to",
                "ended_at",
                "identity",
                "code_sent_at",
                "confirm_hash",
                "confirm_wrong",
                "confirmed_at",
            ]),
        ],
    ),
    ("filing", &[Privilege::Insert, Privilege::Update(&["answers"])]),
    ("filing_answer", &[Privilege::Insert]),
    (HISTORY, &[]),
];
/// Which steps were taken: the migrator's own table.
const HISTORY: &str = "_sqlx_migrations";
/// What is logged, and no serving role should be able to take away.
const LOGGED: [(&str, &str); 4] =
    [("docket", "DELETE"), ("docket", "UPDATE"), ("record", "DELETE"), ("docket", "TRUNCATE")];

const TAKEN: &str = "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version";
const HAS_TABLE: &str = "SELECT has_table_privilege($1, $2)";
const HAS_COLUMN: &str = "SELECT has_column_privilege($1, $2, $3)";

/// Makes `blob` a type of PostgreSQL, so that one text of DDL serves both engines.
const BLOB_DOMAIN: &str = "DO $$ BEGIN CREATE DOMAIN blob AS bytea; \
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
/// What is mostly ciphertext and signatures gets no smaller: trying costs PostgreSQL a fifth of an append.
const UNCOMPRESSED: &str = "ALTER TABLE docket ALTER envelope SET STORAGE EXTERNAL; \
    ALTER TABLE record ALTER statement SET STORAGE EXTERNAL; ALTER TABLE draft ALTER sealed SET STORAGE EXTERNAL; \
    ALTER TABLE report ALTER sealed SET STORAGE EXTERNAL; ALTER TABLE case_sealed ALTER sealed SET STORAGE EXTERNAL; \
    ALTER TABLE subject_session ALTER sealed SET STORAGE EXTERNAL; ALTER TABLE filing ALTER sealed SET STORAGE EXTERNAL";

enum Privilege {
    Insert,
    /// With these columns; with none named, all of them.
    Update(&'static [&'static str]),
    Delete,
}

impl Privilege {
    const fn word(&self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update(_) => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// The statements that give a role what `serve` needs, and nothing else that it had on these tables.
pub fn grants(role: &str) -> Vec<String> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let mut statements = Vec::new();
    for (table, rights) in GRANTS {
        let mut words = vec!["SELECT".to_owned()];
        words.extend(rights.iter().map(|right| match right {
            Privilege::Update(columns) if !columns.is_empty() => format!("UPDATE ({})", columns.join(", ")),
            right => right.word().to_owned(),
        }));
        statements.push(format!("REVOKE ALL ON {table} FROM {role}"));
        statements.push(format!("GRANT {} ON {table} TO {role}", words.join(", ")));
    }
    statements
}

/// Brings a PostgreSQL to this version, as a role that may; then gives `serving` what it needs.
///
/// # Errors
/// The engine's own, such as a permission that this role lacks.
pub async fn migrate(address: &str, serving: Option<&str>) -> Result<(), StoreError> {
    let options = pooler::options(address)?;
    pooler::refuse(&options).await?;
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute(sqlx::raw_sql(BLOB_DOMAIN)).await?;
    MIGRATIONS.run(&mut connection).await?;
    connection.execute(sqlx::raw_sql(UNCOMPRESSED)).await?;
    if let Some(role) = serving {
        let statements = grants(role).join("; ");
        connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(statements))).await?;
    }
    Ok(connection.close().await?)
}

/// Whether the schema is this version's, and this role has what it needs.
///
/// # Errors
/// `SchemaBehind`, `SchemaAhead`, or `MissingPrivilege` if it isn't or hasn't.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), StoreError> {
    let rows = match connection.fetch_all(TAKEN).await {
        Ok(rows) => rows,
        // No such table.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => {
            return Err(StoreError::SchemaBehind);
        }
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
            return Err(StoreError::MissingPrivilege { right: "SELECT", table: HISTORY });
        }
        Err(error) => return Err(error.into()),
    };
    let mut taken = Vec::new();
    for row in rows {
        if row.try_get("success")? {
            taken.push((row.try_get::<i64, _>("version")?, row.try_get::<Vec<u8>, _>("checksum")?));
        }
    }
    let known: Vec<(i64, &[u8])> = MIGRATIONS.iter().map(|step| (step.version, &*step.checksum)).collect();
    if taken.iter().any(|(version, _)| known.iter().all(|(own, _)| own != version)) {
        return Err(StoreError::SchemaAhead);
    }
    if known.iter().any(|(version, checksum)| !taken.iter().any(|(at, sum)| at == version && sum == checksum)) {
        return Err(StoreError::SchemaBehind);
    }
    for (table, rights) in GRANTS {
        for (right, columns) in std::iter::once(("SELECT", &[][..])).chain(rights.iter().map(|right| match right {
            Privilege::Update(columns) => (right.word(), *columns),
            right => (right.word(), &[][..]),
        })) {
            let mut has = columns.is_empty() && has_table(connection, table, right).await?;
            for column in columns {
                let asked = sqlx::query_scalar(HAS_COLUMN).bind(*table).bind(*column).bind(right);
                has = asked.fetch_one(&mut *connection).await?;
                if !has {
                    break;
                }
            }
            if !has {
                return Err(StoreError::MissingPrivilege { right, table });
            }
        }
    }
    for (table, right) in LOGGED {
        if has_table(connection, table, right).await? {
            tracing::warn!(
                table,
                right,
                "this role may change what is logged; `callboard migrate --grant` makes one that can't"
            );
            break;
        }
    }
    Ok(())
}

async fn has_table(connection: &mut PgConnection, table: &str, right: &str) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(HAS_TABLE).bind(table).bind(right).fetch_one(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_granted_and_no_leaf_can_be_changed() {
        let made: Vec<&str> = MIGRATIONS
            .iter()
            .flat_map(|step| step.sql.as_str().split("CREATE TABLE ").skip(1))
            .map(|rest| rest.split([' ', '(']).next().unwrap())
            .collect();
        let granted: Vec<&str> = GRANTS.iter().map(|(table, _)| *table).filter(|table| *table != HISTORY).collect();
        assert_eq!(made, granted);
        let statements = grants("serving").join("\n");
        assert!(statements.contains("GRANT SELECT, INSERT, UPDATE (publication) ON docket TO \"serving\"\n"));
        assert!(!statements.contains("leaf") && !statements.contains("DELETE ON docket"), "{statements}");
        assert!(grants("a\"b")[0].ends_with("FROM \"a\"\"b\""));
    }
}
