-- To which `age` recipient the secretariat writes to this member. Its identity is encrypted under `book.key`; one that was
-- replaced stays until nothing that was written to it is left.
CREATE TABLE recipient (
    recipient TEXT PRIMARY KEY,
    made_at INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    envelope TEXT NOT NULL,
    published_at INTEGER
) STRICT;

-- What was reported: `sealed` as it is sent, `summary` encrypted under `book.key`, without an identity. The rest is as the
-- registry last told it.
CREATE TABLE own_report (
    id BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    record BLOB,
    code TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    summary BLOB NOT NULL,
    sealed BLOB NOT NULL,
    filed_at INTEGER,
    failure TEXT,
    state TEXT,
    received_at INTEGER,
    due_at INTEGER,
    calendar_unknown INTEGER NOT NULL DEFAULT 0,
    changed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX own_report_by_time ON own_report (made_at, id);
CREATE INDEX own_report_open ON own_report (made_at, id) WHERE state IS NULL OR state IN ('received', 'asked');
