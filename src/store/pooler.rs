//! Whether what answers at a PostgreSQL's address is one session as long as we are connected.
//!
//! A pooler that gives the server's session to another client after each transaction (PgBouncer's
//! `pool_mode=transaction` or `statement`) mixes up what the store relies on: prepared statements, settings, the
//! advisory lock. It can't be asked, so it is seen: what one connection sets for its session must be there afterwards,
//! and no other connection may see it. Most often there is none, and one connection tells: a server takes from its
//! start what no pooler hands on.

use std::{str::FromStr as _, time::Duration};

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, postgres::PgConnectOptions};

use super::StoreError;

/// Connections that are looked at: several poolers behind one address, or other clients, hide it from one look.
const LOOKS: usize = 6;
/// How long all looks may take; a pooler with no session to spare lets them wait.
const WITHIN: Duration = Duration::from_secs(10);

/// Sets a mark for the session that nobody else knows; in the simple protocol, which prepares nothing.
const SET: &str = "SELECT set_config('callboard.session', gen_random_uuid()::text, false)";
const GET: &str = "SELECT current_setting('callboard.session', true)";

/// A setting that a session has from its start. PgBouncer refuses those that it doesn't know, or leaves them away.
const DIRECT: (&str, &str) = ("callboard.direct", "yes");
const IS_DIRECT: &str = "SELECT current_setting('callboard.direct', true)";

/// How to connect, as the address says. The driver's own start-up parameter is left out, which poolers refuse.
pub(super) fn options(address: &str) -> Result<PgConnectOptions, StoreError> {
    Ok(PgConnectOptions::from_str(address)?.extra_float_digits(None))
}

/// Refuses a pooler that doesn't keep sessions.
///
/// # Errors
/// `TransactionPooler` if it was seen; `Unavailable` if it could not be looked at in time.
pub(super) async fn refuse(options: &PgConnectOptions) -> Result<(), StoreError> {
    let looked = async { Ok::<_, sqlx::Error>(is_direct(options).await? || keeps_sessions(options).await?) };
    match tokio::time::timeout(WITHIN, looked).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(StoreError::TransactionPooler),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(StoreError::Unavailable("no connection was free in time")),
    }
}

/// Whether a server answers itself.
async fn is_direct(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    match PgConnection::connect_with(&options.clone().options([DIRECT])).await {
        Ok(mut connection) => {
            let told = ask(&mut connection, IS_DIRECT).await?;
            connection.close().await?;
            Ok(told.as_deref() == Some(DIRECT.1))
        }
        // «unsupported startup parameter», or what ails every connection.
        Err(sqlx::Error::Database(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn keeps_sessions(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let mut one = PgConnection::connect_with(options).await?;
    for _ in 0..LOOKS {
        let mark = ask(&mut one, SET).await?;
        // A pooler that takes sessions in turn has given it another one.
        if ask(&mut one, GET).await? != mark {
            return Ok(false);
        }
        let mut other = PgConnection::connect_with(options).await?;
        match other.execute(sqlx::raw_sql("BEGIN")).await {
            Ok(_) => {}
            // «transaction blocks not allowed in statement pooling mode»
            Err(sqlx::Error::Database(_)) => return Ok(false),
            Err(error) => return Err(error),
        }
        // A pooler that takes the session used last has given it to the other; or keeps that from us now.
        if ask(&mut other, GET).await? == mark || ask(&mut one, GET).await? != mark {
            return Ok(false);
        }
        other.close().await?;
    }
    one.close().await?;
    Ok(true)
}

async fn ask(connection: &mut PgConnection, sql: &'static str) -> Result<Option<String>, sqlx::Error> {
    connection.fetch_one(sqlx::raw_sql(sql)).await?.try_get(0)
}
