CREATE TABLE runs (
	id INTEGER NOT NULL,
	started TEXT NOT NULL,
	finished TEXT NOT NULL,
	day TEXT NOT NULL,
	exit_code INTEGER NOT NULL,
	record BLOB NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE TABLE files (
	id INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	size BIGINT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	outcome TEXT NOT NULL,
	place TEXT NOT NULL,
	moment TEXT NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE INDEX ix_files_sha256 ON files (sha256)
-- next
CREATE TRIGGER runs_refuses_update BEFORE UPDATE ON runs
                BEGIN SELECT RAISE(ABORT, 'runs: the ledger is append only'); END
-- next
CREATE TRIGGER runs_refuses_delete BEFORE DELETE ON runs
                BEGIN SELECT RAISE(ABORT, 'runs: the ledger is append only'); END
-- next
CREATE TRIGGER files_refuses_update BEFORE UPDATE ON files
                BEGIN SELECT RAISE(ABORT, 'files: the ledger is append only'); END
-- next
CREATE TRIGGER files_refuses_delete BEFORE DELETE ON files
                BEGIN SELECT RAISE(ABORT, 'files: the ledger is append only'); END
