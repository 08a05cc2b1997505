"""`write_tables(…)`: parquet, CSV and JSON Lines."""

import stat

import polars as pl
import pyarrow.parquet as pq
import pytest

from claimloop.edi.diagnostics import Diagnostic
from claimloop.parsers import read_tables, write_tables
from claimloop.parsers.tables import writing
from claimloop.parsers.tables.columns import DEFINITION, FORMS, TABLE_NAMES
from claimloop.parsers.tables.frames import dtype
from claimloop.tests.parsers.remittance.era import HEAD, interchange, transaction
from claimloop.tests.parsers.tables.both import REMITTANCES


def read_back(path, name):
    """A file as its table; the types of CSV and JSON Lines are those of the definition."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    types = {column.name: dtype(column) for column in DEFINITION[name].columns}
    texts = {column: kind if kind in (pl.Boolean, pl.Int64) else pl.String for column, kind in types.items()}
    read = pl.read_csv if path.suffix == ".csv" else pl.read_ndjson
    dates = [pl.col(column).str.to_date() for column, kind in types.items() if kind == pl.Date]
    return read(path, schema_overrides=texts).with_columns(dates).cast(types)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_what_tables_gives(form, tmp_path):
    read = read_tables(REMITTANCES)
    written = write_tables(REMITTANCES, tmp_path, form)
    for name in TABLE_NAMES:
        frame = getattr(read, name)
        assert written.rows[name] == len(frame)
        back = read_back(tmp_path / f"{name}.{form}", name)
        assert back.equals(frame), name


@pytest.mark.parametrize("form", FORMS)
def test_files_are_readable_by_their_owner_only_and_nothing_else_is_left(form, tmp_path):
    folder = tmp_path / "new" / "tables"
    write_tables(REMITTANCES[0], folder, form)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.{form}" for name in TABLE_NAMES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_parquet_has_decimals_dates_and_plain_strings(tmp_path):
    write_tables(REMITTANCES[0], tmp_path, "parquet")
    schema = pq.read_schema(tmp_path / "services.parquet")
    assert str(schema.field("charge").type) == "decimal128(18, 2)"
    assert str(schema.field("service_start").type) == "date32[day]"
    assert str(schema.field("procedure").type) == "large_string"


def test_a_cell_of_a_spreadsheet_is_never_a_formula(tmp_path):
    path = tmp_path / "formula.835"
    body = ("LX*1", "CLP*=1+1*1*-5*-5**12*-7", "NM1*QC*1*@SUM(A1)*+B")
    path.write_text(interchange(transaction(*HEAD, *body)))
    write_tables(path, tmp_path / "out", "csv")
    claim = (tmp_path / "out" / "claims.csv").read_text().splitlines()[1]
    party = (tmp_path / "out" / "parties.csv").read_text().splitlines()[-1]
    assert ",'=1+1,1,-5.00,-5.00,," in claim
    assert ",-7," in claim
    assert ",'@SUM(A1),'+B," in party


@pytest.mark.parametrize("form", FORMS)
def test_a_conversion_that_fails_changes_nothing(form, tmp_path, monkeypatch):
    write_tables(REMITTANCES[0], tmp_path, form)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fails(*_):
        raise OSError("disk full")
        yield

    monkeypatch.setattr(writing, "frames_of", lambda *_arguments, **_options: fails())
    with pytest.raises(OSError, match="disk full"):
        write_tables(REMITTANCES[1], tmp_path, form)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_findings_are_on_the_result_or_go_to_the_report(tmp_path):
    """A letter among remittances is skipped, and said."""
    letter = tmp_path / "letter.835"
    letter.write_text("Dear Sir or Madam")
    told: list[Diagnostic] = []
    assert [finding.code for finding in write_tables([letter], tmp_path / "a").findings] == ["T902"]
    assert write_tables([letter], tmp_path / "b", report=told.append).findings == []
    assert [finding.code for finding in told] == ["T902"]
