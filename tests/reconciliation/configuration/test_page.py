"""docs/configuration.md is made from the declarations, and no other page states a key again."""

import re
import tomllib
from pathlib import Path

import pytest

from claimloop.reconciliation.configuration.keys import table_of
from claimloop.reconciliation.configuration.load import Configuration, load_configuration
from claimloop.reconciliation.configuration.page import page
from claimloop.tests.reconciliation.configuration.planted import PlantedConfiguration
from claimloop.tests.reconciliation.configuration.test_keys import all_tables

ROOT = Path(__file__).resolve().parents[3]


def rows(text: str) -> list[str]:
    """The keys in the first column of a table."""
    return re.findall(r"^\| \**`([\w.]+)`", text, re.MULTILINE)


def test_the_committed_page_is_the_one_that_the_declarations_make():
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == page(), "run `make docs`"


@pytest.mark.parametrize("table", all_tables(table_of(Configuration)), ids=lambda table: table.heading)
def test_every_key_of_a_table_is_a_row_under_its_heading(table):
    heading = f"`{table.heading}`\n" if table.path else "## The top of the file\n"
    section = page().partition(heading)[2].partition("\n#")[0]
    assert rows(section) == [entry.name for entry in table.entries]


def test_the_examples_are_toml():
    for example in re.findall(r"```toml\n(.*?)```", page(), re.DOTALL):
        assert tomllib.loads(example)


def test_the_first_example_is_enough_to_have_a_partner(tmp_path):
    path = tmp_path / "claimloop.toml"
    path.write_text(re.findall(r"```toml\n(.*?)```", page(), re.DOTALL)[0])
    assert [partner.name for partner in load_configuration(path).partners] == ["example"]


@pytest.mark.parametrize(
    "row",
    [
        '| `usage` | `"T"`, `"P"` | `"T"` | T for test files',
        '| `line_break` | `"\\n"`, `"\\r\\n"`, `""` | `"\\n"` |',
        "| `claims_per_set` | whole number, from 1 to 5000 | `5000` |",
        "| `settle_seconds` | whole number from 0 to 3600 | `5` |",
        "| `filing_days` | whole number from 0 to 3660 | `90` |",
        "| `pull` | list of text | none |",
        "| `second_opinion` | `true` or `false` | `false` |",
        "| `from` | date | no first date |",
        "| **`host`** | text | required |",
        "| `group_sender` | text, 2 to 15 characters | `sender` |",
    ],
)
def test_a_row_has_type_allowed_values_and_default(row):
    assert row in page()


def test_an_older_name_is_on_the_page():
    assert "The older name `does` is still accepted." in page()


def test_a_planted_key_is_on_the_page():
    text = page(PlantedConfiguration)

    assert "| `fax_tries` | whole number from 1 to 9 | `3` | How often to fax the summary. |" in text
    assert "## `[[printer]]`\n\nA printer for paper claims.\n" in text
    assert "| **`host`** | text | required | The printer's name. |" in text
    assert '[[printer]]\nhost = "printer.example.com"\npaper = "letter"' in text
    assert "`[[printer]]`: `Printer` in `tests/reconciliation/configuration/planted.py`" in text


@pytest.mark.parametrize(
    ("name", "heading", "also_something_else"),
    [
        ("expectations.md", "[[expect]]", set()),
        ("nightly.md", "[nightly]", {"encounters"}),  # a stage has that name
        ("sftp.md", "[[sftp]]", set()),
    ],
)
def test_the_page_of_a_subject_refers_to_its_keys_and_states_none(name, heading, also_something_else):
    (table,) = [each for each in all_tables(table_of(Configuration)) if each.path and each.heading == heading]
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert {entry.name for entry in table.entries} & set(rows(text)) == also_something_else
    assert f"(configuration.md#{table.path[0]})" in text
