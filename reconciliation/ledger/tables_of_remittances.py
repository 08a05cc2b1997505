"""Tables of what payers and banks report: remittances with their payments and adjustments, and deposits."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint, text

from claimloop.reconciliation.ledger.column_types import Text
from claimloop.reconciliation.ledger.metadata import known_at_the_end, metadata

NORMALISED_PAYERS_NUMBER = (
    "ltrim(upper(replace(replace(replace(replace(payer_claim_number, '-', ''), ' ', ''), '.', ''), '/', '')), '0')"
)
"""A payer claim number as it is indexed: normalized, without the usual characters between its parts."""

remittances = Table(
    "remittances",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("payer_id", Text, nullable=False),
    Column("payer_name", Text, nullable=False),
    Column("trace_number", Text, nullable=False),
    Column("payment_date", Text, nullable=False),
    Column("payment_method", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("interchange_control_number", Text, nullable=False),
    Column("set_control_number", Text, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("received", Text, nullable=False),
    # Why all of it is in suspense; empty if it was posted.
    Column("hold_reason", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    UniqueConstraint("payer_id", "trace_number", "payment_date", "amount", "digest"),
)

claim_payments = Table(
    "claim_payments",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("remittance_id", known_at_the_end("remittances.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    # Null if the whole payment is in suspense.
    Column("claim_id", ForeignKey("claims.id"), index=True),
    Column("payer_id", Text, nullable=False),
    Column("patient_control_number", Text, nullable=False),
    Column("payer_claim_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("match_rule", Text, nullable=False),
    # The payer rank: 1 primary, 2 secondary, …
    Column("sequence", Integer, nullable=False),
    Column("reverses_id", ForeignKey("claim_payments.id"), unique=True),
    # The row that was in suspense, whole or in part, and from which this row was posted later.
    Column("origin_id", ForeignKey("claim_payments.id"), index=True),
    Column("segment", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
    # The claim that a payment in suspense as a whole may be for; null if none is likely, or if it was posted.
    Column("likely_claim_control_number", Text),
    UniqueConstraint("remittance_id", "ordinal"),
    Index("payers_numbers", text(NORMALISED_PAYERS_NUMBER)),
)

service_payments = Table(
    "service_payments",
    metadata,
    Column("claim_payment_id", ForeignKey("claim_payments.id"), primary_key=True),
    # 0 is the claim level; the service lines of the remittance count from 1.
    Column("ordinal", Integer, primary_key=True),
    Column("line_id", ForeignKey("lines.id"), index=True),
    Column("match_rule", Text, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

adjustments = Table(
    "adjustments",
    metadata,
    Column("claim_payment_id", Integer, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("service_ordinal", Integer, nullable=False),
    Column("group_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("disposition", Text, nullable=False),
    sqlite_with_rowid=False,
)

provider_adjustments = Table(
    "provider_adjustments",
    metadata,
    Column("remittance_id", known_at_the_end("remittances.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("fiscal_period", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A provider-level adjustment that recovers an overpayment (WO, 72), with the number that it names. There is none for a
# remittance in suspense.
recoveries = Table(
    "recoveries",
    metadata,
    Column("remittance_id", known_at_the_end("remittances.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("payer_id", Text, nullable=False),
    Column("normalised_reference", Text, nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("segment", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Bank deposits, each once, even if several statements have it.
deposits = Table(
    "deposits",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("date", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("trace_number", Text, nullable=False),
    Column("payer_company_id", Text, nullable=False),
    Column("company_name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("received", Text, nullable=False),
    # The payer in the bank's file: the company ID, or else the name.
    Column("identity", Text, nullable=False, unique=True),
)
