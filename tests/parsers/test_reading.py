"""Reading whole files and streams: from a path, bytes or a stream; findings on the result or to a report."""

import io
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from claimloop.edi.diagnostics import Diagnostic, NotX12
from claimloop.edi.listing import MOST
from claimloop.edi.records import ClaimPayment, InterchangeAcknowledgement, Remittance, RemittanceEnd
from claimloop.parsers import (
    check_file,
    read_835,
    read_837p,
    read_acknowledgements,
    stream_835,
    stream_837p,
    stream_acknowledgements,
)
from claimloop.tests.parsers.remittance.era import CLAIM, DATA, HEAD, interchange, transaction

ERA = interchange(transaction(*HEAD, *CLAIM)).encode()
ODD_ERA = ERA.replace(b"*150*100*0*12", b"*150*99*0*12")
"""What was paid for the claim is not what its line and the payment say."""

CLAIMS = DATA / "837P__badx12__x222-cob-claim-from-billing-provider-to-payer-b.x12"
TA1 = ERA.split(b"GS*")[0] + b"TA1*000000007*260105*0900*A*000~IEA*0*000000001~"
READERS: list[Callable[..., Any]] = [
    read_835, read_837p, read_acknowledgements,
    lambda *given: list(stream_835(*given)), lambda *given: list(stream_837p(*given)),
    lambda *given: list(stream_acknowledgements(*given)),
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "remit.835"
    file.write_bytes(ERA)
    return file


class NamedOtherwise(os.PathLike[str]):
    """A path that is neither text nor of pathlib."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


@pytest.mark.parametrize("source", [Path, str, NamedOtherwise, Path.read_bytes, lambda path: io.BytesIO(ERA)])
def test_the_same_records_come_from_a_path_bytes_and_a_stream(source, path):
    (remittance,) = read_835(source(path))
    assert [claim.patient_control_number for claim in remittance.claims] == ["A1"]
    items = list(stream_835(source(path)))
    assert [type(item) for item in items] == [Remittance, ClaimPayment, RemittanceEnd]


def test_an_open_file_is_read_from_where_it_stands_and_stays_open(path):
    with path.open("rb") as stream:
        assert len(read_835(stream)) == 1
        assert not stream.closed


def test_findings_are_on_the_result_where_no_report_is_given():
    remittances = read_835(ODD_ERA)
    assert {finding.code for finding in remittances.findings} >= {"R221", "R222"}
    assert remittances.errors == [finding for finding in remittances.findings if finding.severity == "error"]


def test_findings_go_to_the_report_where_one_is_given():
    told: list[Diagnostic] = []
    remittances = read_835(ODD_ERA, told.append)
    assert remittances.findings == []
    assert told == read_835(ODD_ERA).findings != []


def test_the_findings_of_a_stream_fill_up_while_it_is_read():
    stream = stream_835(ODD_ERA)
    assert stream.findings == []
    list(stream)
    assert stream.findings == read_835(ODD_ERA).findings


def test_findings_on_a_result_are_bounded_and_those_of_a_report_are_not():
    content = ERA.replace(b"DTM*472*20260102~", b"DTM*472*2026~" * (MOST + 5))
    told: list[Diagnostic] = []
    read_835(content, told.append)
    codes = [finding.code for finding in read_835(content).findings]
    assert sum(finding.code == "R205" for finding in told) == MOST + 5
    assert (codes.count("R205"), codes.count("X131")) == (MOST, 1)


def test_findings_carry_the_path_the_name_that_is_given_or_that_of_the_open_file(tmp_path):
    path = tmp_path / "odd.835"
    path.write_bytes(ODD_ERA)
    assert {finding.where.file for finding in read_835(path).findings} == {str(path)}
    assert {finding.where.file for finding in read_835(path, name="upload 7").findings} == {"upload 7"}
    assert {finding.where.file for finding in read_835(ODD_ERA).findings} == {""}
    with path.open("rb") as stream:
        assert {finding.where.file for finding in read_835(stream).findings} == {str(path)}


@pytest.mark.parametrize("read", READERS)
def test_what_is_not_x12_raises_not_x12_and_a_missing_file_oserror(read, tmp_path):
    with pytest.raises(NotX12):
        read(b"Dear Sir or Madam")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone.835")


@pytest.mark.parametrize("read", READERS)
def test_a_stream_of_text_is_refused_in_words(read):
    with pytest.raises(TypeError, match="StringIO: pass a path, bytes or a stream opened in binary mode"):
        read(io.StringIO(ERA.decode()))


def test_x12_as_text_is_not_taken_for_a_path_whose_name_an_error_would_print():
    with pytest.raises(TypeError, match="pass bytes") as raised:
        read_835(ERA.decode())
    assert "MARLOWE" not in str(raised.value)


def test_a_stream_that_is_left_early_closes_its_file(path, monkeypatch):
    opened: list[io.BufferedReader] = []
    open_file = Path.open

    def remembering(self: Path, mode: str) -> io.BufferedReader:
        file = open_file(self, mode)
        assert isinstance(file, io.BufferedReader)
        opened.append(file)
        return file

    monkeypatch.setattr(Path, "open", remembering)
    with stream_835(path) as items:
        assert opened == []  # nothing is opened before the first record is asked for
        assert isinstance(next(items), Remittance)
    assert [file.closed for file in opened] == [True]
    with pytest.raises(StopIteration):
        next(items)


def test_claims_come_with_the_headers_of_their_sets():
    claims = read_837p(CLAIMS)
    assert len(claims) == len(list(stream_837p(CLAIMS))) == 1
    assert [header.transaction.kind for header in claims.headers] == ["837"]
    assert claims[0].charge == sum(line.charge for line in claims[0].lines) > Decimal(0)


def test_acknowledgements_come_in_a_list_or_one_by_one():
    (receipt,) = read_acknowledgements(TA1)
    assert isinstance(receipt, InterchangeAcknowledgement)
    assert receipt.accepted
    assert list(stream_acknowledgements(TA1)) == [receipt]


def test_a_file_of_another_kind_is_a_finding_and_not_an_error():
    assert [finding.code for finding in read_837p(ERA).findings] == ["R259"]
    assert [finding.code for finding in read_acknowledgements(ERA).findings] == ["P601"]
    assert "R201" in [finding.code for finding in read_835(CLAIMS).findings]


def test_a_check_gives_its_findings_or_passes_them_on(tmp_path):
    path = tmp_path / "odd.835"
    path.write_bytes(ODD_ERA)
    told: list[Diagnostic] = []
    assert check_file(str(path), told.append) == []
    assert check_file(path) == told != []
