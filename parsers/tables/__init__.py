"""835 files as nine tables: polars frames, or parquet, CSV and JSON Lines files. Needs the extra `tables`.

`read_tables` and `write_tables` are the whole interface, and `claimloop.parsers` exports both. `docs/tables.md` lists
every column. polars is imported when one of them is first called.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from claimloop.edi.diagnostics import Report, UserError
from claimloop.parsers.tables.columns import FORMS, Form, Progress

if TYPE_CHECKING:
    from claimloop.parsers.tables.gathered import Tables
    from claimloop.parsers.tables.writing import TableFiles

__all__ = ["FORMS", "Form", "read_tables", "write_tables"]

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A file, a folder (with the folders in it), or several of them."""


def read_tables(
    paths: Paths,
    report: Report | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> "Tables":
    """Read every 835 of a file, of several files or of a folder into nine polars frames.

    The result has one attribute for each table (`remittances`, `claims`, `services`, `adjustments`,
    `provider_adjustments`, `remarks`, `references`, `amounts`, `parties`). Keys count over all files. Amounts are
    decimals with two places. Findings go to `report`; without one, the first 1,000 of each code are in `.findings`.
    `workers` is how many parts are read at once (default: one for each processor). `progress` is called with the bytes
    read so far and the bytes of all files.

    Everything is in memory. For more than that, use `write_tables`. A file that is not X12 is skipped, with finding
    T902. Raises UserError where the extra `tables` is not installed or there is no file to read, and OSError where a
    file cannot be read.


        tables = read_tables("remittances/")
        denied = tables.services.filter("is_denial")
    """
    try:
        from claimloop.parsers.tables.gathered import gather_tables
    except ImportError as error:
        raise _missing(error) from None
    return gather_tables(_paths(paths), report, workers, progress)


def write_tables(
    paths: Paths,
    folder: str | os.PathLike[str],
    form: Form = "parquet",
    report: Report | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> "TableFiles":
    """Write the tables of `read_tables` to `folder`, one file for each table, in flat memory.

    `form` is parquet, csv or jsonl. The result has the `rows` and the `files` of each table, by its name. Findings go
    to `report`; without one, the first 1,000 of each code are in `.findings`. Only their owner can read the files. They
    appear when all of them are complete, and replace older ones of the same name. Errors as for `read_tables`.

        written = write_tables("remittances/", "tables", "csv")
        print(written.rows["claims"], written.files["claims"])
    """
    try:
        from claimloop.parsers.tables.writing import write_table_files
    except ImportError as error:
        raise _missing(error) from None
    return write_table_files(_paths(paths), Path(folder), form, report, workers, progress)


def _missing(error: ImportError) -> ImportError | UserError:
    """Return an error with the command that installs the extra where it is missing. Return other failures unchanged."""
    if (error.name or "").partition(".")[0] in ("polars", "pyarrow"):
        return UserError("tables need polars and pyarrow: pip install 'claimloop[tables]'")
    return error


def _paths(paths: Paths) -> list[Path]:
    """List the files: those of a folder by name, without hidden ones. Raises UserError where there is none."""
    found: list[Path] = []
    for path in [paths] if isinstance(paths, str | os.PathLike) else paths:
        named = Path(path)
        if named.is_dir():
            inside = (file for file in named.rglob("*") if file.is_file())
            found += sorted(file for file in inside if not _is_hidden(file.relative_to(named)))
        elif named.exists():
            found.append(named)
        else:
            raise UserError(f"{named} does not exist")
    if not found:
        raise UserError("no files to read")
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
