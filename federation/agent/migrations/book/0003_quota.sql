-- The member's points as the token service last told them: they outlive the agent.
CREATE TABLE quota (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    per_day INTEGER,
    points_left INTEGER NOT NULL,
    resets_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL
) STRICT;
