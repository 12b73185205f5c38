//! PostgreSQL's two roles: one makes the schema, the other serves, and can change nothing that is logged. Every other test of a
//! registry on PostgreSQL runs as the second ([`crate::support::Database`]); here is what it can't do.

use std::process::Command;

use callboard_client::clock::Clock as _;
use callboard_registry::store::{Store, StoreError, schema};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::{
    sandbox::programs::programs,
    support::{Database, Engine, SERVING, World, committee::tag, engines},
};

/// What would change the log, its schema, or who may.
const FORBIDDEN: &[&str] = &[
    "UPDATE docket SET leaf = '' WHERE log_index = 0",
    "UPDATE docket SET envelope = NULL",
    "UPDATE docket SET logged_at = 0",
    "UPDATE docket SET docket_id = NULL",
    "DELETE FROM docket WHERE log_index = 0",
    "TRUNCATE docket CASCADE",
    "UPDATE record SET kind = 'annulment'",
    "UPDATE record SET log_index = 0",
    "DELETE FROM record",
    "DELETE FROM anchor",
    "UPDATE anchor SET member = 'another'",
    "DELETE FROM receipt",
    "UPDATE receipt SET outcome = 'in-effect'",
    "INSERT INTO head SELECT * FROM head",
    "DELETE FROM head",
    "DELETE FROM job",
    "DELETE FROM _sqlx_migrations",
    "INSERT INTO _sqlx_migrations SELECT * FROM _sqlx_migrations",
    "CREATE TABLE more (id BIGINT)",
    "CREATE INDEX more ON docket (logged_at)",
    "ALTER TABLE docket ADD COLUMN more BIGINT",
    "ALTER TABLE docket DISABLE TRIGGER ALL",
    "DROP TABLE receipt",
    "CREATE DOMAIN more AS bytea",
    "SET ROLE postgres",
];

#[tokio::test]
async fn the_role_that_serves_has_no_ddl_and_changes_nothing_that_is_logged() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let (world, mut committee, database) = World::begun(Engine::Postgres, None).await;
    let now = world.clock.now();
    let drafted = committee.suspend(now, &tag(1));
    let docket = serde_json::to_value(committee.docket(now, &[&drafted], None)).unwrap();
    assert_eq!(world.submit(&docket).await.0, 201);
    let mut serving = PgConnection::connect(&database.address).await.unwrap();
    // It has no right to give: the server warns, and does nothing.
    serving.execute("GRANT DELETE ON docket TO callboard_serving").await.unwrap();
    for statement in FORBIDDEN {
        // A privilege that it lacks, or had to own the table for.
        let refused = serving.execute(*statement).await.expect_err(statement);
        let code = refused.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
    // Migrating again, as for a next version, gives nothing back that was taken and takes nothing that is needed.
    let mut owner = PgConnection::connect(&database.as_owner()).await.unwrap();
    owner.execute("GRANT ALL ON docket TO callboard_serving").await.unwrap();
    schema::migrate(&database.as_owner(), Some(SERVING)).await.unwrap();
    assert!(serving.execute(FORBIDDEN[0]).await.is_err());
    assert!(world.audit().await.differences.is_empty());
    world.stop().await;
    Store::open(&database.address).await.unwrap().close().await;
    database.drop().await;
}

#[tokio::test]
async fn a_database_that_is_behind_ahead_or_not_granted_is_refused_with_what_to_do() {
    if !engines().contains(&Engine::Postgres) {
        return;
    }
    let database = Database::bare(None).await;
    let refused = async || Store::open(&database.address).await.unwrap_err();
    let told = refused().await;
    assert!(matches!(told, StoreError::SchemaBehind) && told.to_string().contains("`callboard migrate`"), "{told:?}");
    // `serve` says it too, and makes nothing.
    let directory = tempfile::tempdir().unwrap();
    let config = format!("[registry]\nissuer = \"callboard.example\"\nstore = \"{}\"\n", database.address);
    std::fs::write(directory.path().join("callboard.toml"), config).unwrap();
    std::fs::write(directory.path().join("log.key"), "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n").unwrap();
    let callboard = |arguments: &[&str]| {
        let mut command = Command::new(programs().join("callboard"));
        command.args(arguments).current_dir(directory.path()).output().unwrap()
    };
    // The address of metrics is another's as likely as not.
    let jobs = callboard(&["jobs", "."]);
    assert!(String::from_utf8_lossy(&jobs.stderr).contains("run `callboard migrate`"), "{jobs:?}");

    // The serving role can't migrate; the owner can, and then the role lacks its rights.
    let by_serving = callboard(&["migrate", "."]);
    assert!(!by_serving.status.success(), "{by_serving:?}");
    let owner = database.as_owner();
    assert!(callboard(&["migrate", "--as", &owner]).status.success());
    let told = refused().await;
    assert!(matches!(told, StoreError::MissingPrivilege { .. }) && told.to_string().contains("--grant"), "{told:?}");
    let granted = callboard(&["migrate", "--as", &owner, "--grant", SERVING]);
    assert!(granted.status.success(), "{granted:?}");
    Store::open(&database.address).await.unwrap().close().await;
    assert!(callboard(&["jobs", "."]).status.success());

    // One right less, and one step more or less.
    let mut connection = PgConnection::connect(&owner).await.unwrap();
    for (statement, is_expected) in [
        ("REVOKE UPDATE (share) ON record FROM callboard_serving", "may not UPDATE record"),
        (
            "GRANT UPDATE (share) ON record TO callboard_serving; REVOKE DELETE ON nonce FROM callboard_serving",
            "may not DELETE nonce",
        ),
        (
            "GRANT DELETE ON nonce TO callboard_serving; \
             INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time \
             FROM _sqlx_migrations WHERE version = 1",
            "is a later program's",
        ),
        ("DELETE FROM _sqlx_migrations WHERE version IN (1, 9999)", "is behind this program"),
    ] {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))).await.unwrap();
        let told = refused().await.to_string();
        assert!(told.contains(is_expected), "{told}");
    }
    database.drop().await;
}

#[test]
fn the_grants_can_be_printed_for_whoever_gives_rights_by_hand() {
    let printed =
        Command::new(programs().join("callboard")).args(["migrate", "--print", "--grant", "callboard"]).output();
    let printed = String::from_utf8(printed.unwrap().stdout).unwrap();
    assert!(printed.contains("GRANT SELECT, INSERT, UPDATE (publication) ON docket TO \"callboard\";\n"), "{printed}");
}
