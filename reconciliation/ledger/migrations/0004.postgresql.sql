CREATE TABLE runs (
	id INTEGER NOT NULL,
	started TEXT COLLATE "C" NOT NULL,
	finished TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	exit_code INTEGER NOT NULL,
	record BYTEA NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE TABLE files (
	id INTEGER NOT NULL,
	sha256 TEXT COLLATE "C" NOT NULL,
	size BIGINT NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	outcome TEXT COLLATE "C" NOT NULL,
	place TEXT COLLATE "C" NOT NULL,
	moment TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE INDEX ix_files_sha256 ON files (sha256)
-- next
CREATE TRIGGER runs_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON runs
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER files_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON files
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TABLE recoveries (
	remittance_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	payer_id TEXT COLLATE "C" NOT NULL,
	normalised_reference TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	segment INTEGER NOT NULL,
	PRIMARY KEY (remittance_id, ordinal),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED
)
-- next
CREATE INDEX ix_recoveries_normalised_reference ON recoveries (normalised_reference)
-- next
CREATE TABLE recoupments (
	id INTEGER NOT NULL,
	claim_id INTEGER NOT NULL,
	line_id INTEGER NOT NULL,
	payer_id TEXT COLLATE "C" NOT NULL,
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
CREATE TRIGGER recoveries_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON recoveries
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER recoupments_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON recoupments
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
