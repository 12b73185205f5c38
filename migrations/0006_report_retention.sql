-- What a report said is erased once its time is over: the ciphertexts go, times, states and codes stay.
ALTER TABLE report ADD COLUMN erased_at BIGINT;
CREATE INDEX report_kept ON report (changed_at, id) WHERE erased_at IS NULL;
