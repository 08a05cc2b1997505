"""Read parties of an 837P: an NM1 with the N3, N4, PER, REF and PRV that follow it."""

from functools import lru_cache

from claimloop.edi.records.parties import Address, Contact, Party, Provider, Reference
from claimloop.parsers.professional.run import LONGEST_REMEMBERED, SegmentRun, padded

PARTY_SEGMENTS = frozenset(("N2", "N3", "N4", "PER", "REF"))
PROVIDER_SEGMENTS = PARTY_SEGMENTS | {"PRV"}
LOOP_STARTS = frozenset(("NM1", "SBR", "LX", "LIN", "SVD", "LQ"))
"""Ids of the segments that begin a loop that may hold a party, or end the loop before."""

TAXONOMY_QUALIFIERS = frozenset(("PXC", "ZZ"))
"""PRV02 of a provider taxonomy code: 5010, 4010."""

_TAXONOMY_ROLES = frozenset(("BI", "PE"))
_REMEMBERED = 4096
_PAYER = "2U"

Indices = list[int] | range
"""Places of a party's segments in their run."""

Kept = tuple[int, ...]
"""Which segments of a party have values without a field."""


def read_party(separator: str, component: str, *texts: str) -> tuple[Party, str, Kept]:
    """Return the party whose NM1 is the first segment, the taxonomy code of a PRV, and the segments to keep."""
    nm1 = texts[0].split(separator)
    if len(nm1) < 10:
        nm1 += [""] * (10 - len(nm1))
    kept = [0] if nm1[6] or (len(nm1) > 10 and any(nm1[10:])) else []
    street: list[str] | None = None
    city: list[str] | None = None
    contacts: list[Contact] = []
    references: list[Reference] = []
    taxonomy = ""
    for index, text in enumerate(texts[1:], start=1):
        elements = text.split(separator)
        match elements[0]:
            case "N3" if street is None:
                street = padded(elements, 2)
                whole = len(elements) < 4 or not any(elements[3:])
            case "N4" if city is None:
                city = padded(elements, 7)
                whole = len(elements) < 6 or not (any(elements[5:7]) or any(elements[8:]))
            case "REF":
                reference, whole = read_reference(elements, component)
                references.append(reference)
            case "PER":
                contacts.append(_contact(elements))
                whole = not any(elements[9:])
            case "PRV" if not taxonomy:
                taxonomy, whole = read_taxonomy(elements)
            case _:
                whole = False
        if not whole:
            kept.append(index)
    address = None
    if street is not None or city is not None:
        address = _address(street or [""] * 3, city or [""] * 8)
    return Party(
        nm1[1], nm1[2], nm1[3], nm1[4], nm1[5], nm1[7], nm1[8], nm1[9], address, tuple(contacts), tuple(references)
    ), taxonomy, tuple(kept)  # fmt: skip


def _provider(separator: str, component: str, *texts: str) -> tuple[Provider, Kept]:
    party, taxonomy, kept = read_party(separator, component, *texts)
    return Provider(
        party.role, party.entity_type, party.name, party.first_name, party.middle_name, party.suffix,
        party.id_qualifier, party.id, party.address, party.contacts, party.references, taxonomy,
    ), kept  # fmt: skip


_shared_party = lru_cache(_REMEMBERED)(read_party)
_shared_provider = lru_cache(_REMEMBERED)(_provider)


def role_of(run: SegmentRun, index: int) -> str:
    """NM101."""
    nm1 = run.texts[index].split(run.separator, 2)
    return nm1[1] if len(nm1) > 1 else ""


def party_at(
    run: SegmentRun, start: int, end: int, members: frozenset[str], *, own: str = ""
) -> tuple[Indices, list[int], int]:
    """Return the segments of the party whose NM1 is at `start`, foreign segments among them, and where the next loop
    begins. `own` begins the text of a segment that never belongs to the party.
    """
    tags, texts = run.tags, run.texts
    stop = start + 1
    while stop < end and tags[stop] in members and not (own and texts[stop].startswith(own)):
        stop += 1
    if stop == end or tags[stop] in LOOP_STARTS:
        return range(start, stop), [], stop
    mine = list(range(start, stop))
    foreign: list[int] = []
    while stop < end and tags[stop] not in LOOP_STARTS:
        taken = tags[stop] in members and not (own and texts[stop].startswith(own))
        (mine if taken else foreign).append(stop)
        stop += 1
    return mine, foreign, stop


def _texts_at(run: SegmentRun, indices: Indices) -> list[str]:
    return run.texts[indices.start : indices.stop] if isinstance(indices, range) else [run.texts[i] for i in indices]


def read_provider(run: SegmentRun, indices: Indices) -> Provider:
    """Return the provider of these segments. Keep those with values for which it has no field."""
    texts = _texts_at(run, indices)
    read = _shared_provider if sum(map(len, texts)) <= LONGEST_REMEMBERED else _provider
    provider, kept = read(run.separator, run.component, *texts)
    for offset in kept:
        run.keep(indices[offset])
    return provider


def read_payer(run: SegmentRun, indices: Indices) -> Party:
    """Return the payer, submitter or receiver of these segments."""
    texts = _texts_at(run, indices)
    read = _shared_party if sum(map(len, texts)) <= LONGEST_REMEMBERED else read_party
    party, _, kept = read(run.separator, run.component, *texts)
    for offset in kept:
        run.keep(indices[offset])
    return party


def read_person(run: SegmentRun, indices: Indices) -> Party:
    """Return the patient or insured person of these segments. People are not remembered: their texts do not repeat."""
    party, _, kept = read_party(run.separator, run.component, *_texts_at(run, indices))
    for offset in kept:
        run.keep(indices[offset])
    return party


def _address(street: list[str], city: list[str]) -> Address:
    return Address(street[1], street[2], city[1], city[2], city[3], city[4], city[7])


def _contact(per: list[str]) -> Contact:
    field = padded(per, 2)
    numbers = per[3:9]
    if len(numbers) % 2:
        numbers.append("")
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return Contact(field[1], field[2], tuple(pair for pair in pairs if any(pair)))


def read_reference(elements: list[str], component: str) -> tuple[Reference, bool]:
    """Return a REF, with the payer that assigned the number (REF04 2U), and whether the record has all of it."""
    if len(elements) == 3:
        return Reference(elements[1], elements[2]), True
    field = padded(elements, 4)
    payer = field[4].split(component)
    if payer[0] == _PAYER and len(payer) == 2:
        return Reference(field[1], field[2], field[3], payer[1]), not any(elements[5:])
    return Reference(field[1], field[2], field[3]), not any(elements[4:])


def read_taxonomy(elements: list[str]) -> tuple[str, bool]:
    """Return PRV03 where PRV02 marks it as a taxonomy code, and whether the PRV has nothing else."""
    field = padded(elements, 3)
    known = field[2] in TAXONOMY_QUALIFIERS
    return field[3] if known else "", known and field[1] in _TAXONOMY_ROLES and not any(elements[4:])
