-- Dockets that a receipt is due for, and the receipt once it is signed: by itself when the hook has taken every call that
-- the docket caused, or by command. The last one signed is kept.
CREATE TABLE receipt (
    docket BLOB PRIMARY KEY,
    log_index INTEGER NOT NULL,
    envelope TEXT,
    filed_at INTEGER
) STRICT;
CREATE INDEX receipt_owed ON receipt (log_index) WHERE filed_at IS NULL;
