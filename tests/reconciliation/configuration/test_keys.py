"""The declarations of claimloop.toml: each key of each table is declared with its meaning, and nothing is forgotten."""

import tomllib
from typing import Annotated

import msgspec
import pytest

from claimloop.builders.encounters.conform import misfits
from claimloop.builders.settings import Key, Settings
from claimloop.reconciliation.configuration.keys import (
    Table,
    path_as_written,
    rename_former_keys,
    table_of,
    tables_alone,
)
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.tests.reconciliation.configuration.planted import PlantedConfiguration


def all_tables(table: Table) -> list[Table]:
    return [table, *(each for inner in table.tables for each in all_tables(inner))]


def all_keys():
    return [
        pytest.param(entry, id=".".join((*table.path, entry.name)))
        for table in all_tables(table_of(Configuration))
        for entry in table.entries
    ]


def test_every_table_of_the_file_is_declared():
    assert [table.heading for table in all_tables(table_of(Configuration))[1:]] == [
        "[partner]",
        "[partner.submitter]",
        "[partner.receiver]",
        "[partner.interchange]",
        "[partner.delimiters]",
        "[partner.control_numbers]",
        "[nightly]",
        "[[sftp]]",
        "[[expect]]",
        "[[disposition]]",
    ]


@pytest.mark.parametrize("entry", all_keys())
def test_every_key_has_a_meaning_in_sentences_and_an_example(entry):
    for text in (entry.key.meaning, entry.key.more):
        assert "  " not in text
        assert "\n" not in text
    assert entry.key.meaning.endswith(".")
    assert entry.key.more.endswith(".") or not entry.key.more
    assert entry.shown not in (None, "", ()), "a key without a default that can be shown needs an example"


@pytest.mark.parametrize("entry", all_keys())
def test_every_example_is_of_the_type_of_its_key(entry):
    assert list(misfits(msgspec.to_builtins(entry.shown, builtin_types=[type(entry.default)]), entry.kind)) == []


def test_a_field_without_a_key_is_an_error_of_the_declaration():
    class Forgotten(Settings, kw_only=True, frozen=True):
        declared: Annotated[int, Key("Declared.")] = 1
        forgotten: Annotated[int, msgspec.Meta(ge=0)] = 1

    with pytest.raises(TypeError, match="without a Key"):
        table_of(Forgotten)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[nightly]\nfax_trys = 3", "nightly.fax_trys is not a field of this record; did you mean fax_tries?"),
        ("[nightly]\nfax_tries = 10", "nightly.fax_tries is a number, not a whole number from 1 to 9"),
        ("[[printer]]", "printer#1.host is missing"),
        ('[[printer]]\nhost = "a"\npaper = "A4"', "printer#1.paper is text, not one of letter, legal"),
    ],
)
def test_a_planted_key_is_checked_by_its_declaration(text, problem):
    (found,) = misfits(tomllib.loads(text), PlantedConfiguration)
    assert f"{'.'.join(f'{part}' for part in found.path if isinstance(part, str))}" in problem.replace("#1", "")
    assert problem.endswith(found.problem)


def test_a_former_name_becomes_the_present_one_in_every_table():
    table = {"disposition": [{"group": "CO"}, {"does": "open"}]}

    renamed = rename_former_keys(table, Configuration)

    assert table == {"disposition": [{"group": "CO"}, {"disposition": "open"}]}
    assert renamed == {("disposition", 1, "disposition"): "does"}


def test_a_path_is_reported_as_the_user_wrote_it():
    table: dict[str, object] = {"partner": {"name": "a"}, "disposition": [{"does": "open"}]}
    alone, renamed = tables_alone(table, Configuration), rename_former_keys(table, Configuration)

    assert table["partner"] == [{"name": "a"}]
    assert path_as_written(("partner", 0, "name"), alone, renamed) == ("partner", "name")
    assert path_as_written(("disposition", 0, "disposition"), alone, renamed) == ("disposition", 0, "does")


@pytest.mark.parametrize("value", [None, 1, "text", [1], {"disposition": 1}, {"disposition": [1]}, {"nightly": []}])
def test_a_table_of_another_shape_is_left_to_the_checks(value):
    assert rename_former_keys(value, Configuration) == {}
