-- Dockets with a public text are listed, the newest first: they are few among all entries.
CREATE INDEX docket_published ON docket (log_index) WHERE publication IS NOT NULL;
