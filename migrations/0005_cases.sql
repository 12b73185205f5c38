-- Cases: chains of signed events, each with the log's acknowledgement. What is readable about people is sealed.

-- How far a case is, as its events leave it: `events` is how many there are, and of two for one place one is taken;
-- `head` is SHA-256 of the last payload. `clockwork` is 1 while the log's own key may have something to say; `sat`, once
-- it is closed, the holders who sat, as JSON.
CREATE TABLE case_file (
    id blob PRIMARY KEY,
    instrument TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    policy_sha256 blob NOT NULL,
    state TEXT NOT NULL,
    items BIGINT NOT NULL,
    events BIGINT NOT NULL,
    head blob NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT,
    clockwork BIGINT NOT NULL,
    sat TEXT
);
CREATE INDEX case_file_by_change ON case_file (changed_at, id);
CREATE INDEX case_file_by_state ON case_file (state, changed_at, id);
CREATE INDEX case_file_by_clockwork ON case_file (clockwork, id);

-- The events as they came; `hash` is SHA-256 of the payload: what a docket names as its procedure.
CREATE TABLE case_event (
    case_id blob NOT NULL REFERENCES case_file (id),
    seq BIGINT NOT NULL,
    hash blob NOT NULL UNIQUE,
    envelope blob NOT NULL,
    acknowledgement blob NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, seq)
);

-- What is sealed beside an event, to the seats of its case.
CREATE TABLE case_sealed (
    case_id blob NOT NULL,
    seq BIGINT NOT NULL,
    sha256 blob NOT NULL,
    sealed blob NOT NULL,
    PRIMARY KEY (case_id, seq),
    FOREIGN KEY (case_id, seq) REFERENCES case_event (case_id, seq)
);
CREATE INDEX case_sealed_by_hash ON case_sealed (sha256, case_id, seq);
