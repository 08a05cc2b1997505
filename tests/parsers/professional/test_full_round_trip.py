"""Any claim that 005010X222A1 can say is written and read again: the same claim, to the last field.

What legitimately differs, and is made alike on both sides before they are compared: where a claim was read (`source`),
the order of claims (those of one subscriber stand together), and the order among references, providers, notes, dates,
certifications and adjustments of one place, which the guide's own order decides.
"""

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from claimloop.builders.professional.batch import write_batch
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.records.claim import Claim
from claimloop.edi.validate import validate
from claimloop.parsers.professional.reader import claim_items
from claimloop.tests.builders.encounters.examples import MOMENT, NUMBERS, partner
from claimloop.tests.builders.professional.claim_strategies import claims
from claimloop.tests.parsers.professional.test_every_element import empty_fields

ORDERED_BY_THE_GUIDE = frozenset(("references", "providers", "notes", "conditions", "attachments", "adjustments"))


def written_and_read(made: list[Claim]) -> tuple[list[Claim], list[Diagnostic]]:
    """The claims of a file made of these claims, and what was found in it."""
    parts: list[str] = []
    write_batch(made, partner(), NUMBERS, MOMENT, parts.append)
    findings: list[Diagnostic] = []
    return list(claim_items(BytesIO("".join(parts).encode()), "built.837", findings.append)), findings


def alike(read: list[Claim]) -> list[Any]:
    """The claims without what legitimately differs, as plain values."""
    plain = [_alike(replace(claim, source=None)) for claim in read]
    return sorted(plain, key=lambda claim: claim["patient_control_number"])


def _alike(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        fields = {name: _alike(getattr(value, name)) for name in value.__struct_fields__}
        return fields | {name: sorted(fields[name], key=repr) for name in ORDERED_BY_THE_GUIDE & fields.keys()}
    if isinstance(value, dict):
        return {name: _alike(part) for name, part in sorted(value.items())}
    if isinstance(value, Decimal):
        return value.normalize() + 0
    return [_alike(part) for part in value] if isinstance(value, list | tuple) else value


ABOVE_A_CLAIM = ("billing_provider", "pay_to_address", "pay_to_plan", "currency", "subscriber", "payer")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
SEVERAL = st.lists(claims(), min_size=1, max_size=2, unique_by=lambda claim: claim.patient_control_number)


@settings(max_examples=50, suppress_health_check=SLOW, deadline=None)
@given(made=SEVERAL)
def test_any_claim_comes_back_to_the_last_field(made: list[Claim]) -> None:
    read, findings = written_and_read(made)

    assert [str(finding) for finding in findings] == []
    assert alike(read) == alike(made)


@settings(max_examples=15, suppress_health_check=SLOW, deadline=None)
@given(made=st.lists(claims(), min_size=3, max_size=3, unique_by=lambda claim: claim.patient_control_number))
def test_claims_of_one_patient_and_of_another_under_one_subscriber_come_back(made: list[Claim]) -> None:
    first, second, third = made
    above = {name: getattr(first, name) for name in ABOVE_A_CLAIM}
    second, third = replace(second, **above, patient=first.patient), replace(third, **above)

    read, findings = written_and_read([first, second, third])

    assert [str(finding) for finding in findings] == []
    assert alike(read) == alike([first, second, third])


@settings(max_examples=20, suppress_health_check=SLOW, deadline=None)
@given(made=claims())
def test_what_was_read_is_written_and_read_the_same(made: Claim) -> None:
    (read,), _ = written_and_read([made])
    (again,), _ = written_and_read([read])

    assert replace(again, source=None) == replace(read, source=None)


@settings(max_examples=20, suppress_health_check=SLOW, deadline=None)
@given(made=claims())
def test_any_claim_is_written_as_the_guide_asks(made: Claim) -> None:
    findings: list[Diagnostic] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "built.837"
        with path.open("w", encoding="ascii") as file:
            write_batch([made], partner(), NUMBERS, MOMENT, file.write)
        validate(path, findings.append, situations=False)

    assert [str(finding) for finding in findings if finding.severity == "error"] == []


def test_the_random_claims_fill_every_field_of_every_record() -> None:
    made: list[Claim] = []

    @settings(max_examples=80, suppress_health_check=SLOW, deadline=None, derandomize=True, database=None)
    @given(claim=claims())
    def gather(claim: Claim) -> None:
        made.append(claim)

    gather()

    assert set(empty_fields(made)) == {
        "Claim.other_segments",
        "Claim.source",
        "Claim.unreadable",
        "Reference.description",
        "ServiceLine.other_segments",
    }
