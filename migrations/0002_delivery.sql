-- What is pushed, and what members say of it.

-- A lane: an endpoint and where it stands in the log. `next_index` is the first entry that it hasn't got; nothing else is
-- written for a docket. Each change by its owner is a new `generation`, and what a lane of an older one writes is dropped.
CREATE TABLE endpoint (
    id blob PRIMARY KEY,
    member TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    secret blob NOT NULL,
    old_secret blob,
    old_secret_until BIGINT,
    state TEXT NOT NULL,
    reason TEXT,
    generation BIGINT NOT NULL,
    next_index BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    failing_since BIGINT,
    retry_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX endpoint_by_member ON endpoint (member);

-- Attempts, for whoever looks why; `status` is absent where there was no answer. A test is of no entry: -1.
CREATE TABLE attempt (
    endpoint blob NOT NULL,
    log_index BIGINT NOT NULL,
    part BIGINT NOT NULL,
    is_last BIGINT NOT NULL,
    attempted_at BIGINT NOT NULL,
    took_millis BIGINT NOT NULL,
    status BIGINT,
    is_taken BIGINT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX attempt_by_endpoint ON attempt (endpoint, log_index);
CREATE INDEX attempt_by_entry ON attempt (log_index);

-- Members' receipts: all are kept, numbered as they were taken. How many records it excepts, and the first of them, stand
-- beside it, so that whoever looks at many receipts reads no envelope.
CREATE TABLE receipt (
    payload_hash blob PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    log_index BIGINT NOT NULL REFERENCES docket (log_index),
    member TEXT NOT NULL,
    outcome TEXT NOT NULL,
    receipted_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    exceptions BIGINT NOT NULL,
    excerpt TEXT NOT NULL,
    envelope blob NOT NULL
);
CREATE INDEX receipt_by_entry ON receipt (log_index, number);

-- Of each member and docket the receipt that holds, the one of the latest `at`; and how many the member filed.
CREATE TABLE receipt_holding (
    log_index BIGINT NOT NULL REFERENCES docket (log_index),
    member TEXT NOT NULL,
    payload_hash blob NOT NULL REFERENCES receipt (payload_hash),
    receipted_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    filed BIGINT NOT NULL,
    PRIMARY KEY (log_index, member)
);

-- When the registry did not run: neither an endpoint's failing nor a member's silence counts for that time.
CREATE TABLE outage (
    began_at BIGINT PRIMARY KEY,
    ended_at BIGINT NOT NULL
);

-- When each sweep last ran, and how it ended.
CREATE TABLE job (
    name TEXT PRIMARY KEY,
    began_at BIGINT NOT NULL,
    took_millis BIGINT NOT NULL,
    done TEXT,
    error TEXT,
    next_at BIGINT
);
