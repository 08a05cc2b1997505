"""The imports of the project follow the table of layers and rooms; each check is shown able to fail."""

from pathlib import Path

import pytest

from claimloop.tests.layers import (
    CLOCK_AND_CHANCE,
    CODE_AND_PROCESSES,
    EXCEPTIONS,
    LAYERS,
    ROOMS,
    ROOT,
    Module,
    bare_imports,
    crossings,
    crossings_of_rooms,
    cycle,
    read_modules,
    unexcused,
    uses,
)

# The project itself.


@pytest.fixture(scope="module")
def modules() -> dict[str, Module]:
    return read_modules(ROOT)


def test_every_layer_of_the_table_exists(modules: dict[str, Module]) -> None:
    assert {module.layer for module in modules.values()} >= set(LAYERS)


def test_each_layer_imports_only_what_its_row_allows(modules: dict[str, Module]) -> None:
    assert crossings(modules) == []


def test_every_room_of_the_table_exists(modules: dict[str, Module]) -> None:
    for layer, rooms in ROOMS.items():
        assert {module.room for module in modules.values() if module.layer == layer and module.room} == set(rooms)


def test_each_room_imports_only_rooms_below_it(modules: dict[str, Module]) -> None:
    assert crossings_of_rooms(modules) == []


def test_no_modules_import_each_other_in_a_circle(modules: dict[str, Module]) -> None:
    assert cycle(modules) == ""


def test_every_import_of_our_own_begins_with_claimloop() -> None:
    visible = [path for path in ROOT.iterdir() if not path.name.startswith(".")]
    files = [file for path in visible for file in ([path] if path.suffix == ".py" else path.rglob("*.py"))]
    assert bare_imports(files) == []


def test_nothing_below_the_command_line_reads_the_clock(modules: dict[str, Module]) -> None:
    assert unexcused(uses(modules, CLOCK_AND_CHANCE)) == []


def test_nothing_below_the_command_line_runs_text_or_starts_a_process(modules: dict[str, Module]) -> None:
    assert unexcused(uses(modules, CODE_AND_PROCESSES)) == []


def test_every_exception_is_still_needed(modules: dict[str, Module]) -> None:
    assert set(EXCEPTIONS) <= set(uses(modules, CLOCK_AND_CHANCE | CODE_AND_PROCESSES))


# Each check, shown able to fail.


def plant(root: Path, files: dict[str, str]) -> dict[str, Module]:
    """Write files of source, by path, and read them back."""
    for path, source in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return read_modules(root)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("edi/money.py", "from claimloop.parsers import remittance"),
        ("edi/money.py", "from claimloop import cli"),
        ("builders/claim.py", "import claimloop.parsers.remittance as remittance"),
        ("parsers/remittance.py", "from claimloop.builders.claim import build"),
        ("parsers/remittance.py", "from ..builders import claim"),
        ("reconciliation/ledger.py", "from .. import cli"),
        ("commands/start.py", "from claimloop import cli"),
        ("reconciliation/ledger.py", "from claimloop.samples import files"),
        ("samples/files.py", "from claimloop.edi import money"),
    ],
)
def test_an_import_against_the_table_is_found(tmp_path: Path, path: str, line: str) -> None:
    assert len(crossings(plant(tmp_path, {path: line}))) == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("reconciliation/ledger/schema.py", "from claimloop.reconciliation.queries import views"),
        (
            "reconciliation/posting/match.py",
            "def late():\n    from claimloop.reconciliation.remittances.post import post",
        ),
        ("reconciliation/worklists/registry.py", "from claimloop.reconciliation.nightly import run"),
        ("edi/syntax/tokens.py", "from claimloop.edi.validate import validate"),
        ("edi/syntax/tokens.py", "from claimloop.edi import Segment"),
        ("edi/helpers.py", ""),
    ],
)
def test_an_import_against_the_table_of_rooms_is_found(tmp_path: Path, path: str, line: str) -> None:
    assert len(crossings_of_rooms(plant(tmp_path, {path: line}))) == 1


def test_imports_down_the_table_of_rooms_are_not_reported(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "edi/__init__.py": "from claimloop.edi.validate import validate",
            "edi/validate.py": "from claimloop.edi.syntax.tokens import cut",
            "reconciliation/queries/views.py": "from claimloop.reconciliation.ledger import schema",
        },
    )
    assert crossings_of_rooms(planted) == []


def test_an_import_inside_a_function_counts(tmp_path: Path) -> None:
    planted = plant(tmp_path, {"edi/money.py": "def spent():\n    from claimloop import cli\n    return cli\n"})
    assert crossings(planted) == ["edi.money:2 imports cli"]


def test_a_package_without_a_row_in_the_table_is_found(tmp_path: Path) -> None:
    assert crossings(plant(tmp_path, {"reports/__init__.py": ""})) == ["reports belongs to no layer"]


def test_imports_that_the_table_allows_are_not_reported(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "edi/money.py": "import decimal",
            "parsers/remittance.py": "from claimloop.edi import money",
            "reconciliation/ledger.py": "from claimloop.parsers import remittance\nfrom . import ledger",
            "commands/receive.py": "from claimloop.reconciliation.ledger import post",
            "cli.py": "from claimloop.commands import receive",
        },
    )
    assert crossings(planted) == []


def test_a_circle_of_imports_is_reported_with_its_path(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "edi/claims.py": "from claimloop.edi.dates import parse",
            "edi/dates.py": "from claimloop.edi import money",
            "edi/money.py": "def late():\n    from .claims import Claim\n    return Claim",
        },
    )
    assert cycle(planted) in {
        "edi.claims → edi.dates → edi.money → edi.claims",
        "edi.dates → edi.money → edi.claims → edi.dates",
        "edi.money → edi.claims → edi.dates → edi.money",
    }


def test_a_package_and_its_module_that_need_each_other_are_a_circle(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "edi/__init__.py": "from claimloop.edi.money import cents",
            "edi/money.py": "from claimloop.edi import Segment",
        },
    )
    assert cycle(planted) in {"edi → edi.money → edi", "edi.money → edi → edi.money"}


def test_modules_of_one_package_that_import_each_other_through_it_are_no_circle(tmp_path: Path) -> None:
    planted = plant(
        tmp_path,
        {
            "edi/__init__.py": "from claimloop.edi.money import cents",
            "edi/money.py": "from claimloop.edi import dates",
            "edi/dates.py": "import datetime",
        },
    )
    assert cycle(planted) == ""


@pytest.mark.parametrize("line", ["import edi", "from parsers import remittance", "import cli as command"])
def test_a_bare_import_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, {"edi/money.py": line})
    assert len(bare_imports(tmp_path.rglob("*.py"))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\ndt.date.today()",
        "from datetime import date as day\ndefault = day.today",
        "from datetime import datetime\ndatetime.now().date()",
        "from time import time",
        "import time",
        "import random",
        "import uuid\nuuid.uuid4()",
        "from uuid import uuid4 as new",
        "import secrets",
        "import os\nos.urandom(8)",
        "from sqlalchemy import func\nfunc.now()",
    ],
)
def test_reading_the_clock_or_drawing_a_number_is_found(tmp_path: Path, source: str) -> None:
    assert unexcused(uses(plant(tmp_path, {"reconciliation/ledger.py": source}), CLOCK_AND_CHANCE))


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')",
        "exec('pass')",
        "run = exec",
        "__import__('claimloop.cli')",
        "import importlib\nimportlib.import_module('claimloop.cli')",
        "import pickle",
        "from pickle import loads",
        "import subprocess",
        "import os\nos.system('ls')",
    ],
)
def test_running_text_or_starting_a_process_is_found(tmp_path: Path, source: str) -> None:
    assert unexcused(uses(plant(tmp_path, {"parsers/remittance.py": source}), CODE_AND_PROCESSES))


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date, time\nnoon = time(12)\nday = date(2026, 3, 2)",
        "class Received:\n    time: str\n    random: int",
        "import re\nre.compile('ISA')",
        "from importlib.resources import files",
        "def run(connection):\n    connection.exec('select 1')",
    ],
)
def test_names_that_only_look_forbidden_are_let_through(tmp_path: Path, source: str) -> None:
    planted = plant(tmp_path, {"parsers/remittance.py": source})
    assert uses(planted, CLOCK_AND_CHANCE | CODE_AND_PROCESSES) == {}


def test_an_exception_excuses_one_name_in_one_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXCEPTIONS, ("parsers.payer", "random"), "a payer is simulated from a seed")
    monkeypatch.setitem(EXCEPTIONS, ("parsers.payer", "random.Random"), "a payer is simulated from a seed")
    planted = plant(tmp_path, {"parsers/payer.py": "import random\nrandom.Random(7)\nrandom.choice('AB')"})
    assert unexcused(uses(planted, CLOCK_AND_CHANCE)) == ["parsers.payer:3 uses random.choice"]


def test_the_command_line_may_read_the_clock(tmp_path: Path) -> None:
    assert uses(plant(tmp_path, {"cli.py": "import time\ntime.time()"}), CLOCK_AND_CHANCE) == {}
