-- Drafts that seats are asked to sign, as ciphertext: hashes, keys' ids and times are all that can be read here.
-- Whether a draft's docket is logged is the log's to say: it isn't noted here.

-- `sealed` is NULL once the draft is erased. `closed_at` is when its drafter withdrew it, or it was erased. Each answer
-- moves `version` on, and so does an erasure: of two at once the store takes one, and the other is decided anew.
CREATE TABLE draft (
    id blob PRIMARY KEY,
    docket blob NOT NULL,
    drafter blob NOT NULL,
    drafted_at BIGINT NOT NULL,
    sealed blob,
    version BIGINT NOT NULL,
    closed_at BIGINT,
    erased_at BIGINT,
    UNIQUE (docket, drafter)
);

-- Whose draft it is: who is asked, by `place`; a drafter who isn't asked has none.
CREATE TABLE draft_seat (
    key_id blob NOT NULL,
    draft blob NOT NULL REFERENCES draft (id),
    place BIGINT,
    PRIMARY KEY (key_id, draft)
);
CREATE INDEX draft_seat_by_draft ON draft_seat (draft, place);

-- `signature` is NULL once it was withdrawn, `sealed` once the draft is erased.
CREATE TABLE draft_answer (
    draft blob NOT NULL REFERENCES draft (id),
    number BIGINT NOT NULL,
    key_id blob NOT NULL,
    act TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    signature blob,
    sealed blob,
    PRIMARY KEY (draft, number)
);
