-- The log as it was disclosed to this member, verbatim: nothing of the platform's stands here.
CREATE TABLE line (
    idx INTEGER PRIMARY KEY,
    line BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What the lines are of, and up to where a checkpoint bears them out. One row.
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    genesis TEXT NOT NULL,
    -- How many lines the newest checkpoint covers; what lies beyond isn't borne out yet.
    size INTEGER NOT NULL,
    -- The newest checkpoint's note, with every cosignature known.
    note TEXT,
    -- The newest witnessed checkpoint's note.
    witnessed TEXT
) STRICT;
