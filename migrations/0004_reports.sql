-- Reports to the committee, as ciphertext: kinds, states, times, and who did what are all that can be read here.

-- `member` filed it, or where that is empty the secretariat's `seat`. `sent` is SHA-256 of what came, so that the same
-- again is told from something else. Each act moves `version` on: of two at once the store takes one, and the other is
-- decided anew.
CREATE TABLE report (
    id blob PRIMARY KEY,
    member TEXT NOT NULL,
    seat blob,
    kind TEXT NOT NULL,
    record blob,
    code TEXT NOT NULL,
    sent blob NOT NULL,
    received_at BIGINT NOT NULL,
    due_at BIGINT,
    calendar_unknown BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    merged_into blob,
    case_id blob,
    version BIGINT NOT NULL,
    sealed blob NOT NULL
);
CREATE INDEX report_by_time ON report (received_at, id);
CREATE INDEX report_by_state ON report (state, received_at, id);
CREATE INDEX report_by_member ON report (member, received_at, id);
CREATE INDEX report_by_member_and_state ON report (member, state, received_at, id);

-- What was done with a report. Without `seat` the member answered. `to_member` is for the member, `to_seats` for the
-- secretariat.
CREATE TABLE report_entry (
    report blob NOT NULL REFERENCES report (id),
    number BIGINT NOT NULL,
    seat blob,
    act TEXT NOT NULL,
    at BIGINT NOT NULL,
    to_member blob,
    to_seats blob,
    request blob,
    PRIMARY KEY (report, number)
);

-- Whose account a member is asked for. `sealed` is for the member; `to_seats` the same for the secretariat.
CREATE TABLE identity_request (
    id blob PRIMARY KEY,
    report blob NOT NULL REFERENCES report (id),
    member TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    sealed blob NOT NULL,
    to_seats blob NOT NULL,
    answered_at BIGINT,
    answer blob
);
CREATE INDEX identity_request_by_member ON identity_request (member, asked_at, id);
CREATE INDEX identity_request_by_report ON identity_request (report, asked_at, id);
CREATE INDEX identity_request_open ON identity_request (member, asked_at, id) WHERE answered_at IS NULL;

-- To which `age` recipient the secretariat writes to a member: the member's own signed word, the latest alone.
CREATE TABLE member_recipient (
    member TEXT PRIMARY KEY,
    published_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    payload_hash blob NOT NULL,
    envelope blob NOT NULL
);
