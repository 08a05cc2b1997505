"""Random claims, decisions, reversals and orders of arrival: rules.md#ledger-identities always hold."""

import tempfile
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from claimloop.builders.encounters.encounter import Encounter
from claimloop.edi.money import from_cents
from claimloop.edi.records.remittance import ClaimPayment, Remittance, ServicePayment
from claimloop.reconciliation.ledger.connection import Ledger
from claimloop.tests.reconciliation.making import (
    OTHER_PAYER,
    PAYER,
    answer,
    dump,
    encounter,
    new_ledger,
    prove,
    provider_adjustment,
    receive,
    remittance,
    reversal,
    rows,
    send,
    service,
    service_line,
    write_835,
)

PRIMARY_REASONS = ("CO-45", "PR-1", "PR-2", "CO-253", "CO-16", "CO-97", "OA-18", "PI-16", "CR-45")
SECONDARY_REASONS = ("OA-23", "CO-45", "PR-3", "CO-22", "OA-109")
Arrival = tuple[str, ClaimPayment]
"""A payer and what it says about one claim."""


class Story(msgspec.Struct):
    """What was sent, what came (for each claim and payer its decision, perhaps reversed, perhaps corrected), and the
    files in which it came, in one or more orders."""

    visits: list[Encounter]
    chains: list[list[Arrival]]
    orders: list[list[list[Remittance]]] = []

    def __repr__(self) -> str:
        """Short enough to read where a test fails."""
        lines = [f"{visit.encounter_id}: {[str(each.charge) for each in visit.services]}" for visit in self.visits]
        lines += [_told(payer, payment) for chain in self.chains for payer, payment in chain]
        for files in self.orders:
            lines.append(
                str([[[f"{p.patient_control_number}/{p.status}" for p in s.claims] for s in f] for f in files])
            )
        return "\n".join(lines)


def _told(payer: str, payment: ClaimPayment) -> str:
    levels = [(payment.paid, payment.adjustments), *((each.paid, each.adjustments) for each in payment.services)]
    said = [(str(paid), *(f"{a.group}-{a.reason} {a.amount}" for a in adjustments)) for paid, adjustments in levels]
    return f"{payment.patient_control_number} by {payer[:2]}, status {payment.status}: {said}"


@st.composite
def visits(draw: DrawFn) -> Encounter:
    """A visit of one to four lines, twins among them."""
    chosen = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["99213", "17000", "11102"]), st.integers(1, 300_00), st.sampled_from([(), ("59",)])
            ),
            min_size=1,
            max_size=4,
        )
    )
    some = [service_line(code, from_cents(cents), *modifiers) for code, cents, modifiers in chosen]
    return encounter("A0", *some)


@st.composite
def shares(draw: DrawFn, charge: int, reasons: Sequence[str]) -> tuple[int, list[str]]:
    """Cents paid of a charge, and adjustments for the rest; now and then an incentive on top."""
    kinds = draw(st.lists(st.sampled_from(["paid", *reasons]), min_size=1, max_size=3, unique=True))
    cuts = sorted(draw(st.lists(st.integers(0, charge), min_size=len(kinds) - 1, max_size=len(kinds) - 1)))
    amounts = [end - start for start, end in zip([0, *cuts], [*cuts, charge], strict=True)]
    by_kind = {kind: amount for kind, amount in zip(kinds, amounts, strict=True) if amount}
    paid = by_kind.pop("paid", 0)
    if paid and draw(st.integers(0, 4)) == 0:
        by_kind["CO-144"] = -draw(st.integers(1, 250))
        paid -= by_kind["CO-144"]
    return paid, [f"{kind} {from_cents(amount)}" for kind, amount in by_kind.items()]


@st.composite
def decisions(draw: DrawFn, visit: Encounter, status: str, reasons: Sequence[str]) -> ClaimPayment:
    """A payer's decision about the visit's claim: by lines, with or without 6R, or at the claim."""
    number = f"{visit.encounter_id}-1"
    payer_claim_number = draw(st.sampled_from(["ICN1", "ICN2"]))
    if draw(st.integers(0, 3)) == 0:
        charge = int(sum(each.charge for each in visit.services) * 100)
        paid, adjustments = draw(shares(charge, reasons))
        return answer(
            number, charge=from_cents(charge), paid=from_cents(paid), adjustments=adjustments, status=status,
            payer_claim_number=payer_claim_number,
        )  # fmt: skip
    with_numbers, with_modifiers = draw(st.booleans()), draw(st.booleans())
    services: list[ServicePayment] = []
    for place, each in enumerate(visit.services, start=1):
        paid, adjustments = draw(shares(int(each.charge * 100), reasons))
        services.append(
            service(
                each.procedure, each.charge, from_cents(paid), *adjustments,
                number=f"{visit.encounter_id}1L{place:02d}" if with_numbers else "",
                modifiers=each.modifiers if with_modifiers else (),
            )
        )  # fmt: skip
    return answer(number, *services, status=status, payer_claim_number=payer_claim_number)


@st.composite
def stories(draw: DrawFn) -> Story:
    """One to three visits, each decided by one payer or two; a decision may be reversed, and then corrected."""
    sent = [
        msgspec.structs.replace(visit, encounter_id=f"A{place}")
        for place, visit in enumerate(draw(st.lists(visits(), min_size=1, max_size=3)), start=1)
    ]
    chains: list[list[Arrival]] = []
    for visit in sent:
        for payer, status, reasons in ((PAYER, "1", PRIMARY_REASONS), (OTHER_PAYER, "2", SECONDARY_REASONS)):
            if payer == OTHER_PAYER and draw(st.booleans()):
                continue
            first = draw(decisions(visit, status, reasons))
            chain = [(payer, first)]
            if draw(st.booleans()):
                chain.append((payer, reversal(first, first.payer_claim_number)))
                if draw(st.booleans()):
                    chain.append((payer, draw(decisions(visit, status, reasons))))
            chains.append(chain)
    return Story(sent, chains)


@st.composite
def deliveries(draw: DrawFn, arrivals: Sequence[Arrival]) -> list[list[Remittance]]:
    """The arrivals in their order, packed into remittances (runs of one payer, cut anywhere) and these into files."""
    sets: list[Remittance] = []
    for payer, run in groupby(arrivals, key=lambda arrival: arrival[0]):
        rest = [payment for _, payment in run]
        while rest:
            size = draw(st.integers(1, len(rest)))
            plb = [
                provider_adjustment(reason, from_cents(cents))
                for reason, cents in draw(
                    st.lists(
                        st.tuples(st.sampled_from(["WO", "L6", "FB"]), st.integers(-90_00, 90_00).filter(bool)),
                        max_size=2,
                    )
                )
            ]
            some, rest = rest[:size], rest[size:]
            sets.append(remittance(f"T{len(sets)}", *some, plb=plb, payer=payer))
    files: list[list[Remittance]] = []
    while sets:
        size = draw(st.integers(1, len(sets)))
        files.append(sets[:size])
        sets = sets[size:]
    return files


def interleaved(draw: DrawFn, chains: Sequence[list[Arrival]]) -> list[Arrival]:
    """The arrivals of all chains in a random order that keeps the order of each chain."""
    waiting = [list(chain) for chain in chains]
    merged: list[Arrival] = []
    while any(waiting):
        chain = draw(st.sampled_from([chain for chain in waiting if chain]))
        merged.append(chain.pop(0))
    return merged


def played(folder: Path, story: Story, files: Sequence[Sequence[Remittance]]) -> Ledger:
    """A new ledger in `folder` after the visits were sent and the files received."""
    folder.mkdir()
    ledger = new_ledger(folder)
    send(ledger, folder, *story.visits)
    for place, sets in enumerate(files):
        receive(ledger, write_835(folder / f"{place}.835", *sets))
    return ledger


@st.composite
def stories_in_any_order(draw: DrawFn) -> Story:
    """Everything that came, in an order that nothing holds to: reversals before what they reverse, too."""
    story = draw(stories())
    arrivals = [arrival for chain in story.chains for arrival in chain]
    story.orders = [draw(deliveries(draw(st.permutations(arrivals))))]
    return story


@st.composite
def stories_in_two_orders(draw: DrawFn) -> Story:
    """Reversals behind what they reverse and corrections behind the reversal; else in two orders of arrival."""
    story = draw(stories())
    story.orders = [draw(deliveries(interleaved(draw, story.chains))) for _ in range(2)]
    return story


@settings(max_examples=25)
@given(stories_in_any_order())
def test_the_identities_hold_in_any_order_and_receiving_again_changes_nothing(story):
    (files,) = story.orders
    with tempfile.TemporaryDirectory() as folder:
        ledger = played(Path(folder) / "one", story, files)
        prove(ledger)
        charged = sum(Decimal(str(row["charge"])) for row in rows(ledger, "lines"))
        assert charged == sum(each.charge for visit in story.visits for each in visit.services)
        received = sum(Decimal(str(row["payment_amount"])) for row in rows(ledger, "remittances"))
        assert received == sum(each.payment_amount for sets in files for each in sets)
        before = dump(ledger)
        for place, sets in enumerate(reversed(files)):
            receive(ledger, write_835(Path(folder) / f"again{place}.835", *sets, interchange=900 + place, first_set=50))
        assert dump(ledger) == before
        ledger.close()


@settings(max_examples=25)
@given(stories_in_two_orders())
def test_the_order_of_arrival_does_not_change_what_a_line_comes_to(story):
    one, other = story.orders
    with tempfile.TemporaryDirectory() as folder:
        first, second = played(Path(folder) / "one", story, one), played(Path(folder) / "other", story, other)
        assert rows(first, "lines") == rows(second, "lines")
        assert rows(first, "claims") == rows(second, "claims")
        for ledger in (first, second):
            prove(ledger)
            ledger.close()
