-- The log and what hangs on it. One text for both engines: `blob` is a type of SQLite, and in PostgreSQL a domain over
-- bytea that the store makes first. Times are milliseconds since 1970, ids 16 bytes, hashes 32.

-- One row: whose registry this is, who writes its log, and the log's head. `epoch` is one more with each node that takes
-- over and `writer` that node, in hex: whatever moves the head names both. `root` is that of the `size` entries, in hex; that
-- of none is SHA-256 of nothing. `restored_at` is when lost entries were last brought back: what was kept beside the log since
-- the copy, nonces too, is gone.
CREATE TABLE head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    writer TEXT NOT NULL,
    size BIGINT NOT NULL,
    root TEXT NOT NULL,
    logged_at BIGINT,
    restored_at BIGINT
);
INSERT INTO head (one, origin, epoch, writer, size, root, logged_at)
VALUES (1, '', 0, '', 0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', NULL);

-- The log's entries, a docket each; one of anchors has neither payload, id nor envelope.
CREATE TABLE docket (
    log_index BIGINT PRIMARY KEY,
    logged_at BIGINT NOT NULL,
    leaf blob NOT NULL,
    payload_hash blob UNIQUE,
    docket_id blob UNIQUE,
    envelope blob,
    publication_hash blob,
    publication blob,
    records BIGINT NOT NULL
);
CREATE INDEX docket_by_publication ON docket (publication_hash);

-- `statement` and `share` are NULL once `erased_by` names the entry that erased them; a record without details has no share.
CREATE TABLE record (
    id blob PRIMARY KEY,
    log_index BIGINT NOT NULL REFERENCES docket (log_index),
    item_position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    statement blob,
    share blob,
    erased_by BIGINT,
    UNIQUE (log_index, item_position)
);
-- Few records ever are: an index of those alone costs an append nothing.
CREATE INDEX record_by_erasure ON record (erased_by) WHERE erased_by IS NOT NULL;

-- Members' anchors. Days are UTC, since 1970: `of_day` that of the anchor's own time, one a member; `taken_on` the
-- registry's, whose anchors one entry holds; that is `log_index` once it is logged.
CREATE TABLE anchor (
    member TEXT NOT NULL,
    of_day BIGINT NOT NULL,
    taken_on BIGINT NOT NULL,
    payload_hash blob NOT NULL,
    envelope blob NOT NULL,
    log_index BIGINT REFERENCES docket (log_index),
    PRIMARY KEY (member, of_day)
);
CREATE INDEX anchor_by_entry ON anchor (log_index);
CREATE INDEX anchor_by_day ON anchor (taken_on);

-- Which member was given which share: counted, and shown to the subject.
CREATE TABLE share_given (
    record blob NOT NULL REFERENCES record (id),
    member TEXT NOT NULL,
    key_id blob NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (record, member, key_id)
);

CREATE TABLE cosignature (
    name TEXT NOT NULL,
    key_hash blob NOT NULL,
    size BIGINT NOT NULL,
    cosigned_at BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (name, key_hash, size)
);

-- Nonces of signed requests, until `created` alone refuses them.
CREATE TABLE nonce (
    key_id blob NOT NULL,
    nonce blob NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX nonce_by_expiry ON nonce (expires);
