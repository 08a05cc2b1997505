"""Builders for tests: submitted claims, encounters, 835 records and files. Everybody in them is invented.

An adjustment is written as text: "CO-45 20.00" is group CO, reason 45, amount 20.00.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
from sqlalchemy import select

from claimloop.builders.encounters.encounter import Coverage, Encounter, Person, PostalAddress, Service
from claimloop.edi.dates import DateRange
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.money import to_cents
from claimloop.edi.records.parties import Party, Reference
from claimloop.edi.records.remittance import (
    Adjustment,
    ClaimPayment,
    Procedure,
    ProviderAdjustment,
    QualifiedDate,
    RemarkCode,
    Remittance,
    ServicePayment,
)
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.edi.syntax.writer import InterchangeIds, X12Writer
from claimloop.reconciliation.configuration.as_of import AsOf
from claimloop.reconciliation.ledger import schema
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.reconciliation.posting.dispositions import Dispositions
from claimloop.reconciliation.posting.match import ClaimSubmission, SubmittedClaim, SubmittedLine
from claimloop.reconciliation.queries.claims import claims, lines
from claimloop.reconciliation.queries.export import as_text
from claimloop.reconciliation.queries.remittances import remittances
from claimloop.reconciliation.queries.views import VIEWS
from claimloop.reconciliation.remittances.post import Receipt, receive_835
from claimloop.reconciliation.submissions.outbox import Outbox, SubmitResult
from claimloop.reconciliation.submissions.submit import submit
from claimloop.reconciliation.worklists.registry import WORKLISTS
from claimloop.tests.builders.encounters.examples import BILLING, partner
from claimloop.tests.reconciliation import databases

DAY = date(2026, 9, 1)
PAYMENT_DAY = date(2026, 10, 1)
MOMENT = datetime(2026, 10, 2, 7, 30)
PAYER, OTHER_PAYER, THIRD_PAYER = "1111111111", "1222222222", "1333333333"
IDS = InterchangeIds("ZZ", "INVENTEDPAYER", "ZZ", "INVENTEDDERM", "INVENTEDPAYER", "INVENTEDDERM")
Amount = int | str | Decimal


# What was submitted.


def line(
    number: int,
    procedure: str = "99213",
    charge: Amount = 100,
    *modifiers: str,
    day: date = DAY,
    end: date | None = None,
) -> SubmittedLine:
    """Line `number` of the claim D1-1; its id is 100 + number."""
    return SubmittedLine(
        100 + number, number, f"D11L{number:02d}", procedure, modifiers, DateRange(day, end or day), _cents(charge)
    )


def claim(*lines: SubmittedLine, number: str = "D1-1") -> SubmittedClaim:
    """A submitted claim; its bucket has the id 100."""
    return SubmittedClaim(1, (ClaimSubmission(number, 1, "PLAN"),), sum(each.charge for each in lines), 100, lines)


def service_line(
    procedure: str = "99213", charge: Amount = 100, *modifiers: str, day: date = DAY, end: date | None = None
) -> Service:
    """A line of an encounter."""
    return Service(
        procedure=procedure, charge=Decimal(charge), service_date=day, end_date=end, modifiers=modifiers
    )  # fmt: skip


def encounter(encounter_id: str, *services: Service, npi: str | None = None) -> Encounter:
    """A visit of one invented patient; its claim is `encounter_id`-1. A wrong `npi` makes it unsendable."""
    visit = Encounter(
        encounter_id=encounter_id,
        patient=Person(
            last_name="Marlowe", first_name="Ada", birth_date=date(1980, 2, 3), sex="F",
            address=PostalAddress(line1="1 Elm Street", city="Springfield", state="IL", zip="62704"),
        ),
        coverages=(
            Coverage(payer_id="PLAN", payer_name="Invented Plan", member_id="M1001", filing_indicator="CI"),
        ),
        diagnoses=("L57.0",),
        services=services or (service_line(),),
    )  # fmt: skip
    if npi is None:
        return visit
    return msgspec.structs.replace(visit, billing_provider=msgspec.structs.replace(BILLING, npi=npi))


def new_ledger(folder: Path) -> Ledger:
    """An empty ledger for this folder, on the database that the test runs on."""
    return databases.in_use.open(folder)


def submitted(folder: Path, *encounters: Encounter, claims_per_set: int = 5000) -> Ledger:
    """A ledger where `send` submitted these encounters: once in a run, and what that left is copied to this folder."""

    def build(ledger: Ledger, at: Path) -> None:
        send(ledger, at, *encounters, claims_per_set=claims_per_set)

    return databases.in_use.copy(folder, build, (msgspec.json.encode(encounters), claims_per_set))


def copied(folder: Path, build: databases.Build) -> Ledger:
    """A ledger as `build` leaves an empty one: it builds once in a run, and what it left is copied to this folder."""
    return databases.in_use.copy(folder, build)


def send(
    ledger: Ledger,
    folder: Path,
    *encounters: Encounter,
    report: list[Diagnostic] | None = None,
    moment: datetime = MOMENT,
    claims_per_set: int = 5000,
) -> SubmitResult:
    """Submit the encounters from a JSON Lines file in `folder`; the 837P goes to its outbox."""
    source = folder / "encounters.jsonl"
    source.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in encounters))
    findings = report if report is not None else []
    to = partner(claims_per_set=claims_per_set)
    return submit([source], Outbox((to,), ledger, folder / "outbox", moment, findings.append))


# What a payer answers.


def adjustment(text: str) -> Adjustment:
    """ "CO-45 20.00" as a record."""
    code, amount = text.split()
    group, reason = code.split("-", 1)
    return Adjustment(group, reason, Decimal(amount))


def service(
    procedure: str,
    charge: Amount,
    paid: Amount,
    *adjustments: str,
    number: str = "",
    modifiers: tuple[str, ...] = (),
    submitted: str = "",
    day: date | None = DAY,
    remarks: tuple[str, ...] = (),
) -> ServicePayment:
    """One line of an 835; `number` is its REF*6R, `submitted` its SVC06."""
    return ServicePayment(
        Procedure("HC", procedure, modifiers),
        Decimal(charge),
        Decimal(paid),
        submitted_procedure=Procedure("HC", submitted) if submitted else None,
        dates=[QualifiedDate("472", day)] if day else [],
        adjustments=[adjustment(text) for text in adjustments],
        references=[Reference("6R", number)] if number else [],
        remarks=tuple(RemarkCode("HE", code) for code in remarks),
    )


def answer(
    number: str,
    *services: ServicePayment,
    charge: Amount | None = None,
    paid: Amount | None = None,
    adjustments: Sequence[str] = (),
    status: str = "1",
    payer_claim_number: str = "ICN1",
) -> ClaimPayment:
    """What an 835 says about one claim; charge and payment follow from its lines unless they are given."""
    own = [adjustment(text) for text in adjustments]
    charged = Decimal(charge) if charge is not None else sum((each.charge for each in services), Decimal(0))
    payment = sum((each.paid for each in services), Decimal(0)) - sum((each.amount for each in own), Decimal(0))
    if paid is not None:
        payment = Decimal(paid)
    return ClaimPayment(
        number, status, charged, payment, payer_claim_number=payer_claim_number, adjustments=own,
        services=list(services), parties=[Party("QC", "1", "MARLOWE", "ADA")],
    )  # fmt: skip


def reversal(payment: ClaimPayment, payer_claim_number: str = "ICN1") -> ClaimPayment:
    """The payment with status 22 and every amount negated."""
    return msgspec.structs.replace(
        payment,
        status="22",
        charge=-payment.charge,
        paid=-payment.paid,
        payer_claim_number=payer_claim_number,
        adjustments=_negated(payment.adjustments),
        services=[
            msgspec.structs.replace(
                each, charge=-each.charge, paid=-each.paid, adjustments=_negated(each.adjustments)
            )
            for each in payment.services
        ],
    )  # fmt: skip


def provider_adjustment(reason: str, amount: Amount, reference: str = "REF1") -> ProviderAdjustment:
    """One pair of a PLB."""
    return ProviderAdjustment("1234567893", "20261231", reason, reference, Decimal(amount))


def remittance(
    trace: str,
    *claims: ClaimPayment,
    plb: Sequence[ProviderAdjustment] = (),
    amount: Amount | None = None,
    payer: str = PAYER,
    handling: str = "I",
    method: str = "ACH",
    day: date = PAYMENT_DAY,
) -> Remittance:
    """One 835 set; the payment is what its claims and provider adjustments come to unless it is given."""
    balanced = sum((each.paid for each in claims), Decimal(0)) - sum((each.amount for each in plb), Decimal(0))
    return Remittance(
        handling=handling, payment_method=method, payment_date=day, trace_number=trace, payer_id=payer,
        payment_amount=Decimal(amount) if amount is not None else balanced,
        payer=Party(role="PR", name="INVENTED PLAN"), payee=Party(role="PE", name="LAKEVIEW", id="1234567893"),
        claims=list(claims), provider_adjustments=list(plb),
    )  # fmt: skip


def write_835(
    path: Path,
    *sets: Remittance,
    delimiters: Delimiters = Delimiters(),  # noqa: B008 — frozen
    interchange: int = 1,
    first_set: int = 1,
    complete: bool = True,
) -> Path:
    """Write the sets as one file. Where not `complete`, the last set has no trailer."""
    with path.open("w", encoding="ascii", newline="") as file:
        out = X12Writer(file.write, delimiters, character_set="extended")
        out.begin_interchange(IDS, interchange, MOMENT)
        out.begin_group(IDS, "HP", interchange, MOMENT, "005010X221A1")
        for place, each in enumerate(sets):
            out.begin_set("835", first_set + place)
            _write_set(out, each)
            if complete or each is not sets[-1]:
                out.end_set()
        out.end_group()
        out.end_interchange()
    return path


def receive(
    ledger: Ledger, path: Path, dispositions: Dispositions | None = None, report: list[Diagnostic] | None = None
) -> list[Receipt]:
    """Receive the file, a day after its payment."""
    findings = report if report is not None else []
    return list(receive_835(path, ledger, dispositions or Dispositions(), MOMENT, findings.append))


def receive_sets(ledger: Ledger, folder: Path, *sets: Remittance) -> list[Receipt]:
    """Receive the sets as one file."""
    return receive(ledger, write_835(folder / "in.835", *sets))


# What the ledger says.


Cell = str | int | None | list[str]


def rows(ledger: Ledger, view: str) -> list[dict[str, Cell]]:
    """All rows of an export, as other programs read them."""
    with ledger.reading() as connection:
        return [as_text(row) for row in VIEWS[view].rows(connection)]


def work(ledger: Ledger, name: str, when: AsOf) -> list[dict[str, Cell]]:
    """All rows of a work list, as other programs read them."""
    with ledger.reading() as connection:
        return [as_text(row) for row in WORKLISTS[name].rows(connection, when)]


def dump(ledger: Ledger) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with ledger.reading() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in schema.metadata.sorted_tables
        }


def prove(ledger: Ledger) -> None:
    """Check every identity of the ledger, over every line and remittance (rules.md#ledger-identities)."""
    with ledger.reading() as connection:
        balances = [line.balance for line in lines(connection)] + [claim.balance for claim in claims(connection)]
        assert all(each.charge == sum(each.parts) for each in balances), balances
        assert [row for row in remittances(connection) if row.difference] == []
        assert connection.exec_driver_sql("SELECT coalesce(sum(amount), 0) FROM legs").scalar() == 0


def _cents(amount: Amount) -> int:
    return to_cents(Decimal(amount))


def _negated(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    return [msgspec.structs.replace(each, amount=-each.amount) for each in adjustments]


def _write_set(out: X12Writer, sent: Remittance) -> None:
    day = f"{sent.payment_date:%Y%m%d}"
    out.segment(
        "BPR", sent.handling, sent.payment_amount, "C", sent.payment_method, "CCP", "01", "999999992", "DA", "1",
        sent.payer_id, "", "01", "999988880", "DA", "2", day,
    )  # fmt: skip
    out.segment("TRN", "1", sent.trace_number, sent.payer_id)
    out.segment("DTM", "405", day)
    out.segment("N1", "PR", sent.payer.name)
    out.segment("N1", "PE", sent.payee.name, "XX", sent.payee.id)
    out.segment("LX", "1")
    for payment in sent.claims:
        _write_claim(out, payment)
    for plb in sent.provider_adjustments:
        out.segment("PLB", plb.provider, plb.fiscal_period, (plb.reason, plb.reference), plb.amount)


def _write_claim(out: X12Writer, payment: ClaimPayment) -> None:
    out.segment(
        "CLP", payment.patient_control_number, payment.status, payment.charge, payment.paid, "", "12",
        payment.payer_claim_number, "11", "1",
    )  # fmt: skip
    _write_adjustments(out, payment.adjustments)
    for person in payment.parties:
        out.segment("NM1", person.role, "1", person.name, person.first_name, "", "", "", person.id_qualifier, person.id)
    for amount in payment.amounts:
        out.segment("AMT", amount.qualifier, amount.amount)
    for each in payment.services:
        submitted = (
            (each.submitted_procedure.qualifier, each.submitted_procedure.code) if each.submitted_procedure else ""
        )
        out.segment(
            "SVC", (each.procedure.qualifier, each.procedure.code, *each.procedure.modifiers), each.charge, each.paid,
            "", "1", submitted,
        )  # fmt: skip
        for dated in each.dates:
            out.segment("DTM", dated.qualifier, f"{dated.date:%Y%m%d}")
        _write_adjustments(out, each.adjustments)
        for reference in each.references:
            out.segment("REF", reference.qualifier, reference.value)
        for remark in each.remarks:
            out.segment("LQ", remark.qualifier, remark.code)


def _write_adjustments(out: X12Writer, adjustments: Iterable[Adjustment]) -> None:
    for each in adjustments:
        out.segment("CAS", each.group, each.reason, each.amount)
