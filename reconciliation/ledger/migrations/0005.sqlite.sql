DROP TRIGGER suspense_refuses_update
-- next
DROP TRIGGER remittances_refuses_update
-- next
DROP TRIGGER claim_payments_refuses_update
-- next
DROP TRIGGER service_payments_refuses_update
-- next
CREATE TABLE wording_0004 (kind TEXT NOT NULL, sentence TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (kind, sentence))
-- next
INSERT INTO wording_0004 (kind, sentence, code) VALUES
('hold', 'no such claim was submitted', 'no_claim_matches'),
('hold', 'the control number is known, but it is another patient''s or service''s claim', 'other_patient_or_service'),
('hold', 'more than one claim fits', 'several_claims_match'),
('hold', 'no line fits', 'no_line_matches'),
('hold', 'an amount is no money', 'invalid_amount'),
('hold', 'part of it cannot be read', 'unreadable_payment'),
('hold', 'it does not balance', 'payment_out_of_balance'),
('hold', 'its charge is negative, and it is no reversal', 'negative_charge'),
('hold', 'a predetermination pays nothing', 'status_allows_no_payment'),
('hold', 'already adjudicated, and not reversed', 'already_adjudicated'),
('hold', 'its charge exceeds the submitted one', 'charge_exceeds_submitted'),
('hold', 'reverses other amounts than were paid', 'reversal_amounts_differ'),
('hold', 'reverses what was never posted', 'reversal_of_unposted_payment'),
('hold', 'the same payment came before with other content', 'same_payment_differs'),
('hold', 'the payment''s own data cannot be read', 'unreadable_remittance'),
('hold', 'a notice only: no money came with it', 'notice_only'),
('hold', 'the payment differs from its claims and provider adjustments', 'remittance_out_of_balance'),
('rule', '', ''),
('rule', 'control number', 'control_number'),
('rule', 'normalised control number', 'normalized_control_number'),
('rule', 'truncated control number', 'truncated_control_number'),
('rule', 'member id, days, procedures and charge', 'member_and_service'),
('rule', 'by a person', 'manual'),
('rule', 'line control number', 'line_control_number'),
('rule', 'procedure, modifiers, date, charge', 'procedure_modifiers_date_charge'),
('rule', 'procedure, date, charge', 'procedure_date_charge'),
('rule', 'split line: charges add up', 'split_line'),
('rule', 'claim level', 'claim_level'),
('rule', 'no line fits', 'no_line_matches')
-- next
CREATE TABLE former_texts (
	table_name TEXT NOT NULL,
	row_id INTEGER NOT NULL,
	ordinal INTEGER NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (table_name, row_id, ordinal)
)
-- next
INSERT INTO former_texts (table_name, row_id, ordinal, text)
SELECT 'suspense', id, 0, reason FROM suspense
WHERE settles_id IS NULL AND CASE WHEN substr(reason, 1, 13) = 'reversal of: ' THEN substr(reason, 14) ELSE reason END NOT IN (SELECT sentence FROM wording_0004 WHERE kind = 'hold') AND NOT (substr(CASE WHEN substr(reason, 1, 13) = 'reversal of: ' THEN substr(reason, 14) ELSE reason END, 1, 28) = 'a payment with claim status ' AND substr(CASE WHEN substr(reason, 1, 13) = 'reversal of: ' THEN substr(reason, 14) ELSE reason END, length(CASE WHEN substr(reason, 1, 13) = 'reversal of: ' THEN substr(reason, 14) ELSE reason END) - 12) = ' pays nothing')
-- next
INSERT INTO former_texts (table_name, row_id, ordinal, text)
SELECT 'suspense', id, 0, reason FROM suspense
WHERE settles_id IS NOT NULL AND substr(reason, 1, 19) <> 'settled: posted to '
AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.suspense_id = suspense.settles_id)
-- next
INSERT INTO former_texts (table_name, row_id, ordinal, text)
SELECT 'remittances', id, 0, held_because FROM remittances
WHERE held_because <> '' AND held_because NOT IN (SELECT sentence FROM wording_0004 WHERE kind = 'hold')
-- next
INSERT INTO former_texts (table_name, row_id, ordinal, text)
SELECT 'claim_payments', id, 0, matched_by FROM claim_payments
WHERE substr(matched_by, 1, 6) <> 'held: ' AND matched_by NOT IN (SELECT sentence FROM wording_0004 WHERE kind = 'rule')
-- next
INSERT INTO former_texts (table_name, row_id, ordinal, text)
SELECT 'service_payments', claim_payment_id, ordinal, matched_by FROM service_payments
WHERE matched_by NOT IN (SELECT sentence FROM wording_0004 WHERE kind = 'rule')
-- next
ALTER TABLE suspense ADD COLUMN settled_by TEXT
-- next
ALTER TABLE suspense ADD COLUMN settled_claim_control_number TEXT
-- next
UPDATE suspense SET settled_by = coalesce(
	CASE (SELECT kind FROM decisions WHERE decisions.suspense_id = suspense.settles_id)
		WHEN 'post' THEN 'posted' WHEN 'refund-suspense' THEN 'refunded' WHEN 'write-off-suspense' THEN 'written_off'
		WHEN 'other' THEN 'other' END,
	CASE WHEN substr(reason, 1, 19) = 'settled: posted to ' THEN 'posted' ELSE 'other' END)
WHERE settles_id IS NOT NULL
-- next
UPDATE suspense SET settled_claim_control_number = substr(reason, 20)
WHERE settled_by = 'posted' AND substr(reason, 1, 19) = 'settled: posted to '
-- next
ALTER TABLE suspense RENAME COLUMN reason TO hold_reason
-- next
UPDATE suspense SET hold_reason = coalesce(
	(SELECT code FROM wording_0004 WHERE kind = 'hold' AND sentence = CASE WHEN substr(hold_reason, 1, 13) = 'reversal of: ' THEN substr(hold_reason, 14) ELSE hold_reason END),
	CASE WHEN (substr(CASE WHEN substr(hold_reason, 1, 13) = 'reversal of: ' THEN substr(hold_reason, 14) ELSE hold_reason END, 1, 28) = 'a payment with claim status ' AND substr(CASE WHEN substr(hold_reason, 1, 13) = 'reversal of: ' THEN substr(hold_reason, 14) ELSE hold_reason END, length(CASE WHEN substr(hold_reason, 1, 13) = 'reversal of: ' THEN substr(hold_reason, 14) ELSE hold_reason END) - 12) = ' pays nothing') THEN 'status_allows_no_payment' ELSE 'other' END)
WHERE settles_id IS NULL
-- next
UPDATE suspense SET hold_reason = (SELECT held.hold_reason FROM suspense AS held WHERE held.id = suspense.settles_id)
WHERE settles_id IS NOT NULL
-- next
ALTER TABLE remittances RENAME COLUMN held_because TO hold_reason
-- next
UPDATE remittances SET hold_reason = coalesce(
	(SELECT code FROM wording_0004 WHERE kind = 'hold' AND sentence = remittances.hold_reason), 'other')
WHERE hold_reason <> ''
-- next
ALTER TABLE claim_payments ADD COLUMN likely_claim_control_number TEXT
-- next
UPDATE claim_payments SET likely_claim_control_number = substr(matched_by, 7), matched_by = ''
WHERE substr(matched_by, 1, 6) = 'held: '
-- next
ALTER TABLE claim_payments RENAME COLUMN matched_by TO match_rule
-- next
UPDATE claim_payments SET match_rule = coalesce(
	(SELECT code FROM wording_0004 WHERE kind = 'rule' AND sentence = claim_payments.match_rule), 'other')
WHERE match_rule <> ''
-- next
ALTER TABLE service_payments RENAME COLUMN matched_by TO match_rule
-- next
UPDATE service_payments SET match_rule = coalesce(
	(SELECT code FROM wording_0004 WHERE kind = 'rule' AND sentence = service_payments.match_rule), 'other')
WHERE match_rule <> ''
-- next
DROP TABLE wording_0004
-- next
CREATE TRIGGER suspense_refuses_update BEFORE UPDATE ON suspense
                BEGIN SELECT RAISE(ABORT, 'suspense: the ledger is append only'); END
-- next
CREATE TRIGGER remittances_refuses_update BEFORE UPDATE ON remittances
                BEGIN SELECT RAISE(ABORT, 'remittances: the ledger is append only'); END
-- next
CREATE TRIGGER claim_payments_refuses_update BEFORE UPDATE ON claim_payments
                BEGIN SELECT RAISE(ABORT, 'claim_payments: the ledger is append only'); END
-- next
CREATE TRIGGER service_payments_refuses_update BEFORE UPDATE ON service_payments
                BEGIN SELECT RAISE(ABORT, 'service_payments: the ledger is append only'); END
-- next
CREATE TRIGGER former_texts_refuses_update BEFORE UPDATE ON former_texts
                BEGIN SELECT RAISE(ABORT, 'former_texts: the ledger is append only'); END
-- next
CREATE TRIGGER former_texts_refuses_delete BEFORE DELETE ON former_texts
                BEGIN SELECT RAISE(ABORT, 'former_texts: the ledger is append only'); END
