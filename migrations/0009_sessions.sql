-- Sessions of subjects: links by which people read what is held about them, and what they file. What is read and filed is
-- ciphertext here.

-- `member` made it, or where that is empty the secretariat's `seat`. `sent` is SHA-256 of what came. `records` are ids, 16
-- bytes each. `public_key` and `seal_to` are the browser's that opened it. `confirm_hash` is of the code that the secretariat
-- sent last, and `confirm_wrong` how often it was typed wrong. Each wrong code is counted in the statement that reads the
-- hash, so that none is free.
CREATE TABLE subject_session (
    id blob PRIMARY KEY,
    member TEXT NOT NULL,
    seat blob,
    whose TEXT NOT NULL,
    sent blob NOT NULL,
    code_hash blob NOT NULL,
    records blob NOT NULL,
    sealed blob NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ends_at BIGINT,
    wrong_codes BIGINT NOT NULL,
    opened_at BIGINT,
    public_key blob,
    seal_to blob,
    ended_at BIGINT,
    identity TEXT NOT NULL,
    code_sent_at BIGINT,
    confirm_hash blob,
    confirm_wrong BIGINT NOT NULL,
    confirmed_at BIGINT
);
CREATE INDEX subject_session_by_time ON subject_session (made_at, id);
CREATE INDEX subject_session_by_member ON subject_session (member, made_at, id);

-- What was filed in a session, and the log's receipt for it. `sent` is SHA-256 of what came.
CREATE TABLE filing (
    id blob PRIMARY KEY,
    session blob NOT NULL REFERENCES subject_session (id),
    kind TEXT NOT NULL,
    record blob NOT NULL,
    sent blob NOT NULL,
    filed_at BIGINT NOT NULL,
    due_at BIGINT,
    calendar_unknown BIGINT NOT NULL,
    receipt blob NOT NULL,
    answers BIGINT NOT NULL,
    sealed blob NOT NULL
);
CREATE INDEX filing_by_time ON filing (filed_at, id);
CREATE INDEX filing_by_session ON filing (session, filed_at, id);
CREATE INDEX filing_open ON filing (filed_at, id) WHERE answers = 0;

-- What the secretariat answered.
CREATE TABLE filing_answer (
    filing blob NOT NULL REFERENCES filing (id),
    number BIGINT NOT NULL,
    seat blob NOT NULL,
    outcome TEXT NOT NULL,
    at BIGINT NOT NULL,
    sealed blob NOT NULL,
    PRIMARY KEY (filing, number)
);
