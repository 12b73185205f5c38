-- The log as it was disclosed. Nothing of the platform's stands here: whoever has the feed can make it anew.

-- Which log, and the newest checkpoint that the lines bear out.
CREATE TABLE log (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    genesis   BLOB NOT NULL,
    -- Entries below it are under a root that the log signed.
    confirmed INTEGER NOT NULL,
    -- The note of that size, with the lines known when it was taken.
    note      TEXT,
    -- The newest note that enough witnesses cosigned: what a start without a registry answers from, until it is too old.
    witnessed TEXT
) STRICT;

-- A line of the feed, verbatim but for statements that were erased since.
CREATE TABLE line (
    entry INTEGER PRIMARY KEY,
    line  BLOB NOT NULL
) STRICT;
