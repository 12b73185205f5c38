-- The platform's own: none of it can be had again. What could name anybody is encrypted under `book.key`; what is looked up by
-- is a keyed hash of 16 bytes. An identity itself stands nowhere.

-- What an identity is under an epoch: tag and seal key, encrypted.
CREATE TABLE identity (
    lookup BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (lookup, epoch)
) STRICT, WITHOUT ROWID;

-- Which identity a tag is of: what new records are looked up by.
CREATE TABLE tag (
    lookup BLOB PRIMARY KEY,
    identity BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_by_identity ON tag (identity);

-- An account is one person at the platform: `ref` and `person`, by which it is looked up, and by `ref` alone with the others
-- of a room. Both are encrypted, with what was told of its holder; beside it the identities that it gave.
CREATE TABLE account (
    lookup BLOB PRIMARY KEY,
    reference BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_by_reference ON account (reference);
CREATE TABLE held (
    identity BLOB NOT NULL,
    account BLOB NOT NULL,
    PRIMARY KEY (identity, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_account ON held (account);

-- Details that were opened, encrypted, by the record and the identity that opened them.
CREATE TABLE details (
    record BLOB NOT NULL,
    identity BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (record, identity)
) STRICT, WITHOUT ROWID;
CREATE INDEX details_by_identity ON details (identity);

-- The log of checks, a row a commit: its leaves' hashes, which stay, and its lines, encrypted, until they are too old.
CREATE TABLE batch (
    first INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    first_id BLOB NOT NULL,
    last_id BLOB NOT NULL,
    logged_at INTEGER NOT NULL,
    leaves BLOB NOT NULL,
    sealed BLOB
) STRICT;
CREATE INDEX batch_by_id ON batch (last_id, first_id);
CREATE INDEX batch_by_time ON batch (logged_at) WHERE sealed IS NOT NULL;

-- Where in that log an account's identities were blinded: an auditor may ask for it.
CREATE TABLE blinded (
    account BLOB NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;

-- The roots of the log of checks that were handed in as anchors, and where the registry logged them.
CREATE TABLE anchor (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    at INTEGER NOT NULL,
    envelope TEXT NOT NULL,
    posted_at INTEGER,
    log_index INTEGER
) STRICT;

-- How far the log was looked through for the platform's people, and what its hook hasn't taken yet. One row, and a row a call.
CREATE TABLE told (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL
) STRICT;
INSERT INTO told (one, size) VALUES (1, 0);
CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    log_index INTEGER NOT NULL,
    account BLOB NOT NULL,
    sealed BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_account ON outbox (account, log_index);
CREATE INDEX outbox_by_time ON outbox (due_at);
