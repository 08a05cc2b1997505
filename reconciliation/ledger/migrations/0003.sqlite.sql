CREATE TABLE control_numbers (
	partner TEXT NOT NULL,
	name TEXT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (partner, name)
)
-- next
CREATE TABLE submissions (
	id INTEGER NOT NULL,
	origin TEXT NOT NULL CHECK (origin IN ('built', 'imported')),
	file_name TEXT NOT NULL,
	folder TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	interchange_control_number TEXT NOT NULL,
	group_control_number TEXT NOT NULL,
	partner TEXT NOT NULL,
	usage TEXT NOT NULL,
	created TEXT NOT NULL,
	claims INTEGER NOT NULL,
	charge BIGINT NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE UNIQUE INDEX own_interchanges ON submissions (partner, interchange_control_number) WHERE origin = 'built'
-- next
CREATE UNIQUE INDEX imported_files ON submissions (sha256) WHERE origin = 'imported'
-- next
CREATE TABLE claims (
	id INTEGER NOT NULL,
	encounter_id TEXT NOT NULL,
	version INTEGER NOT NULL,
	part INTEGER NOT NULL,
	patient_control_number TEXT NOT NULL,
	payer_id TEXT NOT NULL,
	payer_name TEXT NOT NULL,
	coverages INTEGER NOT NULL,
	charge BIGINT NOT NULL,
	service_from TEXT NOT NULL,
	service_to TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (encounter_id, version, part)
)
-- next
CREATE TABLE remittances (
	id INTEGER NOT NULL,
	payer_id TEXT NOT NULL,
	payer_name TEXT NOT NULL,
	trace_number TEXT NOT NULL,
	payment_date TEXT NOT NULL,
	payment_method TEXT NOT NULL,
	amount BIGINT NOT NULL,
	digest TEXT NOT NULL,
	file TEXT NOT NULL,
	interchange_control_number TEXT NOT NULL,
	set_control_number TEXT NOT NULL,
	segment INTEGER NOT NULL,
	received TEXT NOT NULL,
	held_because TEXT NOT NULL,
	record BLOB NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (payer_id, trace_number, payment_date, amount, digest)
)
-- next
CREATE TABLE adjustments (
	claim_payment_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	service_ordinal INTEGER NOT NULL,
	group_code TEXT NOT NULL,
	reason TEXT NOT NULL,
	amount BIGINT NOT NULL,
	disposition TEXT NOT NULL,
	PRIMARY KEY (claim_payment_id, ordinal)
)
 WITHOUT ROWID
-- next
CREATE TABLE seals (
	id INTEGER NOT NULL,
	up_to INTEGER NOT NULL,
	digest TEXT NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE TABLE deposits (
	id INTEGER NOT NULL,
	date TEXT NOT NULL,
	amount BIGINT NOT NULL,
	trace_number TEXT NOT NULL,
	payer_company_id TEXT NOT NULL,
	company_name TEXT NOT NULL,
	description TEXT NOT NULL,
	file TEXT NOT NULL,
	line INTEGER NOT NULL,
	occurrence INTEGER NOT NULL,
	received TEXT NOT NULL,
	identity TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (identity)
)
-- next
CREATE TABLE sendings (
	id INTEGER NOT NULL,
	submission_id INTEGER NOT NULL,
	claim_id INTEGER NOT NULL,
	set_control_number TEXT NOT NULL,
	version INTEGER NOT NULL,
	turn INTEGER NOT NULL,
	frequency TEXT NOT NULL,
	imported INTEGER NOT NULL,
	patient_control_number TEXT NOT NULL,
	normalised_control_number TEXT NOT NULL,
	payer_id TEXT NOT NULL,
	payer_name TEXT NOT NULL,
	member_id TEXT NOT NULL,
	normalised_member_id TEXT NOT NULL,
	last_names TEXT NOT NULL,
	record BLOB NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (claim_id, version),
	FOREIGN KEY(submission_id) REFERENCES submissions (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(claim_id) REFERENCES claims (id)
)
-- next
CREATE INDEX ix_sendings_normalised_member_id ON sendings (normalised_member_id)
-- next
CREATE INDEX ix_sendings_normalised_control_number ON sendings (normalised_control_number)
-- next
CREATE UNIQUE INDEX own_control_numbers ON sendings (patient_control_number) WHERE imported = 0
-- next
CREATE TABLE lines (
	id INTEGER NOT NULL,
	claim_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	line_control_number TEXT,
	procedure TEXT,
	modifiers TEXT NOT NULL,
	service_from TEXT,
	service_to TEXT,
	units TEXT,
	charge BIGINT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (claim_id, number),
	FOREIGN KEY(claim_id) REFERENCES claims (id)
)
-- next
CREATE TABLE claim_payments (
	id INTEGER NOT NULL,
	remittance_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	claim_id INTEGER,
	payer_id TEXT NOT NULL,
	patient_control_number TEXT NOT NULL,
	payer_claim_number TEXT NOT NULL,
	status TEXT NOT NULL,
	charge BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	matched_by TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	reverses_id INTEGER,
	origin_id INTEGER,
	segment INTEGER NOT NULL,
	record BLOB NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (remittance_id, ordinal),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(claim_id) REFERENCES claims (id),
	UNIQUE (reverses_id),
	FOREIGN KEY(reverses_id) REFERENCES claim_payments (id),
	FOREIGN KEY(origin_id) REFERENCES claim_payments (id)
)
-- next
CREATE INDEX ix_claim_payments_claim_id ON claim_payments (claim_id)
-- next
CREATE INDEX ix_claim_payments_origin_id ON claim_payments (origin_id)
-- next
CREATE TABLE provider_adjustments (
	remittance_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	provider TEXT NOT NULL,
	fiscal_period TEXT NOT NULL,
	reason TEXT NOT NULL,
	reference TEXT NOT NULL,
	amount BIGINT NOT NULL,
	PRIMARY KEY (remittance_id, ordinal),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED
)
 WITHOUT ROWID
-- next
CREATE TABLE statuses (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('TA1', '997', '999', '277CA')),
	digest TEXT NOT NULL,
	file TEXT NOT NULL,
	segment INTEGER NOT NULL,
	received TEXT NOT NULL,
	submission_id INTEGER,
	set_control_number TEXT NOT NULL,
	claim_control_number TEXT,
	normalised_control_number TEXT,
	accepted INTEGER,
	day TEXT NOT NULL,
	code TEXT NOT NULL,
	payer_claim_number TEXT NOT NULL,
	record BLOB NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (digest),
	FOREIGN KEY(submission_id) REFERENCES submissions (id)
)
-- next
CREATE INDEX ix_statuses_normalised_control_number ON statuses (normalised_control_number)
-- next
CREATE INDEX ix_statuses_submission_id ON statuses (submission_id)
-- next
CREATE TABLE service_payments (
	claim_payment_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	line_id INTEGER,
	matched_by TEXT NOT NULL,
	charge BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	PRIMARY KEY (claim_payment_id, ordinal),
	FOREIGN KEY(claim_payment_id) REFERENCES claim_payments (id),
	FOREIGN KEY(line_id) REFERENCES lines (id)
)
 WITHOUT ROWID
-- next
CREATE INDEX ix_service_payments_line_id ON service_payments (line_id)
-- next
CREATE TABLE entries (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	day TEXT NOT NULL,
	posted TEXT NOT NULL,
	submission_id INTEGER,
	remittance_id INTEGER,
	claim_payment_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(submission_id) REFERENCES submissions (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(claim_payment_id) REFERENCES claim_payments (id)
)
-- next
CREATE INDEX ix_entries_claim_payment_id ON entries (claim_payment_id)
-- next
CREATE INDEX ix_entries_remittance_id ON entries (remittance_id)
-- next
CREATE TABLE legs (
	entry_id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	account TEXT NOT NULL,
	line_id INTEGER,
	amount BIGINT NOT NULL CHECK (amount <> 0),
	PRIMARY KEY (entry_id, number),
	FOREIGN KEY(entry_id) REFERENCES entries (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(line_id) REFERENCES lines (id)
)
 WITHOUT ROWID
-- next
CREATE INDEX legs_of_a_line ON legs (line_id)
-- next
CREATE TABLE suspense (
	id INTEGER NOT NULL,
	remittance_id INTEGER NOT NULL,
	claim_payment_id INTEGER,
	service_ordinal INTEGER,
	entry_id INTEGER,
	claim_control_number TEXT,
	line_control_number TEXT,
	amount BIGINT NOT NULL,
	reason TEXT NOT NULL,
	waits_for TEXT,
	settles_id INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(claim_payment_id) REFERENCES claim_payments (id),
	FOREIGN KEY(entry_id) REFERENCES entries (id),
	UNIQUE (settles_id),
	FOREIGN KEY(settles_id) REFERENCES suspense (id)
)
-- next
CREATE INDEX ix_suspense_waits_for ON suspense (waits_for)
-- next
CREATE INDEX ix_suspense_remittance_id ON suspense (remittance_id)
-- next
CREATE INDEX ix_suspense_claim_payment_id ON suspense (claim_payment_id)
-- next
CREATE TABLE decisions (
	id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	day TEXT NOT NULL,
	made TEXT NOT NULL,
	reference TEXT NOT NULL,
	part INTEGER NOT NULL,
	amount BIGINT NOT NULL,
	suspense_id INTEGER,
	line_id INTEGER,
	entry_id INTEGER,
	record BLOB NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (reference, part),
	UNIQUE (suspense_id),
	FOREIGN KEY(suspense_id) REFERENCES suspense (id),
	FOREIGN KEY(line_id) REFERENCES lines (id),
	FOREIGN KEY(entry_id) REFERENCES entries (id)
)
-- next
CREATE INDEX ix_decisions_line_id ON decisions (line_id)
-- next
CREATE TRIGGER entry_balances AFTER INSERT ON entries
            WHEN NOT EXISTS (SELECT 1 FROM legs WHERE entry_id = NEW.id)
              OR EXISTS (SELECT 1 FROM legs WHERE entry_id = NEW.id GROUP BY line_id HAVING sum(amount) <> 0)
            BEGIN SELECT RAISE(ABORT, 'the legs of an entry must sum to zero, line by line'); END
-- next
CREATE TRIGGER entry_is_sealed BEFORE INSERT ON legs
            WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.entry_id)
            BEGIN SELECT RAISE(ABORT, 'a posted entry takes no further leg'); END
-- next
CREATE TRIGGER submissions_refuses_update BEFORE UPDATE ON submissions
                BEGIN SELECT RAISE(ABORT, 'submissions: the ledger is append only'); END
-- next
CREATE TRIGGER submissions_refuses_delete BEFORE DELETE ON submissions
                BEGIN SELECT RAISE(ABORT, 'submissions: the ledger is append only'); END
-- next
CREATE TRIGGER claims_refuses_update BEFORE UPDATE ON claims
                BEGIN SELECT RAISE(ABORT, 'claims: the ledger is append only'); END
-- next
CREATE TRIGGER claims_refuses_delete BEFORE DELETE ON claims
                BEGIN SELECT RAISE(ABORT, 'claims: the ledger is append only'); END
-- next
CREATE TRIGGER sendings_refuses_update BEFORE UPDATE ON sendings
                BEGIN SELECT RAISE(ABORT, 'sendings: the ledger is append only'); END
-- next
CREATE TRIGGER sendings_refuses_delete BEFORE DELETE ON sendings
                BEGIN SELECT RAISE(ABORT, 'sendings: the ledger is append only'); END
-- next
CREATE TRIGGER lines_refuses_update BEFORE UPDATE ON lines
                BEGIN SELECT RAISE(ABORT, 'lines: the ledger is append only'); END
-- next
CREATE TRIGGER lines_refuses_delete BEFORE DELETE ON lines
                BEGIN SELECT RAISE(ABORT, 'lines: the ledger is append only'); END
-- next
CREATE TRIGGER remittances_refuses_update BEFORE UPDATE ON remittances
                BEGIN SELECT RAISE(ABORT, 'remittances: the ledger is append only'); END
-- next
CREATE TRIGGER remittances_refuses_delete BEFORE DELETE ON remittances
                BEGIN SELECT RAISE(ABORT, 'remittances: the ledger is append only'); END
-- next
CREATE TRIGGER claim_payments_refuses_update BEFORE UPDATE ON claim_payments
                BEGIN SELECT RAISE(ABORT, 'claim_payments: the ledger is append only'); END
-- next
CREATE TRIGGER claim_payments_refuses_delete BEFORE DELETE ON claim_payments
                BEGIN SELECT RAISE(ABORT, 'claim_payments: the ledger is append only'); END
-- next
CREATE TRIGGER service_payments_refuses_update BEFORE UPDATE ON service_payments
                BEGIN SELECT RAISE(ABORT, 'service_payments: the ledger is append only'); END
-- next
CREATE TRIGGER service_payments_refuses_delete BEFORE DELETE ON service_payments
                BEGIN SELECT RAISE(ABORT, 'service_payments: the ledger is append only'); END
-- next
CREATE TRIGGER adjustments_refuses_update BEFORE UPDATE ON adjustments
                BEGIN SELECT RAISE(ABORT, 'adjustments: the ledger is append only'); END
-- next
CREATE TRIGGER adjustments_refuses_delete BEFORE DELETE ON adjustments
                BEGIN SELECT RAISE(ABORT, 'adjustments: the ledger is append only'); END
-- next
CREATE TRIGGER provider_adjustments_refuses_update BEFORE UPDATE ON provider_adjustments
                BEGIN SELECT RAISE(ABORT, 'provider_adjustments: the ledger is append only'); END
-- next
CREATE TRIGGER provider_adjustments_refuses_delete BEFORE DELETE ON provider_adjustments
                BEGIN SELECT RAISE(ABORT, 'provider_adjustments: the ledger is append only'); END
-- next
CREATE TRIGGER entries_refuses_update BEFORE UPDATE ON entries
                BEGIN SELECT RAISE(ABORT, 'entries: the ledger is append only'); END
-- next
CREATE TRIGGER entries_refuses_delete BEFORE DELETE ON entries
                BEGIN SELECT RAISE(ABORT, 'entries: the ledger is append only'); END
-- next
CREATE TRIGGER legs_refuses_update BEFORE UPDATE ON legs
                BEGIN SELECT RAISE(ABORT, 'legs: the ledger is append only'); END
-- next
CREATE TRIGGER legs_refuses_delete BEFORE DELETE ON legs
                BEGIN SELECT RAISE(ABORT, 'legs: the ledger is append only'); END
-- next
CREATE TRIGGER suspense_refuses_update BEFORE UPDATE ON suspense
                BEGIN SELECT RAISE(ABORT, 'suspense: the ledger is append only'); END
-- next
CREATE TRIGGER suspense_refuses_delete BEFORE DELETE ON suspense
                BEGIN SELECT RAISE(ABORT, 'suspense: the ledger is append only'); END
-- next
CREATE TRIGGER decisions_refuses_update BEFORE UPDATE ON decisions
                BEGIN SELECT RAISE(ABORT, 'decisions: the ledger is append only'); END
-- next
CREATE TRIGGER decisions_refuses_delete BEFORE DELETE ON decisions
                BEGIN SELECT RAISE(ABORT, 'decisions: the ledger is append only'); END
-- next
CREATE TRIGGER statuses_refuses_update BEFORE UPDATE ON statuses
                BEGIN SELECT RAISE(ABORT, 'statuses: the ledger is append only'); END
-- next
CREATE TRIGGER statuses_refuses_delete BEFORE DELETE ON statuses
                BEGIN SELECT RAISE(ABORT, 'statuses: the ledger is append only'); END
-- next
CREATE TRIGGER deposits_refuses_update BEFORE UPDATE ON deposits
                BEGIN SELECT RAISE(ABORT, 'deposits: the ledger is append only'); END
-- next
CREATE TRIGGER deposits_refuses_delete BEFORE DELETE ON deposits
                BEGIN SELECT RAISE(ABORT, 'deposits: the ledger is append only'); END
-- next
CREATE TRIGGER seals_refuses_update BEFORE UPDATE ON seals
                BEGIN SELECT RAISE(ABORT, 'seals: the ledger is append only'); END
-- next
CREATE TRIGGER seals_refuses_delete BEFORE DELETE ON seals
                BEGIN SELECT RAISE(ABORT, 'seals: the ledger is append only'); END
