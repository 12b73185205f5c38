-- Dockets that a receipt is due for, and the receipt once it is signed: by itself when its last record is
-- in effect and no person whom it concerns waits for the hook, or by command. The last one signed is kept.
CREATE TABLE receipt (
    docket BLOB PRIMARY KEY,
    log_index INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    envelope TEXT,
    filed_at INTEGER
) STRICT;
CREATE INDEX receipt_owed ON receipt (log_index) WHERE filed_at IS NULL;
