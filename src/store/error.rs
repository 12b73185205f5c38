//! Why the store doesn't do what it is asked, and how an engine's error becomes one of ours.

use std::{io, path::PathBuf};

use callboard_federation::zh_en;
use sqlx::error::DatabaseError;

use super::column::UnreadableRowError;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}", zh_en!("存储地址应写成 sqlite:路径 或 postgres://…", "a store is sqlite:PATH or postgres://…"))]
    Address,
    #[error("{}", zh_en!("该数据库属于另一登记册，与配置不符",
        "the database belongs to another registry than the configuration names"))]
    Origin,
    #[error("{}", zh_en!("同一内容或编号的文书已经存储", "a docket of this payload or id is stored already"))]
    DocketRepeated,
    #[error("{}", zh_en!("同一编号的记录已经存储", "a record of this id is stored already"))]
    RecordRepeated,
    /// An entry doesn't follow the head, or the one before it.
    #[error("{}", zh_en!("下一条应为第{expected}条，不是第{got}条", "the next entry is {expected}, not {got}"))]
    NotNext { expected: u64, got: u64 },
    #[error("{}", zh_en!("要删除的{expected}条记录中只存有{got}条", "of {expected} records to erase {got} are stored"))]
    NothingToErase { expected: u64, got: u64 },
    #[error("{}", zh_en!("要登记的{expected}件存证中只有{got}件在等待", "of {expected} anchors to log {got} wait"))]
    AnchorsMoved { expected: u64, got: u64 },
    /// A write failed, and what it wrote by half was to be committed.
    #[error("{}", zh_en!("只写了一半的内容没有提交", "what was written by half is not committed"))]
    HalfWritten,
    #[error("{}", zh_en!("{_0} 中有一行不是本程序写入的", "a row of {_0} is not as this program wrote it"))]
    Unreadable(&'static str),
    #[error(transparent)]
    OpenToOthers(#[from] callboard_client::create_new::OpenToOthers),
    #[error("{}", zh_en!("另一 callboard serve 正在写入此存储，并占用 {}：请先停止它，或者让本程序使用另一存储",
        "another `callboard serve` writes to this store: it holds {}; stop it first, or give this one a store of its own", _0.display()))]
    Locked(PathBuf),
    #[error("{}", zh_en!("另一 callboard serve 占用此存储：请等它结束（监控程序会反复启动本程序），或者用 --take-over 接管，对方即不再签署",
        "another `callboard serve` holds this store: wait until it has ended (a supervisor may start this one again and again), or take over with --take-over, and that one stops signing"))]
    Busy,
    #[error("{}", zh_en!("本节点不写入登记册，只读取", "this node does not write the log: it only reads"))]
    NotWriter,
    #[error("{}", zh_en!("另一节点已接管登记册：对方为第{by}任，本节点为第{own}任",
        "another node has taken the log over: its epoch is {by}, ours was {own}"))]
    Fenced { own: u64, by: u64 },
    #[error("{}", zh_en!("{path} 无法打开，其锁即写入权",
        "{path}, whose lock is the right to write, can't be opened", path = path.display()))]
    LockFile { path: PathBuf, source: io::Error },
    #[error("{}", zh_en!("登记册头部在锁定期间发生了变化", "the head of the log moved though its lock was held"))]
    HeadMoved,
    /// The engine doesn't answer, or not in time: the same may be tried again.
    #[error("{}", zh_en!("存储没有应答：{_0}", "the store does not answer: {_0}"))]
    Unavailable(&'static str),
    #[error(transparent)]
    Database(sqlx::Error),
    #[error("{}", zh_en!("存储地址指向按事务分配会话的连接池（PgBouncer，pool_mode = transaction 或 statement）：请设为 pool_mode = session，或者直接写 PostgreSQL 的地址",
        "the store's address leads to a pooler that gives a session to another client after each transaction (PgBouncer with pool_mode = transaction or statement): set pool_mode = session, or name PostgreSQL itself"))]
    TransactionPooler,
    /// The schema isn't there, or is an older one.
    #[error("{}", zh_en!("数据库的结构旧于本程序：请以有权更改结构的角色执行 callboard migrate",
        "the database's schema is behind this program: run `callboard migrate`, as a role that may change it"))]
    SchemaBehind,
    #[error("{}", zh_en!("数据库的结构新于本程序：请运行新版程序，或者恢复到更改之前",
        "the database's schema is a later program's: run that, or restore the database as it was before"))]
    SchemaAhead,
    #[error("{}", zh_en!("该角色无权{right} {table}：请以结构所有者的身份执行 callboard migrate --grant ROLE",
        "this role may not {right} {table}: run `callboard migrate --grant ROLE`, as the schema's owner"))]
    MissingPrivilege { right: &'static str, table: &'static str },
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let told = match &error {
            sqlx::Error::PoolTimedOut => Some(Self::Unavailable("no connection was free in time")),
            sqlx::Error::PoolClosed => Some(Self::Unavailable("it is closed")),
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Some(Self::Unavailable("the connection broke")),
            sqlx::Error::ColumnDecode { .. } => {
                Some(Self::Unreadable(UnreadableRowError::table_of(&error).unwrap_or("the database")))
            }
            sqlx::Error::Database(error) => unique_violation(&**error).or_else(|| unavailable_error(&**error)),
            // A transaction that the engine ended by itself: its connection is replaced.
            sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed => {
                Some(Self::Unavailable("its connection is replaced"))
            }
            _ => None,
        };
        if let Some(Self::Unavailable(_)) = told {
            tracing::warn!(%error, "the store does not answer");
        }
        told.unwrap_or(Self::Database(error))
    }
}

/// Which of our promises of uniqueness it breaks: PostgreSQL names the constraint, SQLite the columns.
fn unique_violation(error: &dyn DatabaseError) -> Option<StoreError> {
    if !error.is_unique_violation() {
        return None;
    }
    let what = error.constraint().or_else(|| error.message().rsplit_once("failed: ").map(|(_, columns)| columns))?;
    match what {
        "docket_payload_hash_key" | "docket.payload_hash" | "docket_docket_id_key" | "docket.docket_id" => {
            Some(StoreError::DocketRepeated)
        }
        "record_pkey" | "record.id" => Some(StoreError::RecordRepeated),
        "docket_pkey" | "docket.log_index" => Some(StoreError::HeadMoved),
        _ => None,
    }
}

/// Whether it passes once its cause does: SQLSTATE classes 08, 40, 53 (a full disk), 57, two timeouts and a server that
/// only reads; SQLite's BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN.
fn unavailable_error(error: &dyn DatabaseError) -> Option<StoreError> {
    let code = error.code()?;
    // A SQLSTATE has five characters, an extended code of SQLite fewer digits.
    let why = if code.len() == 5 {
        match &*code {
            "53100" => "the disk is full",
            "25006" => "it is read-only",
            "25P03" | "55P03" => "it is busy",
            code if ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)) => {
                "it is busy, or shutting down"
            }
            _ => return None,
        }
    } else {
        match code.parse::<u32>().ok()? & 0xff {
            5 | 6 => "it is busy",
            8 => "it is read-only",
            10 | 14 => "its file can't be read or written",
            13 => "the disk is full",
            _ => return None,
        }
    };
    Some(StoreError::Unavailable(why))
}
