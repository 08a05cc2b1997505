"""Read the hierarchy of an 837P: billing provider (HL 20), subscriber (22) and patient (23) above the claims."""

from datetime import date

from msgspec.structs import replace

from claimloop.edi.dates import NotADate, read_date
from claimloop.edi.records.claim import Patient, PatientCondition, Subscriber
from claimloop.edi.records.parties import Address, Party, Provider
from claimloop.parsers.professional.parties import (
    PARTY_SEGMENTS,
    PROVIDER_SEGMENTS,
    Indices,
    party_at,
    read_payer,
    read_person,
    read_provider,
    read_taxonomy,
    role_of,
)
from claimloop.parsers.professional.run import UNREADABLE_DATE, Problems, SegmentRun, padded, remembered
from claimloop.parsers.professional.segments import elements_at, read_fields

LEVELS = ("20", "22", "23")
LEVEL_NAMES = {"20": "billing provider", "22": "subscriber", "23": "patient"}
_BELOW = {"20": LEVELS, "22": ("22", "23"), "23": ("23",)}
_LOOPS = {"20": "2000A", "22": "2000B", "23": "2000C"}
_ROLES: dict[str, frozenset[str]] = {
    "20": frozenset(("85", "87", "PE")),
    "22": frozenset(("IL", "PR")),
    "23": frozenset(("QC",)),
    "": frozenset(("40", "41", "85", "87", "PE", "IL", "PR", "QC")),
}
"""NM101 of the parties in a level; "" is the header, or a level of an unknown kind."""

_PEOPLE = frozenset(("IL", "QC"))
LEVEL_SEGMENTS = PROVIDER_SEGMENTS | {"DMG", "CUR", "SBR", "PAT", "NM1", "DTP", "BHT"}
_SENDER, _BILLING = "85", "BI"
Insured = tuple[str, str, str, str, str, str]
Born = tuple[date | None, str]
_NO_SUBSCRIBER: Insured = ("", "", "", "", "", "")
_UNBORN: Born = (None, "")


class Hierarchy:
    """The levels open above the next claim. `open` begins a level, which closes those of its depth and below."""

    __slots__ = (
        "_kept", "_numbers", "_unreadable", "billing_provider", "currency", "patient", "pay_to_address",
        "pay_to_plan", "payer", "subscriber", "unreadable",
    )  # fmt: skip

    def __init__(self) -> None:
        self.billing_provider: Provider | None = None
        self.pay_to_address: Address | None = None
        self.pay_to_plan: Party | None = None
        self.currency = ""
        self.subscriber: Subscriber | None = None
        self.payer: Party | None = None
        self.patient: Patient | None = None
        self.unreadable = 0
        """How many values above the claim could not be read."""
        self._numbers = {"20": "", "22": "", "23": ""}
        self._kept: dict[str, tuple[str, ...]] = {}
        self._unreadable: dict[str, int] = {}

    def kept(self) -> tuple[str, ...]:
        """Return the segments above the claim that are kept as text, from the top."""
        if not self._kept:
            return ()
        return tuple(text for level in LEVELS for text in self._kept.get(level, ()))

    @property
    def is_complete(self) -> bool:
        """Return True where every party that a claim needs is present."""
        return (
            self.billing_provider is not None
            and self.payer is not None
            and self.subscriber is not None
            and self.subscriber.person.role != ""
        )

    def missing(self) -> list[str]:
        """Name the parties that a claim needs and does not have."""
        person = self.subscriber.person.role if self.subscriber else None
        needed = {"billing provider": self.billing_provider, "subscriber": person, "payer": self.payer}
        return [name for name, party in needed.items() if not party]

    def open(self, run: SegmentRun) -> str:
        """Read one level, from its HL to the first claim or next HL. Return HL03, empty for an unknown level.

        Levels are read by position. An HL02 that names another parent is reported.
        """
        _, number, parent, level, *_ = padded(run.texts[0].split(run.separator), 4)
        if level not in LEVELS:
            run.report("R258", 0, "HL03", problem="HL03 must be 20, 22, or 23")
            level = ""
        else:
            run.loop = _LOOPS[level]
            self._close_from(level)
            expected = "" if level == "20" else self._numbers["20" if level == "22" else "22"]
            if parent != expected or (level != "20" and not parent):
                run.report("R258", 0, "HL02", problem="the parent is not the open level above")
            self._numbers[level] = number
        draft = LevelDraft(run, level)
        draft.read(1)
        self.take(draft)
        if not (run.keeps or run.unreadable):
            return level
        deepest = level or next((known for known in reversed(LEVELS) if self._numbers[known]), LEVELS[0])
        if run.keeps:
            kept = run.kept(0, len(run.texts))
            self._kept[deepest] = (*self._kept.get(deepest, ()), *kept)
        if run.unreadable:
            self._unreadable[deepest] = self._unreadable.get(deepest, 0) + run.unreadable
            self.unreadable += run.unreadable
        return level

    def _close_from(self, level: str) -> None:
        for below in _BELOW[level]:
            self._numbers[below] = ""
            if self._kept:
                self._kept.pop(below, None)
            if self._unreadable:
                self.unreadable -= self._unreadable.pop(below, 0)
        self.patient = None
        if level != "23":
            self.subscriber = self.payer = None
        if level == "20":
            self.billing_provider = self.pay_to_address = self.pay_to_plan = None
            self.currency = ""

    def take(self, draft: "LevelDraft") -> None:
        """Add the parties of a level."""
        parties = draft.parties
        if "85" in parties:
            provider = parties["85"]
            assert isinstance(provider, Provider)
            self.billing_provider = replace(provider, taxonomy=draft.taxonomy) if draft.taxonomy else provider
        if "87" in parties:
            self.pay_to_address = parties["87"].address
        if "PE" in parties:
            self.pay_to_plan = parties["PE"]
        if "PR" in parties:
            self.payer = parties["PR"]
        if "QC" in parties:
            self.patient = draft.patient(parties["QC"])
        if "IL" in parties or draft.sbr is not None:
            self.subscriber = draft.subscriber(parties.get("IL"))
        self.currency = draft.currency or self.currency


class LevelDraft:
    """The segments of one level, or of the header, while they are read."""

    __slots__ = ("_born", "_condition", "_patient_level", "_relationship", "_roles", "_run", "currency", "parties",
                 "sbr", "taxonomy")  # fmt: skip

    def __init__(self, run: SegmentRun, level: str) -> None:
        self.parties: dict[str, Party] = {}
        self.sbr: Insured | None = None
        self.taxonomy = self.currency = ""
        self._run = run
        self._roles = _ROLES[level]
        self._patient_level = level == "23"
        self._relationship = ""
        self._condition: PatientCondition | None = None
        self._born: dict[str, Born] = {}
        """Birth date and sex by role."""

    def read(self, start: int, *, passing: int = 0) -> None:
        """Read every segment of the run from `start` on, without the one at `passing`."""
        tags = self._run.tags
        index, end = start, len(tags)
        while index < end:
            if tags[index] == "NM1":
                index = self._party(index, end)
            else:
                if index != passing:
                    self._segment(index)
                index += 1

    def _party(self, start: int, end: int) -> int:
        """Read a party with its segments. Return where the next one begins."""
        run = self._run
        role = role_of(run, start)
        own = PARTY_SEGMENTS if role in _PEOPLE or role in ("PR", "40", "41") else PROVIDER_SEGMENTS
        indices, foreign, stop = party_at(run, start, end, own)
        known = role in self._roles and role not in self.parties
        if not known:
            for index in indices:
                run.keep(index)
        elif role in _PEOPLE:
            self.parties[role] = read_person(run, indices)
        elif role in ("85", "87"):
            self.parties[role] = read_provider(run, indices)
        else:
            self.parties[role] = read_payer(run, indices)
        if role == "87" and known:
            self._keep_pay_to(indices)
        for index in foreign:
            if run.tags[index] == "DMG" and role in _PEOPLE and known:
                self._read_demographics(role, index)
            else:
                self._segment(index)
        return stop

    def _keep_pay_to(self, indices: Indices) -> None:
        """Keep segments of the pay-to provider that have no field. It is the billing provider at another address."""
        run = self._run
        nm1 = padded(elements_at(run, indices[0]), 2)
        if any(nm1[3:]) or self.parties["87"].address is None:
            run.keep(indices[0])
        for index in indices:
            if run.tags[index] in ("PER", "REF", "PRV", "N2"):
                run.keep(index)

    def _read_demographics(self, role: str, index: int) -> None:
        """Read a DMG: birth date and sex. Keep a DMG with further elements as text."""
        run = self._run
        if role in self._born:
            run.keep(index)
            return
        self._born[role], problems, whole = _demographics(run.separator, run.component)[run.texts[index]]
        if problems:
            run.report_all(index, problems)
        elif not whole:
            run.keep(index)

    def _segment(self, index: int) -> None:
        run = self._run
        match run.tags[index]:
            case "SBR" if self.sbr is None:
                self.sbr, whole = _insured(run.separator, run.component)[run.texts[index]]
                if not whole:
                    run.keep(index)
            case "PAT" if self._condition is None and not self._relationship:
                self._read_patient(index)
            case "PRV" if not self.taxonomy:
                elements = padded(elements_at(run, index), 3)
                taxonomy, whole = read_taxonomy(elements)
                if elements[1] == _BILLING:
                    self.taxonomy = taxonomy
                if not whole or elements[1] != _BILLING:
                    run.keep(index)
            case "CUR" if not self.currency:
                elements = padded(elements_at(run, index), 2)
                self.currency = elements[2]
                if elements[1] != _SENDER or any(elements[3:]):
                    run.keep(index)
            case _:
                run.expect(index, LEVEL_SEGMENTS)

    def _read_patient(self, index: int) -> None:
        """Read a PAT: the relationship (at the patient level only) and the condition of the patient."""
        run = self._run
        text = run.texts[index]
        elements = padded(elements_at(run, index), 1)
        if self._patient_level:
            self._relationship, elements[1] = elements[1], ""
        if any(elements[1:]):
            run.texts[index] = run.separator.join(elements)
            fields = read_fields(run, index, PatientCondition)
            run.texts[index] = text
            self._condition = PatientCondition(**fields) if fields else None

    def patient(self, party: Party) -> Patient:
        """Return 2000C PAT and 2010CA."""
        born, sex = self._born.get("QC", _UNBORN)
        return Patient(party, self._relationship, born, sex, self._condition)

    def subscriber(self, party: Party | None) -> Subscriber:
        """Return 2000B SBR, PAT and 2010BA."""
        order, relationship, number, name, insurance, filing = self.sbr or _NO_SUBSCRIBER
        born, sex = self._born.get("IL", _UNBORN)
        return Subscriber(
            party or Party(), order, relationship, number, name, insurance, filing, born, sex, self._condition
        )


@remembered
def _insured(separator: str, _: str, text: str) -> tuple[Insured, bool]:
    """Return SBR01-05 and SBR09, and whether the SBR has nothing else."""
    sbr = padded(text.split(separator), 9)
    return (sbr[1], sbr[2], sbr[3], sbr[4], sbr[5], sbr[9]), not (any(sbr[6:9]) or any(sbr[10:]))


@remembered
def _demographics(separator: str, _: str, text: str) -> tuple[Born, Problems, bool]:
    """Return a DMG's birth date and sex, its problems, and whether the DMG has nothing else."""
    dmg = padded(text.split(separator), 3)
    whole = dmg[1] in ("", "D8") and not any(dmg[4:])
    try:
        return (read_date(dmg[2]) if dmg[2] else None, dmg[3]), (), whole
    except NotADate:
        return (None, dmg[3]), ((UNREADABLE_DATE, "DMG02", dmg[2]),), False
