"""The starter file: every key is in it, and it is a configuration with and without the marks of what is optional."""

import re
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from claimloop.builders.encounters.people import PostalAddress
from claimloop.reconciliation.configuration.keys import Table, table_of
from claimloop.reconciliation.configuration.load import Configuration, load_configuration
from claimloop.reconciliation.configuration.starter_text import smallest_text, starter_text, toml_value
from claimloop.tests.reconciliation.configuration.planted import PlantedConfiguration


def uncommented(text: str) -> str:
    """What a user gets who removes the mark before every optional key and table."""
    return re.sub(r"^#(?=[^ ])", "", text, flags=re.MULTILINE)


def loaded(folder: Path, text: str) -> Configuration:
    path = folder / "claimloop.toml"
    path.write_text(text, encoding="utf-8")
    return load_configuration(path)


def missing(table: Table, written: object) -> list[str]:
    """Every key and table that is declared, and not in what was written."""
    if isinstance(written, list):
        (written,) = written
    assert isinstance(written, dict)
    found = [".".join((*table.path, entry.name)) for entry in table.entries if entry.name not in written]
    for inner in table.tables:
        found += missing(inner, written[inner.path[-1]]) if inner.path[-1] in written else [inner.heading]
    return found


def test_as_written_it_sets_what_is_required_and_little_more(tmp_path):
    configuration = loaded(tmp_path, starter_text())

    (partner,) = configuration.partners
    assert (partner.name, partner.usage, partner.payers) == ("example", "T", ())
    assert partner.billing_provider is not None
    assert (configuration.sftp, configuration.expectations, configuration.dispositions) == ((), (), ())
    assert configuration == loaded(tmp_path, smallest_text())


def test_without_the_marks_it_is_a_configuration_with_every_key(tmp_path):
    text = uncommented(starter_text())

    configuration = loaded(tmp_path, text)

    assert missing(table_of(Configuration), tomllib.loads(text)) == []
    assert configuration.partners[0].character_set == "extended"
    assert configuration.sftp[0].pull == ("/outgoing",)
    assert configuration.expectations[0].filing_days == 90
    assert configuration.dispositions[0].does == "contractual"
    assert configuration.dispositions[0].start == date(2026, 1, 1)


def optional_keys_of_tables_that_are_set() -> list[str]:
    """Their lines. A key alone of a table that is commented out would belong to the table above."""
    lines, is_set = [], True
    for line in starter_text().splitlines():
        if re.match(r"#?\[", line):
            is_set = line.startswith("[")
        elif is_set and re.match(r"#\w", line):
            lines.append(line)
    return lines


@pytest.mark.parametrize("line", optional_keys_of_tables_that_are_set())
def test_each_optional_key_can_be_set_alone(tmp_path, line):
    text = starter_text().replace(line, line[1:])
    if "@" in line:  # its comment names what else it needs
        assert 'character_set = "extended"' in line
        text = text.replace("#character_set", "character_set")
    loaded(tmp_path, text)


def test_a_key_that_is_commented_out_shows_its_default_or_names_it():
    text = starter_text()
    assert '#character_set = "extended"' in text
    assert 'One of "basic" (the default), "extended".' in text
    assert "#warn_days = 14 " in text
    assert "#tries = 5 " in text


def test_no_line_is_longer_than_120_characters():
    assert [line for line in starter_text().splitlines() if len(line) > 120] == []


def test_every_key_has_its_comment_beside_or_above():
    lines = starter_text().splitlines()
    for above, line in pairwise(lines):
        if re.match(r"#\w", line):
            assert " # " in line or above.startswith("# "), line


def test_a_planted_key_is_in_the_starter(tmp_path):
    text = starter_text(PlantedConfiguration)

    assert "#fax_tries = 3                       # How often to fax the summary.\n" in text
    assert '# A printer for paper claims.\n#[[printer]]\n#host = "printer.example.com" ' in text
    assert '#paper = "letter"                    # What to print on. One of "letter", "legal".\n' in text
    written = tomllib.loads(uncommented(text))
    assert missing(table_of(PlantedConfiguration), written) == []
    assert written["printer"] == [{"host": "printer.example.com", "paper": "letter"}]


@pytest.mark.parametrize(
    "value",
    [True, 7, "plain", 'a "quote" and a \\', "\r\n\t\x00\x7f", "Zoë", date(2026, 3, 2), ("a", "b"), ()],
)
def test_values_are_read_back_as_they_were_written(value):
    read = tomllib.loads(f"key = {toml_value(value)}")["key"]
    assert (tuple(read) if isinstance(value, tuple) else read) == value


def test_a_record_is_written_without_its_defaults():
    address = PostalAddress(line1="1 Main St", city="Springfield")
    assert toml_value(address) == '{ line1 = "1 Main St", city = "Springfield" }'


def test_a_value_that_toml_cannot_hold_is_an_error():
    with pytest.raises(TypeError, match="no TOML"):
        toml_value(None)
