"""`show`: words and tables for people, JSON Lines for programs, and what stays hidden in both."""

import json
import re
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from rich.console import Console

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.parsers import read_835, read_837p
from claimloop.parsers.kinds import kind_of
from claimloop.parsers.show.show import show_file, show_json
from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, interchange, transaction

DATA = Path(__file__).resolve().parents[2] / "data"
GOLDEN = Path(__file__).parent / "golden"
FILES = sorted([*DATA.glob("*.x12"), *DATA.glob("other/*.x12")])
REMITTANCE = DATA / "835__x12sdk-gen__835-seed7-6claims-3plb.x12"
CLAIMS = DATA / "837P__badx12__x222-cob-claim-from-billing-provider-to-payer-b.x12"
STATUS = DATA / "277CA__imsweb__x12-277ca-accepted.x12"


def ignore(finding: Diagnostic) -> None:
    """For tests that are not about findings."""


def text_of(path: Path, *, show_values: bool = False) -> str:
    """What `show` prints on a wide terminal without colour, blanks at the line ends taken off."""
    out = StringIO()
    show_file(path, Console(file=out, width=170, color_system=None), ignore, show_values=show_values)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def objects_of(path: Path, *, show_values: bool = False) -> list[dict[str, object]]:
    """What `show --json` writes."""
    out = BytesIO()
    show_json(path, out.write, ignore, show_values=show_values)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("path", [REMITTANCE, CLAIMS], ids=["835", "837P"])
def test_a_file_reads_like_this(path: Path) -> None:
    golden = GOLDEN / f"{path.stem}.txt"

    assert text_of(path) == golden.read_text(encoding="utf-8")


def test_a_remittance_says_whether_it_balances() -> None:
    assert "The remittance balances." in text_of(DATA / "835__badx12__x221-multiple-claims-single-check.x12")
    assert "does not balance: " in text_of(DATA / "835__ediworkbench__835-total-does-not-reconcile.x12")


def test_the_sign_of_a_provider_adjustment_is_in_words(tmp_path: Path) -> None:
    text = REMITTANCE.read_text(encoding="latin-1")
    taken = re.sub(r"PLB\*([^~]*?)\*-?[\d.]+~", r"PLB*\1*12.34~", text, count=1)
    given = re.sub(r"PLB\*([^~]*?)\*-?[\d.]+~", r"PLB*\1*-12.34~", text, count=1)
    path = tmp_path / "plb.835"

    path.write_text(taken, encoding="latin-1")
    assert "12.34 withheld from the payment" in text_of(path)
    path.write_text(given, encoding="latin-1")
    assert "12.34 added to the payment" in text_of(path)


@pytest.mark.parametrize("path", [REMITTANCE, CLAIMS], ids=["835", "837P"])
def test_patients_are_hidden_unless_they_are_asked_for(path: Path) -> None:
    people = (
        [claim.patient_person for claim in read_837p(path, ignore)]
        + [claim.subscriber.person for claim in read_837p(path, ignore)]
        if path == CLAIMS
        else [party for era in read_835(path, ignore) for claim in era.claims for party in claim.parties]
    )
    secrets = {text for someone in people if someone.role in ("QC", "IL") for text in (someone.id,) if len(text) > 4}
    names = {someone.full_name for someone in people if someone.role in ("QC", "IL")}
    hidden, hidden_json = text_of(path), json.dumps(objects_of(path))
    shown, shown_json = text_of(path, show_values=True), json.dumps(objects_of(path, show_values=True))

    assert secrets
    assert names
    for secret in secrets | names:
        assert secret not in hidden
        assert secret in shown
    for secret in secrets:
        assert secret not in hidden_json
        assert secret in shown_json


def test_addresses_and_birth_dates_are_in_no_hidden_output() -> None:
    (claim,) = read_837p(CLAIMS, ignore)
    assert claim.patient is not None
    address, born = claim.patient.person.address, claim.patient.birth_date
    assert address is not None
    assert born is not None

    assert address.line1 in json.dumps(objects_of(CLAIMS, show_values=True))
    for output in (json.dumps(objects_of(CLAIMS)), text_of(CLAIMS)):
        assert address.line1 not in output
        assert born.isoformat() not in output
        assert f"{born:%Y%m%d}" not in output


def test_business_numbers_stay_readable() -> None:
    payments = [each for each in objects_of(REMITTANCE) if each["record"] == "claim_payment"]
    whole = [claim for era in read_835(REMITTANCE, ignore) for claim in era.claims]

    assert [each["patient_control_number"] for each in payments] == [each.patient_control_number for each in whole]
    assert [each["payer_claim_number"] for each in payments] == [each.payer_claim_number for each in whole]


def test_json_of_a_remittance_has_every_record_and_money_as_text() -> None:
    header, *middle, end = objects_of(REMITTANCE)
    (era,) = read_835(REMITTANCE, ignore)

    assert header["record"] == "remittance"
    assert header["trace_number"] == era.trace_number
    kinds = [each["record"] for each in middle]
    assert kinds.count("claim_payment") == len(era.claims)
    assert kinds.count("provider_adjustment") == len(era.provider_adjustments)
    assert kinds.count("summary") == len(era.summaries)
    assert end["record"] == "remittance_end"
    assert end["payment_amount"] == f"{era.payment_amount:.2f}"
    assert Decimal(str(end["difference"])) == era.payment_amount - Decimal(str(end["expected_payment"]))
    assert all(isinstance(each["paid"], str) for each in middle if each["record"] == "claim_payment")


def test_json_of_claims_has_the_file_and_its_claims() -> None:
    file, claim = objects_of(CLAIMS)

    assert (file["record"], claim["record"]) == ("file", "claim")
    assert claim["charge"] == "79.04"


def test_other_kinds_are_shown_as_segments_and_it_is_said() -> None:
    text = text_of(STATUS)

    assert text.startswith("277CA is shown as segments: only 837P and 835 are shown in words")
    assert "\n      3      ST*277*" in text
    findings: list[Diagnostic] = []
    show_json(STATUS, lambda line: None, findings.append, show_values=False)
    assert [finding.code for finding in findings] == ["R261"]


def test_segments_of_other_kinds_hide_patients_too() -> None:
    assert "NM1*QC*1*PATIENT" not in text_of(STATUS)
    patients = [segment for segment in text_of(STATUS, show_values=True).splitlines() if "NM1*QC" in segment]
    assert patients
    assert not any(segment in text_of(STATUS) for segment in patients)


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "escape.837"
    path.write_bytes(CLAIMS.read_bytes().replace(b"26407789", b"2640\x1b[31m"))

    assert "\x1b" not in text_of(path)
    assert "Claim 1  2640\N{REPLACEMENT CHARACTER}[31m" in text_of(path)


def test_json_is_written_before_the_file_is_read_to_its_end(tmp_path: Path) -> None:
    segments = REMITTANCE.read_text(encoding="latin-1").replace("\n", "").split("~")
    first = next(number for number, text in enumerate(segments) if text.startswith("LX"))
    behind = next(number for number, text in enumerate(segments) if text.startswith("PLB"))
    claims = "~".join(segments[first:behind]) + "~"
    path = tmp_path / "long.835"
    path.write_text("~".join(segments[:first]) + "~" + claims * 1500 + "~".join(segments[behind:]), encoding="latin-1")
    pieces: list[int] = []

    show_json(path, lambda piece: pieces.append(len(piece)), ignore, show_values=False)

    assert sum(pieces) > 2_000_000
    assert max(pieces) < 100_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_public_file_is_shown(path: Path) -> None:
    assert text_of(path).strip()
    records = {each["record"] for each in objects_of(path)}
    expected = {"835": "remittance", "837P": "file"}.get(kind_of(path), "segment")
    assert expected in records


@pytest.mark.parametrize("acknowledgement", ["997", "999"])
def test_a_remittance_among_acknowledgements_is_shown_in_words(acknowledgement: str, tmp_path: Path) -> None:
    receipt = f"ST*{acknowledgement}*0009~AK1*HP*1~AK9*A*1*1*1~SE*4*0009~"
    path = tmp_path / "both.x12"
    path.write_text(interchange(receipt, transaction(*HEAD, *CLAIM)))

    assert kind_of(path) == "835"
    assert text_of(path).startswith("Remittance EFT77\n")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("835__lfh__demo.x12", "835"),
        ("837P__imsweb__x12-valid-different-separators.x12", "837P"),
        ("other/837I__lfh__institutional-claim-837i.x12", "837I"),
        ("277CA__imsweb__x12-277ca-accepted.x12", "277CA"),
        ("999__imsweb__x12-999-accepted.x12", "999"),
        ("TA1__staedi__x12-interchange-ack.x12", "TA1"),
    ],
)
def test_the_kind_of_a_file_is_found_in_its_head(name: str, kind: str) -> None:
    assert kind_of(DATA / name) == kind


def test_an_837_of_no_known_guide_is_told_by_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "unknown.837"
    path.write_text(CLAIMS.read_text(encoding="latin-1").replace("005010X222A1", ""), encoding="latin-1")

    assert kind_of(path) == "837P"


def test_a_file_without_an_isa_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear payer,", encoding="utf-8")

    with pytest.raises(NotX12):
        show_json(path, lambda line: None, ignore, show_values=False)
