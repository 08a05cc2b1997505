"""Tables of what payers and banks report: remittances with their payments and adjustments, and deposits."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint, text

from claimloop.reconciliation.ledger.column_types import Text
from claimloop.reconciliation.ledger.metadata import known_at_the_end, metadata

NORMALISED_PAYERS_NUMBER = (
    "ltrim(upper(replace(replace(replace(replace(payer_claim_number, '-', ''), ' ', ''), '.', ''), '/', '')), '0')"
)
"""A payer's claim number as it is indexed: normalized, as far as the usual signs between its parts go."""

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
    # Why all of it is held in suspense; empty where it was posted.
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
    # Null where the payment stands in suspense as a whole.
    Column("claim_id", ForeignKey("claims.id"), index=True),
    Column("payer_id", Text, nullable=False),
    Column("patient_control_number", Text, nullable=False),
    Column("payer_claim_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("charge", BigInteger, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("match_rule", Text, nullable=False),
    # Which payer in turn decided: 1 primary, 2 secondary, …
    Column("sequence", Integer, nullable=False),
    Column("reverses_id", ForeignKey("claim_payments.id"), unique=True),
    # The row that was held in suspense, whole or a service of it, and of which this one is posted later.
    Column("origin_id", ForeignKey("claim_payments.id"), index=True),
    Column("segment", Integer, nullable=False),
    Column("record", LargeBinary, nullable=False),
    # Of the claim that a payment which is held whole may be for; null where none is likely, or it was posted.
    Column("likely_claim_control_number", Text),
    UniqueConstraint("remittance_id", "ordinal"),
    Index("payers_numbers", text(NORMALISED_PAYERS_NUMBER)),
)

service_payments = Table(
    "service_payments",
    metadata,
    Column("claim_payment_id", ForeignKey("claim_payments.id"), primary_key=True),
    # 0 is what stands at the claim itself; lines of the remittance count from 1.
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

# A provider adjustment by which an overpayment is recovered (WO, 72), with the number that it names; none of a
# remittance that is held.
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

# What a bank booked, each once in however many statements it stands.
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
    # As the bank's file identifies it: company id, or else name.
    Column("identity", Text, nullable=False, unique=True),
)
