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
    log_index INTEGER,
    -- Why the registry will never take it.
    refused TEXT
) STRICT;

-- How far the log was looked through for the platform's people, and under which epochs. One row.
CREATE TABLE told (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    live TEXT NOT NULL
) STRICT;
INSERT INTO told (one, size, live) VALUES (1, 0, '');

-- A person of whom a check says anything but that nothing stands, or may say so at an instant; a new row is looked at at once.
-- What is said is kept as a keyed hash, NULL where nothing stands. What differs of `now` and `said` is owed to the hook, and
-- what was called and not taken: nobody knows whether it arrived.
CREATE TABLE watch (
    account BLOB PRIMARY KEY,
    -- How often something happened that may change what a check would answer.
    mark INTEGER NOT NULL DEFAULT 0,
    -- Looked at again from this instant on, or before the other, if the clock is set back.
    due_at INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL DEFAULT -9223372036854775808,
    -- What a check would decide, and a hash of what it would answer.
    decision TEXT NOT NULL DEFAULT 'allow',
    now BLOB,
    -- What the hook took last.
    said BLOB,
    -- Whether the account is forgotten: what was said of it stays, since whoever has it next may be another.
    gone INTEGER NOT NULL DEFAULT 0,
    -- The call that is made until it is taken: what it says, and as of which size and instant.
    call BLOB,
    call_hash BLOB,
    call_size INTEGER,
    call_at INTEGER,
    -- The hook took it on, and has until then to report that it is done.
    accepted_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_due ON watch (due_at);
CREATE INDEX watch_since ON watch (since);
CREATE INDEX watch_fresh ON watch (account) WHERE call IS NULL AND now IS NOT said AND gone = 0;
CREATE INDEX watch_tried ON watch (account) WHERE call IS NOT NULL AND gone = 0;
CREATE INDEX watch_call ON watch (call) WHERE call IS NOT NULL;

-- Dockets that concern a person, until the hook has taken what they changed, or it is seen that they change nothing.
CREATE TABLE concern (
    account BLOB NOT NULL,
    log_index INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    PRIMARY KEY (account, log_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX concern_by_docket ON concern (log_index);

-- How many people a docket concerns, where the hook is only reported to.
CREATE TABLE report (
    log_index INTEGER PRIMARY KEY,
    people INTEGER NOT NULL
) STRICT;
