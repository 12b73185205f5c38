-- Reports of the public: sealed in a browser to report keys. Nothing here can be read, and nobody is named.

-- A seat's report key, as the seat signed it; the latest of each.
CREATE TABLE report_key (
    seat blob PRIMARY KEY,
    published_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    payload_hash blob NOT NULL,
    envelope blob NOT NULL
);

-- By which hash of a code its reporter follows a report of the public, and how many bytes of files belong to it.
CREATE TABLE public_report (
    report blob PRIMARY KEY REFERENCES report (id),
    follow blob NOT NULL,
    received_at BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);
CREATE UNIQUE INDEX public_report_by_follow ON public_report (follow);
CREATE INDEX public_report_by_time ON public_report (received_at);

-- A file's ciphertext: its length and SHA-256, told when the report was filed; `whole_at` once all of it is there.
CREATE TABLE report_file (
    report blob NOT NULL REFERENCES report (id),
    number BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 blob NOT NULL,
    whole_at BIGINT,
    PRIMARY KEY (report, number)
);
CREATE TABLE report_file_part (
    report blob NOT NULL REFERENCES report (id),
    number BIGINT NOT NULL,
    part BIGINT NOT NULL,
    bytes blob NOT NULL,
    PRIMARY KEY (report, number, part)
);

-- What secretariat and reporter say to each other, under the reporter's code.
ALTER TABLE report_entry ADD COLUMN to_reporter blob;
