"""Random parts of a claim that 005010X222A1 can say: codes, numbers, parties, supplements; all that the guide allows."""

from collections.abc import Callable, Hashable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from claimloop.edi.dates import DateRange
from claimloop.edi.records.claim import PatientCondition
from claimloop.edi.records.claim_supplements import (
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    FormAnswer,
    Repricing,
    SupportingForm,
)
from claimloop.edi.records.parties import Address, Contact, Party, Provider, Reference
from claimloop.edi.records.service_line import Drug
from claimloop.tests.builders.encounters.strategies import npis

Value = TypeVar("Value")
TODAY = date(2024, 6, 30)
CLAIM_DATES = ("431", "454", "304", "453", "439", "484", "455", "471", "314", "297", "296", "435", "096", "090", "091",
               "444", "050")  # fmt: skip
LINE_DATES = ("471", "607", "463", "461", "304", "738", "739", "011", "455", "454")
CLAIM_NUMBERS = ("EW", "9F", "G1", "X4", "9A", "9C", "LX", "D9", "EA", "P4", "1J")
LINE_NUMBERS = ("9B", "9D", "EW", "X4", "F4", "BT")
OTHER_PAYER_IDS = ("PAYERA", "PAYERB", "PAYERC")

words = st.text("ABCXYZ019", min_size=2, max_size=12)
numbers = st.text("AB0189", min_size=2, max_size=12)
days = st.integers(2, 700).map(lambda back: TODAY - timedelta(days=back))
money = st.integers(0, 10**7).map(lambda cents: Decimal(cents).scaleb(-2))
counts = st.integers(1, 9999).map(lambda number: Decimal(number).scaleb(-1))
sexes = st.sampled_from("FMU")
birth_dates = st.dates(date(1920, 1, 1), date(2000, 12, 31))
FORMS_OF_NUMBERS = {
    "SY": st.text("0123456789", min_size=9, max_size=9).map("1{}".format).map(lambda text: text[:9]),
    "X4": st.just("14D0123456"),
    "F4": st.just("05D0123456"),
}


def maybe(values: st.SearchStrategy[Value], nothing: Any = None) -> st.SearchStrategy[Any]:
    """A value, or nothing."""
    return st.one_of(st.just(nothing), values)


def code(*codes: str) -> st.SearchStrategy[str]:
    """One of the codes."""
    return st.sampled_from(codes)


def some(
    values: st.SearchStrategy[Value],
    least: int = 0,
    most: int = 2,
    unique_by: Callable[[Value], Hashable] | None = None,
) -> st.SearchStrategy[tuple[Value, ...]]:
    """A few values."""
    return st.lists(values, min_size=least, max_size=most, unique_by=unique_by).map(tuple)


def subset(*codes: str, most: int = 99) -> st.SearchStrategy[list[str]]:
    """Some of the codes, in any order."""
    return st.lists(st.sampled_from(codes), max_size=most, unique=True)


def days_of(*qualifiers: str) -> st.SearchStrategy[dict[str, DateRange]]:
    """A day for some of the qualifiers."""
    return st.dictionaries(st.sampled_from(qualifiers), days.map(lambda day: DateRange(day, day)), max_size=4)


@st.composite
def numbers_of(draw: st.DrawFn, *qualifiers: str, most: int = 3) -> tuple[Reference, ...]:
    """A number for some of the qualifiers, of the form that is asked for."""
    return tuple(
        Reference(qualifier, draw(FORMS_OF_NUMBERS.get(qualifier, numbers)))
        for qualifier in draw(subset(*qualifiers, most=most))
    )


addresses = st.builds(
    Address,
    words,
    maybe(words, ""),
    words,
    code("IL", "NY"),
    code("627041234", "100011234"),
) | st.builds(Address, words, st.just(""), words, st.just(""), st.just("44100"), st.just("MX"), maybe(code("JAL"), ""))
phones = st.text("0123456789", min_size=10, max_size=10)
contacts = st.builds(
    Contact,
    st.just("IC"),
    maybe(words, ""),
    st.one_of(phones.map(lambda phone: (("TE", phone),)), phones.map(lambda phone: (("TE", phone), ("EX", phone[:3])))),
)


@st.composite
def providers(
    draw: st.DrawFn,
    role: str,
    qualifiers: tuple[str, ...] = (),
    *,
    kinds: str = "1",
    named: bool = True,
    placed: bool = False,
    reached: bool = False,
    skilled: bool = False,
    payers: tuple[str, ...] = (),
) -> Provider:
    """A provider in a role: with a name, an address, a contact, a taxonomy where the loop has room for them."""
    kind = draw(st.sampled_from(kinds))
    person = named and kind == "1"
    npi = draw(maybe(npis(), "")) if role not in ("PW", "45") else ""
    return Provider(
        role,
        kind,
        draw(words) if named else "",
        draw(maybe(words, "")) if person else "",
        draw(maybe(words, "")) if person else "",
        draw(code("", "JR")) if person else "",
        "XX" if npi else "",
        npi,
        draw(addresses) if placed else None,
        (draw(contacts),) if reached and draw(st.booleans()) else (),
        tuple(
            Reference(each.qualifier, each.value, payer_id=draw(st.sampled_from(("", *payers))) if payers else "")
            for each in draw(numbers_of(*qualifiers, most=2))
        )
        if qualifiers
        else (),
        draw(maybe(code("207N00000X"), "")) if skilled else "",
    )


def people(role: str, qualifiers: tuple[str, ...] = ()) -> st.SearchStrategy[Party]:
    """An insured person or a patient."""
    numbered = role == "IL"
    return st.builds(
        Party,
        st.just(role),
        st.just("1"),
        words,
        maybe(words, ""),
        maybe(words, ""),
        code("", "JR"),
        st.just("MI" if numbered else ""),
        numbers if numbered else st.just(""),
        addresses,
        some(contacts, most=1) if qualifiers else st.just(()),
        numbers_of(*qualifiers) if qualifiers else st.just(()),
    )


@st.composite
def payers(draw: st.DrawFn, payer_id: str, *qualifiers: str) -> Party:
    """An organisation that pays, with numbers of these kinds."""
    return Party(
        "PR", "2", draw(words), "", "", "", "PI", payer_id, draw(maybe(addresses)), (), draw(numbers_of(*qualifiers))
    )


ambulances = st.builds(
    AmbulanceTransport, code("A", "B", "E"), counts, maybe(counts), maybe(words, ""), maybe(words, "")
)
attachments = st.builds(Attachment, code("03", "M1", "OZ"), code("BM", "EL", "FX"), numbers) | st.just(
    Attachment("OZ", "AA")
)
contracts = st.builds(
    Contract, code("01", "05", "09"), maybe(money), maybe(counts), maybe(words, ""), maybe(counts), maybe(words, "")
)


def pricing(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Repricing]:
    """HCP."""
    return st.builds(
        Repricing,
        method=code("01", "10"), allowed=money, savings=maybe(money), organization_id=maybe(words, ""),
        rate=maybe(counts), ambulatory_group=maybe(words, ""), ambulatory_group_amount=maybe(money),
        reject_reason=code("", "T1"), compliance=code("", "1"), exception=code("", "6"), **more,
    )  # fmt: skip


def certified(category: str, *codes: str, most: int = 5) -> st.SearchStrategy[Certification]:
    """A CRC of this category."""
    conditions = st.lists(st.sampled_from(codes), min_size=1, max_size=min(most, len(codes)), unique=True)
    return st.builds(Certification, st.just(category), code("Y", "N"), conditions.map(tuple))


claim_conditions = st.one_of(
    certified("07", "01", "04", "12"),
    certified("E1", "L1", "L5"),
    st.just(Certification("75", "Y", ("IH",))),
    certified("ZZ", "AV", "NU", "ST", most=3),
)
line_conditions = st.one_of(
    certified("07", "01", "04", "12"), certified("70", "65"), certified("09", "38", "ZV", most=2)
)
conditions_of_patient = st.builds(
    PatientCondition, maybe(days), maybe(counts), st.booleans()
).filter(lambda one: one != PatientCondition())  # fmt: skip
drugs = st.builds(
    Drug, st.just("00003029305"), counts, code("F2", "ML", "UN"), code("", "RX77"), code("XZ")
) | st.builds(Drug, numbers, counts, code("ML"), numbers, code("XZ", "VY"), code("N4", "EN"))
answers = st.builds(FormAnswer, code("1A", "2"), yes_no=code("Y", "N", "W")) | st.builds(
    FormAnswer, code("3", "4C"), text=maybe(words, ""), date=code("20240105", ""), percentage=counts
)
forms = st.builds(SupportingForm, code("UT", "AS"), words, some(answers, 1, 3))
