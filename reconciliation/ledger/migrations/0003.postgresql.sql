CREATE TABLE control_numbers (
	partner TEXT COLLATE "C" NOT NULL,
	name TEXT COLLATE "C" NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (partner, name)
)
-- next
CREATE TABLE submissions (
	id INTEGER NOT NULL,
	origin TEXT COLLATE "C" NOT NULL CHECK (origin IN ('built', 'imported')),
	file_name TEXT COLLATE "C" NOT NULL,
	folder TEXT COLLATE "C" NOT NULL,
	sha256 TEXT COLLATE "C" NOT NULL,
	interchange_control_number TEXT COLLATE "C" NOT NULL,
	group_control_number TEXT COLLATE "C" NOT NULL,
	partner TEXT COLLATE "C" NOT NULL,
	usage TEXT COLLATE "C" NOT NULL,
	created TEXT COLLATE "C" NOT NULL,
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
	encounter_id TEXT COLLATE "C" NOT NULL,
	version INTEGER NOT NULL,
	part INTEGER NOT NULL,
	patient_control_number TEXT COLLATE "C" NOT NULL,
	payer_id TEXT COLLATE "C" NOT NULL,
	payer_name TEXT COLLATE "C" NOT NULL,
	coverages INTEGER NOT NULL,
	charge BIGINT NOT NULL,
	service_from TEXT COLLATE "C" NOT NULL,
	service_to TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (encounter_id, version, part)
)
-- next
CREATE TABLE remittances (
	id INTEGER NOT NULL,
	payer_id TEXT COLLATE "C" NOT NULL,
	payer_name TEXT COLLATE "C" NOT NULL,
	trace_number TEXT COLLATE "C" NOT NULL,
	payment_date TEXT COLLATE "C" NOT NULL,
	payment_method TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	file TEXT COLLATE "C" NOT NULL,
	interchange_control_number TEXT COLLATE "C" NOT NULL,
	set_control_number TEXT COLLATE "C" NOT NULL,
	segment INTEGER NOT NULL,
	received TEXT COLLATE "C" NOT NULL,
	held_because TEXT COLLATE "C" NOT NULL,
	record BYTEA NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (payer_id, trace_number, payment_date, amount, digest)
)
-- next
CREATE TABLE adjustments (
	claim_payment_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	service_ordinal INTEGER NOT NULL,
	group_code TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	disposition TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (claim_payment_id, ordinal)
)
-- next
CREATE TABLE seals (
	id INTEGER NOT NULL,
	up_to INTEGER NOT NULL,
	digest TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id)
)
-- next
CREATE TABLE deposits (
	id INTEGER NOT NULL,
	date TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	trace_number TEXT COLLATE "C" NOT NULL,
	payer_company_id TEXT COLLATE "C" NOT NULL,
	company_name TEXT COLLATE "C" NOT NULL,
	description TEXT COLLATE "C" NOT NULL,
	file TEXT COLLATE "C" NOT NULL,
	line INTEGER NOT NULL,
	occurrence INTEGER NOT NULL,
	received TEXT COLLATE "C" NOT NULL,
	identity TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (identity)
)
-- next
CREATE TABLE sendings (
	id INTEGER NOT NULL,
	submission_id INTEGER NOT NULL,
	claim_id INTEGER NOT NULL,
	set_control_number TEXT COLLATE "C" NOT NULL,
	version INTEGER NOT NULL,
	turn INTEGER NOT NULL,
	frequency TEXT COLLATE "C" NOT NULL,
	imported INTEGER NOT NULL,
	patient_control_number TEXT COLLATE "C" NOT NULL,
	normalised_control_number TEXT COLLATE "C" NOT NULL,
	payer_id TEXT COLLATE "C" NOT NULL,
	payer_name TEXT COLLATE "C" NOT NULL,
	member_id TEXT COLLATE "C" NOT NULL,
	normalised_member_id TEXT COLLATE "C" NOT NULL,
	last_names TEXT COLLATE "C" NOT NULL,
	record BYTEA NOT NULL,
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
	line_control_number TEXT COLLATE "C",
	procedure TEXT COLLATE "C",
	modifiers TEXT COLLATE "C" NOT NULL,
	service_from TEXT COLLATE "C",
	service_to TEXT COLLATE "C",
	units TEXT COLLATE "C",
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
	payer_id TEXT COLLATE "C" NOT NULL,
	patient_control_number TEXT COLLATE "C" NOT NULL,
	payer_claim_number TEXT COLLATE "C" NOT NULL,
	status TEXT COLLATE "C" NOT NULL,
	charge BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	matched_by TEXT COLLATE "C" NOT NULL,
	sequence INTEGER NOT NULL,
	reverses_id INTEGER,
	origin_id INTEGER,
	segment INTEGER NOT NULL,
	record BYTEA NOT NULL,
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
	provider TEXT COLLATE "C" NOT NULL,
	fiscal_period TEXT COLLATE "C" NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	amount BIGINT NOT NULL,
	PRIMARY KEY (remittance_id, ordinal),
	FOREIGN KEY(remittance_id) REFERENCES remittances (id) DEFERRABLE INITIALLY DEFERRED
)
-- next
CREATE TABLE statuses (
	id INTEGER NOT NULL,
	kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('TA1', '997', '999', '277CA')),
	digest TEXT COLLATE "C" NOT NULL,
	file TEXT COLLATE "C" NOT NULL,
	segment INTEGER NOT NULL,
	received TEXT COLLATE "C" NOT NULL,
	submission_id INTEGER,
	set_control_number TEXT COLLATE "C" NOT NULL,
	claim_control_number TEXT COLLATE "C",
	normalised_control_number TEXT COLLATE "C",
	accepted INTEGER,
	day TEXT COLLATE "C" NOT NULL,
	code TEXT COLLATE "C" NOT NULL,
	payer_claim_number TEXT COLLATE "C" NOT NULL,
	record BYTEA NOT NULL,
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
	matched_by TEXT COLLATE "C" NOT NULL,
	charge BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	PRIMARY KEY (claim_payment_id, ordinal),
	FOREIGN KEY(claim_payment_id) REFERENCES claim_payments (id),
	FOREIGN KEY(line_id) REFERENCES lines (id)
)
-- next
CREATE INDEX ix_service_payments_line_id ON service_payments (line_id)
-- next
CREATE TABLE entries (
	id INTEGER NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	posted TEXT COLLATE "C" NOT NULL,
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
	account TEXT COLLATE "C" NOT NULL,
	line_id INTEGER,
	amount BIGINT NOT NULL CHECK (amount <> 0),
	PRIMARY KEY (entry_id, number),
	FOREIGN KEY(entry_id) REFERENCES entries (id) DEFERRABLE INITIALLY DEFERRED,
	FOREIGN KEY(line_id) REFERENCES lines (id)
)
-- next
CREATE INDEX legs_of_a_line ON legs (line_id)
-- next
CREATE TABLE suspense (
	id INTEGER NOT NULL,
	remittance_id INTEGER NOT NULL,
	claim_payment_id INTEGER,
	service_ordinal INTEGER,
	entry_id INTEGER,
	claim_control_number TEXT COLLATE "C",
	line_control_number TEXT COLLATE "C",
	amount BIGINT NOT NULL,
	reason TEXT COLLATE "C" NOT NULL,
	waits_for TEXT COLLATE "C",
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
	kind TEXT COLLATE "C" NOT NULL,
	day TEXT COLLATE "C" NOT NULL,
	made TEXT COLLATE "C" NOT NULL,
	reference TEXT COLLATE "C" NOT NULL,
	part INTEGER NOT NULL,
	amount BIGINT NOT NULL,
	suspense_id INTEGER,
	line_id INTEGER,
	entry_id INTEGER,
	record BYTEA NOT NULL,
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
CREATE FUNCTION entry_balances() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public, pg_temp
        SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
        AS $$ BEGIN
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'entries are posted in READ COMMITTED transactions only'
                    USING ERRCODE = 'invalid_transaction_state';
            END IF;
            PERFORM pg_advisory_xact_lock(-1046409205, current_schema()::regnamespace::oid::integer);
            IF EXISTS (
            SELECT 1 FROM added LEFT JOIN legs ON legs.entry_id = added.id
            GROUP BY added.id, legs.line_id HAVING count(legs.entry_id) = 0 OR sum(legs.amount) <> 0) THEN
                RAISE EXCEPTION 'the legs of an entry must sum to zero, line by line' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
-- next
CREATE FUNCTION entry_is_sealed() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public, pg_temp
        SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
        AS $$ BEGIN
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'entries are posted in READ COMMITTED transactions only'
                    USING ERRCODE = 'invalid_transaction_state';
            END IF;
            PERFORM pg_advisory_xact_lock(-1046409205, current_schema()::regnamespace::oid::integer);
            IF EXISTS (SELECT 1 FROM added JOIN entries ON entries.id = added.entry_id) THEN
                RAISE EXCEPTION 'a posted entry takes no further leg' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
-- next
CREATE TRIGGER entry_balances AFTER INSERT ON entries
            REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entry_balances()
-- next
CREATE TRIGGER entry_is_sealed AFTER INSERT ON legs
            REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entry_is_sealed()
-- next
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                MESSAGE = TG_TABLE_NAME || ': the ledger is append only';
        END $$
-- next
CREATE TRIGGER submissions_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON submissions
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER claims_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON claims
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER sendings_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON sendings
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER lines_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON lines
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER remittances_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON remittances
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER claim_payments_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_payments
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER service_payments_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON service_payments
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER adjustments_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON adjustments
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER provider_adjustments_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON provider_adjustments
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER entries_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER legs_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON legs
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER suspense_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON suspense
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER decisions_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER statuses_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON statuses
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER deposits_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON deposits
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
-- next
CREATE TRIGGER seals_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON seals
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
