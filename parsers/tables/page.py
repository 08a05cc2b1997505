"""docs/tables.md from the definition: `python -m claimloop.parsers.tables.page > docs/tables.md`."""

from claimloop.parsers.tables.columns import DEFINITIONS, TYPES, Definition

_HEAD = """\
# Tables of an 835

`claimloop convert FILE… --to parquet|csv|jsonl -o DIR` writes these tables, one file for each;
`claimloop.parsers.read_tables(…)` gives them as polars frames. A column is null where its element was not sent or is
empty.

- **Keys join.** `remittance_id`, `claim_id` and `service_id` are numbers from 1 that are unique over all files of
  one conversion. A table has the keys of everything above its rows.
`claimloop explain FILE SEGMENT` takes. Rows of a claim or a service line have the number of its CLP or SVC.
  `claimloop explain FILE SEGMENT` takes. Rows of a claim or a service line have the number of its CLP or SVC.
- Rows are in the order of the files.
- Money has two decimals, quantities have four. A value that does not fit is null and reported (T901).
  Nothing is rounded.

In JSON Lines money and quantities are text. In CSV an apostrophe precedes text that a spreadsheet would take for a
formula.

This page is made from `parsers/tables/columns.py` by `python -m claimloop.parsers.tables.page`.
"""


def page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *map(_section, DEFINITIONS)])


def _section(definition: Definition) -> str:
    lines = [f"## {definition.name}", "", definition.doc, "", "| column | type | source | |", "|---|---|---|---|"]
    lines += [
        f"| `{column.name}` | {TYPES[column.kind]} | {column.source} | {column.doc} |" for column in definition.columns
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
