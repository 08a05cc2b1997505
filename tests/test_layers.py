"""Which folder may import which, and what nothing below the command line may do."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# A layer is a folder or a module at the root; its row names the other layers that it may import.
LAYERS: dict[str, set[str]] = {
    "edi": set(),
    "builders": {"edi"},
    "parsers": {"edi"},
    "reconciliation": {"edi", "builders", "parsers"},
    "simulation": {"edi", "builders"},
    "samples": set(),
    "commands": {"edi", "builders", "parsers", "reconciliation", "simulation", "samples"},
    "cli": {"edi", "commands"},
}

# The rooms of a layer, low to high: a room is a package or a module of the layer, and imports only rooms before it.
ROOMS: dict[str, tuple[str, ...]] = {
    "edi": (
        "private_files", "counts", "columns", "shown_values", "diagnostics", "catalogue_page", "listing", "reading",
        "cache", "money", "dates", "npi",
        "syntax", "codes", "records", "guides", "rules", "conversion", "validate",
    ),
    "builders": (
        "settings", "encounters", "partner", "claims", "checks", "professional", "final_check", "sendable", "claim_files",
        "acknowledgements", "encounter_docs",
    ),
    "parsers": ("cursor", "kinds", "acknowledgements", "professional", "remittance", "reading", "checking", "show", "tables"),
    "reconciliation": (
        "ledger", "posting", "configuration", "claims", "bank", "acknowledgements", "remittances", "submissions",
        "decisions", "queries", "intake", "audit", "migrate", "run_record", "worklists", "reports", "nightly",
        "api",
    ),
    "commands": (
        "session", "help", "demo_loop", "tables", "sending",
        "acknowledge", "audit", "build", "codes", "convert", "correct", "demo", "enter", "explain", "export", "init",
        "migrate", "nightly", "receive", "report", "resolve", "secondary", "show", "simulate", "status", "validate",
        "void", "worklist",
    ),
}  # fmt: skip

# Here the clock is read and control numbers are drawn; the layers below are given them.
EDGE = {"cli", "commands"}

# A name stands for itself and for everything inside it: "time" for "time.monotonic".
CLOCK_AND_CHANCE = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time",
    "random",
    "secrets",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.urandom",
    "os.getrandom",
    "sqlalchemy.func.now",
    "sqlalchemy.func.current_date",
    "sqlalchemy.func.current_time",
    "sqlalchemy.func.current_timestamp",
}
CODE_AND_PROCESSES = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "importlib.import_module",
    "pickle",
    "marshal",
    "shelve",
    "subprocess",
    "os.system",
    "os.popen",
    "os.fork",
}

# (module, name) → why it may. For example ("parsers.some", "random.Random"): "seeded by its caller".
EXCEPTIONS: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Module:
    """A Python file of the project; ``name`` is its import name without ``claimloop.``."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def layer(self) -> str:
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """The package or module within the layer; empty for the layer's own ``__init__``."""
        return room_of(self.name)


def room_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def read_modules(root: Path) -> dict[str, Module]:
    """Every module at the root and in its packages; the tests and the benchmarks are not installed."""
    folders = {file.parent for file in root.glob("*/__init__.py")} | {root / layer for layer in LAYERS}
    folders -= {root / "tests", root / "benchmarks"}
    modules = {}
    for file in sorted([*root.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))]):
        parts = file.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = Module(name, file, ast.parse(file.read_bytes(), str(file)))
    return modules


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, wherever in the file the import stands."""
    within = ["claimloop", *module.name.split(".")]
    if module.path.name != "__init__.py":
        within.pop()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = within[: len(within) - node.level + 1] if node.level else []
            source += [node.module] if node.module else []
            yield from ((node.lineno, ".".join([*source, alias.name])) for alias in node.names)


def project_imports(module: Module, modules: dict[str, Module]) -> Iterator[tuple[int, str]]:
    """Line and module of each import of our own; a function that is imported counts as its module."""
    for line, name in imports(module):
        top, _, target = name.partition(".")
        if top == "claimloop" and target:
            yield line, target if target in modules else target.rpartition(".")[0] or target


def crossings(modules: dict[str, Module]) -> list[str]:
    """Imports that the table of layers does not allow, and modules that are not in the table."""
    found = []
    for module in modules.values():
        if module.layer not in LAYERS:
            found.append(f"{module.name} belongs to no layer")
            continue
        for line, target in project_imports(module, modules):
            if target.partition(".")[0] not in {module.layer, *LAYERS[module.layer]}:
                found.append(f"{module.name}:{line} imports {target}")
    return found


def crossings_of_rooms(modules: dict[str, Module]) -> list[str]:
    """Imports of a room that comes later in the table, and modules whose room is not in it.

    A layer's ``__init__`` is its public face: it may import every room, and no room may import it.
    """
    found = []
    for module in modules.values():
        rooms = ROOMS.get(module.layer)
        if rooms is None or not module.room:
            continue
        if module.room not in rooms:
            found.append(f"{module.name} belongs to no room")
            continue
        for line, target in project_imports(module, modules):
            if target.partition(".")[0] != module.layer:
                continue
            room = room_of(target)
            if room not in rooms or rooms.index(room) > rooms.index(module.room):
                found.append(f"{module.name}:{line} imports {target}")
    return found


def bare_imports(files: Iterable[Path]) -> list[str]:
    """Each ``import edi`` and its like: it works only where the root happens to be on the path."""
    found = []
    for file in files:
        module = Module(file.stem, file, ast.parse(file.read_bytes(), str(file)))
        for line, name in imports(module):
            if name.partition(".")[0] in LAYERS:
                found.append(f"{file.name}:{line} imports {name}")
    return found


def cycle(modules: dict[str, Module]) -> str:
    """One import cycle, as ``a → b → a``; empty where there is none."""
    graph = {
        module.name: sorted({target for _, target in project_imports(module, modules)} - {module.name})
        for module in modules.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib puts each module before the one that imports it.
        return " → ".join(reversed(error.args[1]))
    return ""


def dotted(node: ast.AST) -> str:
    """The text of ``a`` or ``a.b.c``; empty for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := dotted(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def names_used(module: Module) -> Iterator[tuple[int, str]]:
    """Line and full name of every import, of every use of one, and of every builtin.

    Aliases are followed: after ``import datetime as dt``, ``dt.date.today`` is ``datetime.date.today``.
    """
    full_names = {name: name for name in dir(builtins)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                full_names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                full_names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    yield from imports(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = dotted(node).partition(".")
            if first in full_names:
                yield node.lineno, full_names[first] + dot + rest


def uses(modules: dict[str, Module], forbidden: set[str]) -> dict[tuple[str, str], str]:
    """The forbidden names that modules below the edge use: (module, name) → the first line that does."""
    found: dict[tuple[str, str], str] = {}
    for module in modules.values():
        if module.layer in EDGE:
            continue
        for line, name in names_used(module):
            if any(name == word or name.startswith(f"{word}.") for word in forbidden):
                found.setdefault((module.name, name), f"{module.name}:{line} uses {name}")
    return found


def unexcused(found: dict[tuple[str, str], str]) -> list[str]:
    return [sentence for use, sentence in found.items() if use not in EXCEPTIONS]


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
