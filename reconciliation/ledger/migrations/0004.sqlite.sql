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
-- next
CREATE TABLE recoveries (
	remittance_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	payer_id TEXT NOT NULL,
	normalised_reference TEXT NOT NULL,
	amount BIGINT NOT NULL,
	segment INTEGER NOT NULL,
	PRIMARY KEY (remittance_id, ordinal),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED
)
 WITHOUT ROWID
-- next
CREATE INDEX ix_recoveries_normalised_reference ON recoveries (normalised_reference)
-- next
CREATE TABLE recoupments (
	id INTEGER NOT NULL,
	claim_id INTEGER NOT NULL,
	line_id INTEGER NOT NULL,
	payer_id TEXT NOT NULL,
	remittance_id INTEGER,
	entry_id INTEGER,
	amount BIGINT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(claim_id) REFERENCES claims (id),
	FOREIGN KEY(line_id) REFERENCES lines (id),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(entry_id) REFERENCES entries (id)
)
-- next
CREATE INDEX ix_recoupments_claim_id ON recoupments (claim_id)
-- next
CREATE INDEX payers_numbers ON claim_payments (ltrim(upper(replace(replace(replace(replace(payer_claim_number, '-', ''), ' ', ''), '.', ''), '/', '')), '0'))
-- next
CREATE TRIGGER recoveries_refuses_update BEFORE UPDATE ON recoveries
                BEGIN SELECT RAISE(ABORT, 'recoveries: the ledger is append only'); END
-- next
CREATE TRIGGER recoveries_refuses_delete BEFORE DELETE ON recoveries
                BEGIN SELECT RAISE(ABORT, 'recoveries: the ledger is append only'); END
-- next
CREATE TRIGGER recoupments_refuses_update BEFORE UPDATE ON recoupments
                BEGIN SELECT RAISE(ABORT, 'recoupments: the ledger is append only'); END
-- next
CREATE TRIGGER recoupments_refuses_delete BEFORE DELETE ON recoupments
                BEGIN SELECT RAISE(ABORT, 'recoupments: the ledger is append only'); END
