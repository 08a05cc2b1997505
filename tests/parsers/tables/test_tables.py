"""`read_tables(…)`: from files to frames."""

import importlib
import sys
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from claimloop.edi.diagnostics import Diagnostic, UserError
from claimloop.edi.syntax.tokens import read_batches
from claimloop.parsers import read_tables
from claimloop.parsers.tables.columns import DEFINITIONS, TABLE_NAMES
from claimloop.parsers.tables.frames import dtype
from claimloop.tests.parsers.remittance.era import HEAD, interchange, transaction
from claimloop.tests.parsers.tables.both import REMITTANCES

REFUSED = (
    "LX*1",
    "CLP*A1*1*150*60*10*12*ICN1*11*1",
    "NM1*QC*1*MARLOWE*ADA****MI*M1",
    "MOA***MA01",
    "DTM*232*20260101",
    "SVC*HC:99213:25*100*60**1",
    "DTM*472*20260102",
    "CAS*CO*45*30",
    "CAS*PR*3*10",
    "REF*6R*A1L1",
    "AMT*B6*70",
    "SVC*HC:17000*50*0**1**2",
    "DTM*150*20260102",
    "DTM*151*20260103",
    "CAS*CO*97*50**",
    "LQ*HE*N130",
    "PLB*1245319599*20261231*WO:ICN0*-40",
)


@pytest.fixture
def remit(tmp_path):
    path = tmp_path / "remit.835"
    path.write_text(interchange(transaction(*HEAD, *REFUSED)))
    return path


def test_a_remittance_becomes_typed_columns(remit):
    read = read_tables(remit)
    assert read.findings == []
    (payment,) = read.remittances.iter_rows(named=True)
    assert payment["payment_amount"] == Decimal("100.00")
    assert payment["payment_date"] == date(2026, 1, 5)
    assert payment["trace_number"] == "EFT77"
    assert payment["complete"]
    (claim,) = read.claims.iter_rows(named=True)
    assert (claim["patient_control_number"], claim["charge"], claim["paid"]) == ("A1", Decimal(150), Decimal(60))
    assert claim["statement_start"] == date(2026, 1, 1)
    assert claim["header_number"] == "1"
    first, second = read.services.iter_rows(named=True)
    assert (first["procedure"], first["modifier_1"], first["line_control_number"]) == ("99213", "25", "A1L1")
    assert (first["service_start"], first["service_end"]) == (date(2026, 1, 2), date(2026, 1, 2))
    assert (second["service_start"], second["service_end"]) == (date(2026, 1, 2), date(2026, 1, 3))
    assert (second["units_paid"], second["submitted_units"]) == (Decimal(1), Decimal(2))
    assert read.amounts.select("qualifier", "amount").rows() == [("B6", Decimal(70))]
    assert read.remarks.select("service_id", "sent_in", "code").rows() == [(None, "MOA", "MA01"), (2, "LQ", "N130")]
    assert read.provider_adjustments.select("reason", "reference", "amount").rows() == [("WO", "ICN0", Decimal(-40))]
    assert read.parties["role"].to_list() == ["PR", "PE", "QC"]


def test_the_denied_lines_are_a_filter_and_their_reasons_a_join(remit):
    read = read_tables(remit)
    denied = read.services.filter("is_denial")
    assert denied["procedure"].to_list() == ["17000"]
    why = denied.join(read.adjustments, on="service_id")
    assert why.select("group", "reason", "amount").rows() == [("CO", "97", Decimal(50))]
    assert not read.claims["is_denial"].any()


def test_the_types_are_those_of_the_definition():
    read = read_tables(REMITTANCES)
    for definition in DEFINITIONS:
        frame = getattr(read, definition.name)
        assert dict(frame.schema) == {column.name: dtype(column) for column in definition.columns}
        assert len(frame) > 0


def test_keys_are_unique_and_join_over_all_files():
    read = read_tables(REMITTANCES)
    for name, key in (("remittances", "remittance_id"), ("claims", "claim_id"), ("services", "service_id")):
        keys = getattr(read, name)[key]
        assert keys.to_list() == list(range(1, len(keys) + 1))
    for name in TABLE_NAMES:
        frame = getattr(read, name)
        assert frame.join(read.remittances, on=["remittance_id", "file"], how="anti").is_empty()
        if "claim_id" in frame.columns:
            owned = frame.filter(pl.col("claim_id").is_not_null())
            assert owned.join(read.claims, on=["claim_id", "remittance_id"], how="anti").is_empty()
        if "service_id" in frame.columns:
            owned = frame.filter(pl.col("service_id").is_not_null())
            assert owned.join(read.services, on=["service_id", "claim_id"], how="anti").is_empty()


def test_file_and_segment_lead_back_to_the_segment():
    path = REMITTANCES[0]
    with path.open("rb") as stream:
        texts = [text for batch in read_batches(stream, "", lambda _finding: None) for text in batch.segments]
    read = read_tables(path)
    for name, tag in (("remittances", "ST"), ("claims", "CLP"), ("services", "SVC"), ("provider_adjustments", "PLB")):
        assert all(texts[number - 1].startswith(tag) for number in getattr(read, name)["segment"])
    numbers = read.claims.select("segment", "patient_control_number").rows()
    assert all(texts[segment - 1].split("*")[1] == number for segment, number in numbers)


def test_lines_are_paid_what_their_remittances_say():
    read = read_tables(REMITTANCES)
    paid = read.claims.group_by("remittance_id").agg(pl.col("paid").sum())
    taken = read.provider_adjustments.group_by("remittance_id").agg(pl.col("amount").sum())
    sums = read.remittances.join(paid, on="remittance_id", how="left").join(taken, on="remittance_id", how="left")
    even = pl.col("paid").fill_null(0) - pl.col("amount").fill_null(0) == pl.col("payment_amount")
    uneven = sums.filter(~even)
    assert len(uneven) == sum(finding.code == "R222" for finding in read.findings)


def test_a_folder_is_read_with_its_folders_and_without_what_is_hidden(tmp_path, remit):
    inner = tmp_path / "2026" / "01"
    inner.mkdir(parents=True)
    (inner / "again.835").write_bytes(remit.read_bytes())
    (tmp_path / ".hidden.835").write_bytes(remit.read_bytes())
    read = read_tables(tmp_path)
    assert read.remittances["file"].to_list() == [str(inner / "again.835"), str(remit)]


def test_what_is_no_x12_is_reported_and_passed_over(tmp_path, remit):
    (tmp_path / "readme.txt").write_text("not a remittance")
    read = read_tables(tmp_path)
    assert len(read.remittances) == 1
    assert [finding.code for finding in read.findings] == ["T902"]
    assert read.findings[0].where.file.endswith("readme.txt")


def test_findings_go_to_the_report_that_is_given(tmp_path):
    path = tmp_path / "uneven.835"
    path.write_text(interchange(transaction(*HEAD, "LX*1", "CLP*A1*1*150*90*0*12*ICN1", "CAS*CO*45*50")))
    findings: list[Diagnostic] = []
    read = read_tables(path, findings.append)
    assert [finding.code for finding in findings] == ["R221", "R222"]
    assert read.findings == []


def test_a_number_that_no_column_holds_is_null_and_reported(tmp_path):
    path = tmp_path / "units.835"
    body = ("LX*1", "CLP*A1*1*100*100*0*12*ICN1", "SVC*HC:J1885*100*100**0.12345")
    path.write_text(interchange(transaction(*HEAD, *body)))
    read = read_tables(path)
    assert read.services["units_paid"].to_list() == [None]
    (finding,) = read.findings
    assert (finding.code, finding.where.element, finding.where.segment) == ("T901", "SVC05", 11)


def test_progress_ends_at_the_size_of_all_files(remit):
    told = []
    read_tables([remit, remit], progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (2 * remit.stat().st_size,) * 2


def test_a_folder_without_files_and_a_file_that_is_not_there_are_one_clear_line(tmp_path):
    with pytest.raises(UserError, match="no files to read"):
        read_tables(tmp_path)
    with pytest.raises(UserError, match=r"gone\.835 does not exist"):
        read_tables(tmp_path / "gone.835")


def test_who_has_not_installed_the_extra_is_told_how(remit, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("claimloop.parsers.tables.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(UserError, match=r"pip install 'claimloop\[tables\]'"):
        read_tables(remit)


def test_tables_is_a_package_however_it_is_imported(remit):
    package = importlib.import_module("claimloop.parsers.tables")
    from claimloop.parsers import tables

    assert tables is package
    assert tables.read_tables is read_tables
    assert set(package.__all__) == {"FORMS", "Form", "read_tables", "write_tables"}
