"""The hierarchy of an 837P: billing provider (HL 20), subscriber (22) and patient (23) above the claims."""

from collections.abc import Set
from datetime import date

from claimloop.edi.claim import Patient, Subscriber
from claimloop.edi.parties import Address, Party, Provider
from claimloop.parsers.party_draft import PARTY_SEGMENTS, PartyDraft, read_taxonomy
from claimloop.parsers.segment_run import SegmentRun, expect, padded

LEVELS = ("20", "22", "23")
LEVEL_NAMES = {"20": "billing provider", "22": "subscriber", "23": "patient"}
_LOOPS = {"20": "2000A", "22": "2000B", "23": "2000C"}
_ROLES: dict[str, frozenset[str]] = {
    "20": frozenset(("85", "87")),
    "22": frozenset(("IL", "PR")),
    "23": frozenset(("QC",)),
    "": frozenset(("40", "41", "85", "87", "IL", "PR", "QC")),
}
"""NM101 of the parties that a level is made of; "" is the header, or a level of no kind known here."""

LEVEL_SEGMENTS = PARTY_SEGMENTS | {"PRV", "CUR", "SBR", "PAT", "NM1", "DTP", "BHT"}


class Hierarchy:
    """What is open above the next claim; `open` begins a level, which closes those of its depth and below."""

    def __init__(self) -> None:
        self.billing_provider: Provider | None = None
        self.pay_to_address: Address | None = None
        self.subscriber: Subscriber | None = None
        self.payer: Party | None = None
        self.patient: Patient | None = None
        self._numbers = dict.fromkeys(LEVELS, "")
        self._kept: dict[str, tuple[str, ...]] = {}
        self._unreadable: dict[str, int] = {}

    def kept(self) -> list[str]:
        """The segments above the claim that are kept as text, from the top."""
        return [text for level in LEVELS for text in self._kept.get(level, ())]

    def unreadable(self) -> int:
        """How many segments above the claim hold something unreadable."""
        return sum(self._unreadable.values())

    def missing(self) -> list[str]:
        """Who is not there although a claim needs him."""
        person = self.subscriber.person.role if self.subscriber else None
        needed = {"billing provider": self.billing_provider, "subscriber": person, "payer": self.payer}
        return [name for name, party in needed.items() if not party]

    def open(self, run: SegmentRun) -> str:
        """Read one level, from its HL to the first claim or next HL. Returns HL03, empty where it is none of ours.

        Levels follow each other by position; an HL02 that names another parent is reported.
        """
        _, number, parent, level, *_ = padded(run.texts[0].split(run.delimiters.element), 4)
        if level not in LEVELS:
            run.say("R258", 0, "HL03", problem="the level is none of 20, 22 and 23")
            level = ""
        else:
            run.loop = _LOOPS[level]
            self._close_from(level)
            expected = {"20": "", "22": self._numbers["20"], "23": self._numbers["22"]}[level]
            if parent != expected or (level != "20" and not parent):
                run.say("R258", 0, "HL02", problem="the parent is not the level that is open above")
            self._numbers[level] = number
        draft = LevelDraft(run, level)
        draft.read({0})
        self.take(draft)
        deepest = level or next((known for known in reversed(LEVELS) if self._numbers[known]), LEVELS[0])
        self._kept[deepest] = (*self._kept.get(deepest, ()), *run.kept)
        self._unreadable[deepest] = self._unreadable.get(deepest, 0) + run.unreadable
        return level

    def _close_from(self, level: str) -> None:
        for below in LEVELS[LEVELS.index(level) :]:
            self._numbers[below] = ""
            self._kept.pop(below, None)
            self._unreadable.pop(below, None)
        self.patient = None
        if level in ("20", "22"):
            self.subscriber = self.payer = None
        if level == "20":
            self.billing_provider = self.pay_to_address = None

    def take(self, draft: "LevelDraft") -> None:
        """Put the parties of a level where they belong."""
        parties = draft.parties
        if "85" in parties:
            parties["85"].taxonomy = draft.taxonomy or parties["85"].taxonomy
            self.billing_provider = parties["85"].provider()
        if "87" in parties:
            self.pay_to_address = parties["87"].address()
        if "PR" in parties:
            self.payer = parties["PR"].party()
        if "QC" in parties:
            self.patient = draft.patient(parties["QC"])
        if "IL" in parties or draft.sbr is not None:
            self.subscriber = draft.subscriber(parties.get("IL"))


class LevelDraft:
    """The segments of one level, or of the header, while they are read."""

    def __init__(self, run: SegmentRun, level: str) -> None:
        self.parties: dict[str, PartyDraft] = {}
        self.sbr: list[str] | None = None
        self.taxonomy = ""
        self._run = run
        self._roles = _ROLES[level]
        self._patient_level = level == "23"
        self._pat01 = ""
        self._demographics: dict[str, tuple[date | None, str]] = {}

    def read(self, skip: Set[int]) -> None:
        """Every segment of the run but those with these indices."""
        run, separator = self._run, self._run.delimiters.element
        party: PartyDraft | None = None
        for index, text in enumerate(run.texts):
            if index in skip:
                continue
            elements = text.split(separator)
            tag = elements[0]
            if tag == "NM1":
                party = self._party(index, elements)
            elif party is not None and tag == "DMG" and party.role in ("IL", "QC") and not party.whole:
                self._read_demographics(party.role, index, elements)
            elif party is not None and party.role == "87" and tag in ("PER", "REF", "PRV"):
                run.keep(index)  # only the address of the pay-to provider has a field
            elif party is None or not party.take(index, elements):
                self._segment(index, elements)

    def _party(self, index: int, nm1: list[str]) -> PartyDraft:
        role = nm1[1] if len(nm1) > 1 else ""
        known = role in self._roles and role not in self.parties
        party = PartyDraft(self._run, index, nm1, whole=not known)
        if known:
            self.parties[role] = party
            if role == "87" and any(nm1[3:]):
                self._run.keep(index)  # 4010 names the pay-to provider
        return party

    def _read_demographics(self, role: str, index: int, elements: list[str]) -> None:
        """DMG: birth date and sex; further elements are kept as text."""
        field = padded(elements, 3)
        if role in self._demographics:
            self._run.keep(index)
            return
        if any(elements[4:]) or field[1] not in ("", "D8"):
            self._run.keep(index)
        born = self._run.day(index, "DMG02", field[2]) if field[2] else None
        self._demographics[role] = born, field[3]

    def _segment(self, index: int, elements: list[str]) -> None:
        run = self._run
        match elements[0]:
            case "SBR" if self.sbr is None:
                self.sbr = padded(elements, 9)
                if any(elements[6:9]) or any(elements[10:]):
                    run.keep(index)
            case "PAT" if self._patient_level and not self._pat01:
                self._pat01 = padded(elements, 1)[1]
                if any(elements[2:]):
                    run.keep(index)
            case "PRV" if not self.taxonomy:
                self.taxonomy = read_taxonomy(run, index, elements)
            case tag:
                expect(run, index, tag, LEVEL_SEGMENTS)
                run.keep(index)

    def patient(self, party: PartyDraft) -> Patient:
        """2000C PAT and 2010CA."""
        born, sex = self._demographics.get("QC", (None, ""))
        return Patient(party.party(), self._pat01, born, sex)

    def subscriber(self, party: PartyDraft | None) -> Subscriber:
        """2000B SBR and 2010BA."""
        sbr = self.sbr or [""] * 10
        born, sex = self._demographics.get("IL", (None, ""))
        return Subscriber(
            party.party() if party else Party(), sbr[1], sbr[2], sbr[3], sbr[4], sbr[5], sbr[9], born, sex
        )
