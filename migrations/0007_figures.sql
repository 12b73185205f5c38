-- Figures: what happened in cases, counted as it happens; and what members declare of themselves.

-- What an event made of its case, for the figures of its time: `what` it is, `detail` of it (the kind or measure of what was
-- decided), and `number` how many. Kept when the event is, so that no figure replays cases, nor changes when what was
-- decided is erased.
CREATE TABLE case_fact (
    case_id blob NOT NULL,
    seq BIGINT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, seq, what, detail),
    FOREIGN KEY (case_id, seq) REFERENCES case_event (case_id, seq)
);
CREATE INDEX case_fact_by_time ON case_fact (at, case_id, seq);

-- How many permanent bans a member declares that it imposed itself in a `period`, such as 2026-Q3. All are kept; of a member
-- and period the one of the latest `declared_at` holds.
CREATE TABLE bans_declared (
    member TEXT NOT NULL,
    period TEXT NOT NULL,
    declared_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    payload_hash blob NOT NULL,
    envelope blob NOT NULL,
    PRIMARY KEY (member, period, declared_at)
);
CREATE INDEX bans_declared_by_period ON bans_declared (period, member, declared_at);
