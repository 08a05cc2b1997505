"""835 files as tables: polars frames, or parquet, CSV and JSON Lines files. Needs the extra `tables`.

`docs/tables.md` says what stands in each column. polars is imported when it is first needed.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from claimloop.edi.diagnostics import Report, UserError
from claimloop.parsers.tables.columns import FORMS, Form, Progress

if TYPE_CHECKING:
    from claimloop.parsers.tables.gathered import Tables
    from claimloop.parsers.tables.writing import TableFiles

__all__ = ["FORMS", "Form", "tables", "write_tables"]

Paths = str | Path | Iterable[str | Path]


def tables(
    paths: Paths,
    report: Report | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> "Tables":
    """Every 835 of a file, of several files or of a folder (with the folders in it), as nine polars frames.

    `tables("era/").claims` and so on; keys count over all files. Findings go to `report`; without one they are
    gathered in `.findings`. `workers` is how many stretches are read at once (default: one for each processor);
    `progress` is told the bytes done and the bytes in all. Raises UserError where the extra `tables` is not
    installed or there is no file, OSError where a file cannot be read. Everything is in memory; for more than that,
    `write_tables`.
    """
    try:
        from claimloop.parsers.tables.gathered import gather_tables
    except ImportError as error:
        raise _missing(error) from None
    return gather_tables(_paths(paths), report, workers, progress)


def write_tables(
    paths: Paths,
    folder: str | Path,
    form: Form = "parquet",
    report: Report | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> "TableFiles":
    """Write the tables to `folder`, one file for each, in flat memory; `form` is parquet, csv or jsonl.

    Files are readable by their owner only and appear whole, when all are complete; what was there is replaced.
    Otherwise as `tables`.
    """
    try:
        from claimloop.parsers.tables.writing import write_table_files
    except ImportError as error:
        raise _missing(error) from None
    return write_table_files(_paths(paths), Path(folder), form, report, workers, progress)


def _missing(error: ImportError) -> ImportError | UserError:
    """One clear line for who has not installed the extra; any other failure stays what it is."""
    if (error.name or "").partition(".")[0] in ("polars", "pyarrow"):
        return UserError("tables need polars and pyarrow: pip install 'claimloop[tables]'")
    return error


def _paths(paths: Paths) -> list[Path]:
    """The files that are meant: those of a folder by name, but hidden ones. Raises UserError where there is none."""
    found: list[Path] = []
    for path in [paths] if isinstance(paths, str | Path) else paths:
        named = Path(path)
        if named.is_dir():
            inside = (file for file in named.rglob("*") if file.is_file())
            found += sorted(file for file in inside if not _is_hidden(file.relative_to(named)))
        elif named.exists():
            found.append(named)
        else:
            raise UserError(f"there is no file {named}")
    if not found:
        raise UserError("there is no file to read")
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
