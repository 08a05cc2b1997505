"""Random encounters that can be sent: dependents, accents, delimiters in names, many lines, drugs, every option.

`encounters()` gives one with its own id; `encounter_lists(n)` several with different ids.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from hypothesis import strategies as st

from claimloop.builders.encounters.columns import columns
from claimloop.builders.encounters.conform import Path
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    ClaimDates,
    Coverage,
    DrugRecord,
    Encounter,
    Person,
    PostalAddress,
    ProviderRecord,
    Relationship,
    Service,
)

Frequency = Literal["1", "7", "8"]
TODAY = date(2024, 6, 30)

_LETTERS = "abcXYZéüñßØł"
_MARKS = "*:~^-' .&@_"
_RELATIONSHIPS: tuple[Relationship, ...] = (
    "spouse",
    "child",
    "employee",
    "organ_donor",
    "life_partner",
    "other",
    "unknown",
)
_FREQUENCIES: tuple[Frequency, ...] = ("1", "1", "7", "8")
_DIAGNOSES = ("L70.0", "L40.0", "L20.9", "l570", "C44.311", "B07.9", "D22.5", "L82.1", "S01.01XA", "Z12.83", "C4A.0",
              "M79.1", "I10", "E11.9", "R21")  # fmt: skip
_PROCEDURES = ("99202", "99213", "99214", "11102", "11103", "17000", "17003", "17004", "17110", "17261", "12031",
               "10060", "88305", "J3301", "g0123", "0232T")  # fmt: skip
_PAST_DATES = ("onset", "initial_treatment", "last_seen", "acute_manifestation", "last_menstrual_period", "last_x_ray",
               "last_worked", "admission", "assumed_care", "first_contact")  # fmt: skip


def names(most: int = 20) -> st.SearchStrategy[str]:
    """A name: it begins with a letter, and may hold accents, delimiters and blanks."""
    rest = st.text(_LETTERS + _MARKS, max_size=most - 1)
    return st.builds("{}{}".format, st.sampled_from(_LETTERS), rest)


def identifiers(most: int = 20) -> st.SearchStrategy[str]:
    """A number that survives the basic character set."""
    return st.text("ABCxyz0123456789-/", min_size=2, max_size=most).filter(str.strip)


@st.composite
def npis(draw: st.DrawFn) -> str:
    """Ten digits with a right check digit."""
    nine = "1" + draw(st.text("0123456789", min_size=8, max_size=8))
    total = 24
    for position, digit in enumerate(reversed(nine)):
        total += sum(divmod(int(digit) * 2, 10)) if position % 2 == 0 else int(digit)
    return nine + str(-total % 10)


@st.composite
def addresses(draw: st.DrawFn, *, long_zip: bool = False) -> PostalAddress:
    """An address in the United States, or (where nine digits are not asked for) elsewhere."""
    country, state, zip_code = draw(
        st.sampled_from([("", "IL", "62704-1234"), ("US", "ny", "100011234"), ("", "PR", "009011234")])
        if long_zip
        else st.sampled_from(
            [
                ("", "IL", "62704"),
                ("", "wa", "98101-0001"),
                ("CA", "ON", "K1A 0B1"),
                ("MX", "JAL", "44100"),
                ("DE", "", ""),
            ]
        )
    )
    line2 = draw(st.sampled_from(("", "Apt 5*", "Büro 3")))
    return PostalAddress(line1=draw(names()), line2=line2, city="St. Löwen", state=state, zip=zip_code, country=country)


def people() -> st.SearchStrategy[Person]:
    """A patient, born before the year 2001."""
    return st.builds(
        Person,
        last_name=names(),
        first_name=st.one_of(st.just(""), names()),
        middle_name=st.sampled_from(("", "R", "é")),
        suffix=st.sampled_from(("", "Jr.")),
        birth_date=st.dates(date(1920, 1, 1), date(2000, 12, 31)),
        sex=st.sampled_from("FMU"),
        address=addresses(),
    )


def doctors() -> st.SearchStrategy[ProviderRecord]:
    """A person who treats, refers or supervises."""
    return st.builds(
        ProviderRecord,
        npi=npis(),
        last_name=names(),
        first_name=names(),
        taxonomy=st.sampled_from(("", "207N00000X")),
    )


def billing_providers() -> st.SearchStrategy[ProviderRecord]:
    """A practice."""
    return st.builds(
        ProviderRecord,
        npi=npis(),
        organization=names(),
        taxonomy=st.sampled_from(("", "207N00000X")),
        tax_id=st.sampled_from(("123456789", "98-7654321")),
        tax_id_type=st.sampled_from(("EIN", "SSN")),
        address=addresses(long_zip=True),
        pay_to_address=st.one_of(st.none(), addresses()),
        contact_name=st.just("Kim"),
        phone=st.just("1-555-201-3344"),
    )


def facilities() -> st.SearchStrategy[ProviderRecord]:
    """A place of service, with or without an NPI."""
    return st.builds(
        ProviderRecord, npi=st.one_of(st.just(""), npis()), organization=names(), address=addresses(long_zip=True)
    )


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """A primary coverage, of the patient or of somebody else."""
    relationship: Relationship = draw(st.one_of(st.just("self"), st.sampled_from(_RELATIONSHIPS)))
    subscriber = None
    if relationship != "self":
        subscriber = Person(last_name=draw(names()), first_name=draw(names()))
    return Coverage(
        payer_id=draw(st.sampled_from(("60054", "MCARE", "77001"))),
        payer_name=draw(names()),
        payer_address=draw(st.one_of(st.none(), addresses())),
        member_id=draw(identifiers()),
        filing_indicator=draw(st.sampled_from(("CI", "MB", "MC", "12"))),
        group_number=draw(st.one_of(st.just(""), identifiers())),
        group_name=draw(st.one_of(st.just(""), names())),
        relationship=relationship,
        subscriber=subscriber,
    )


def drugs() -> st.SearchStrategy[DrugRecord]:
    """A drug with an NDC in either form."""
    return st.builds(
        DrugRecord,
        ndc=st.sampled_from(("00003029305", "00003-0293-05")),
        quantity=st.sampled_from((Decimal("1"), Decimal("0.125"), Decimal("12345678"))),
        unit=st.sampled_from(("F2", "GR", "ME", "ML", "UN")),
        prescription=st.sampled_from(("", "RX-77")),
    )


@st.composite
def services(draw: st.DrawFn, diagnoses: int) -> Service:
    """A line that points to some of so many diagnoses."""
    day = TODAY - timedelta(days=draw(st.integers(2, 400)))
    pointers = draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=4, unique=True))
    return Service(
        procedure=draw(st.sampled_from(_PROCEDURES)),
        charge=Decimal(draw(st.integers(1, 10**7))).scaleb(-2),
        service_date=day,
        end_date=draw(st.sampled_from((None, day, day + timedelta(days=1)))),
        modifiers=tuple(draw(st.lists(st.sampled_from(("25", "59", "RT", "lt", "76")), max_size=4, unique=True))),
        units=draw(st.sampled_from((Decimal(1), Decimal("2.5"), Decimal("0.125"), Decimal(99999999)))),
        unit=draw(st.sampled_from(("UN", "MJ"))),
        diagnosis_pointers=tuple(pointers),
        place_of_service=draw(st.sampled_from(("", "11", "22"))),
        emergency=draw(st.booleans()),
        description=draw(st.sampled_from(("", "shave: left ~ arm"))),
        note=draw(st.sampled_from(("", "see chart"))),
        prior_authorization=draw(st.sampled_from(("", "AUTH-1"))),
        referral_number=draw(st.sampled_from(("", "REF 1"))),
        clia_number=draw(st.sampled_from(("", "14d0123456"))),
        drug=draw(st.one_of(st.none(), drugs())),
        rendering_provider=draw(st.one_of(st.none(), doctors())),
    )


@st.composite
def claim_dates(draw: st.DrawFn, accident: AccidentRecord | None) -> ClaimDates | None:
    """Some dates of the last year; with an accident there is its date."""
    chosen = draw(st.sets(st.sampled_from(_PAST_DATES), max_size=4))
    dates = {name: TODAY - timedelta(days=draw(st.integers(10, 300))) for name in sorted(chosen)}
    if accident:
        dates["accident"] = TODAY - timedelta(days=20)
    if draw(st.booleans()):
        dates["disability_from"] = TODAY - timedelta(days=9)
    if draw(st.booleans()):
        dates["disability_to"] = TODAY + timedelta(days=9)
    return ClaimDates(**dates) if dates else None


@st.composite
def encounters(draw: st.DrawFn, most_lines: int = 4) -> Encounter:
    """A visit for which `check_encounter` finds no error on TODAY."""
    diagnoses = draw(
        st.lists(
            st.sampled_from(_DIAGNOSES), min_size=1, max_size=12, unique_by=lambda code: code.upper().replace(".", "")
        )
    )
    lines = draw(st.lists(services(len(diagnoses)), min_size=1, max_size=most_lines))
    if draw(st.integers(0, 19)) == 7:
        lines = (lines * 120)[: draw(st.sampled_from((50, 51, 120)))]
    accident = draw(
        st.sampled_from(
            (None, None, AccidentRecord(auto=True, state="IL"), AccidentRecord(auto=True, other=True, country="MX"))
        )
    )
    referring = draw(st.one_of(st.none(), doctors()))
    frequency = draw(st.sampled_from(_FREQUENCIES)) if len(lines) <= 50 else "1"
    return Encounter(
        encounter_id=draw(st.one_of(st.text("ABC123", min_size=1, max_size=12), st.uuids().map(str))),
        patient=draw(people()),
        coverages=(draw(coverages()),),
        diagnoses=tuple(diagnoses),
        services=tuple(lines),
        place_of_service=draw(st.sampled_from(("11", "22", "02"))),
        billing_provider=draw(st.one_of(st.none(), billing_providers())),
        rendering_provider=draw(st.one_of(st.none(), doctors())),
        referring_provider=referring,
        primary_care_provider=draw(st.one_of(st.none(), doctors())) if referring else None,
        supervising_provider=draw(st.one_of(st.none(), doctors())),
        service_facility=draw(st.one_of(st.none(), facilities())),
        accept_assignment=draw(st.sampled_from("ABC")),
        benefits_assigned=draw(st.sampled_from("YNW")),
        release_of_information=draw(st.sampled_from("YI")),
        patient_paid=draw(st.sampled_from((None, Decimal(0), Decimal("25.00")))),
        prior_authorization=draw(st.sampled_from(("", "AUTH-1"))),
        referral_number=draw(st.sampled_from(("", "REF 1"))),
        medical_record_number=draw(st.sampled_from(("", "MRN/5"))),
        clearinghouse_trace=draw(st.sampled_from(("", "T5"))),
        frequency=frequency,
        payer_claim_number="" if frequency == "1" else draw(identifiers()),
        special_program=draw(st.sampled_from(("", "02", "05"))),
        delay_reason=draw(st.sampled_from(("", "1", "11"))),
        note=draw(st.sampled_from(("", "second*visit"))),
        dates=draw(claim_dates(accident)),
        accident=accident,
    )


def encounter_lists(least: int, most: int) -> st.SearchStrategy[list[Encounter]]:
    """Several encounters with different ids."""
    return st.lists(encounters(), min_size=least, max_size=most, unique_by=lambda encounter: encounter.encounter_id)


def fits_in_csv(encounter: Encounter) -> bool:
    """True where the encounter says nothing that has no column, and no text that CSV would strip."""
    texts = re.compile(r"\S(?:.*\S)?|", re.DOTALL)
    known = {column.path for column in columns().values()}
    return all(path in known and texts.fullmatch(value) for path, value in _texts(encounter, ()))


def _texts(record: object, path: Path) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    if isinstance(record, str):
        return [(path, record)] if record else []
    if isinstance(record, tuple) and record and not isinstance(record[0], str | int):
        places = [(*path, place) if path == ("coverages",) else path for place in range(len(record))]
        return [item for part, place in zip(record, places, strict=True) for item in _texts(part, place)]
    for name in getattr(record, "__struct_fields__", ()):
        found += _texts(getattr(record, name), (*path, name))
    return found
