-- The token service's own tables. Forward only: a later step is another file, and runs once.

-- Nonces of signed requests, each taken once. `until_ms`: when the request counts no longer and the row may go.
CREATE TABLE nonces (
  keyid BLOB NOT NULL, nonce BLOB NOT NULL, until_ms INTEGER NOT NULL, PRIMARY KEY (keyid, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_until ON nonces (until_ms);

-- Points by asker (a member's id; for a seat its key id), key and UTC day. `quota`: those that the day's quota paid.
CREATE TABLE spent (
  asker TEXT NOT NULL, day INTEGER NOT NULL, keyid BLOB NOT NULL, points INTEGER NOT NULL, quota INTEGER NOT NULL,
  PRIMARY KEY (asker, day, keyid)
) STRICT, WITHOUT ROWID;

-- Points that a grant paid; its end names it.
CREATE TABLE granted (
  asker TEXT NOT NULL, until_ms INTEGER NOT NULL, points INTEGER NOT NULL, PRIMARY KEY (asker, until_ms)
) STRICT, WITHOUT ROWID;

-- Openable blinds: each answered batch with the RFC 6962 root over its blinded points.
CREATE TABLE batches (
  batch INTEGER PRIMARY KEY, keyid BLOB NOT NULL, epoch INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  points INTEGER NOT NULL, root BLOB NOT NULL
) STRICT;
CREATE INDEX batches_at ON batches (at_ms);

-- The last good proof file of roster and members, so that the service starts without the registry.
CREATE TABLE documents (kind TEXT PRIMARY KEY, file BLOB NOT NULL) STRICT, WITHOUT ROWID;
