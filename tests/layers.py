"""Which folder may import which, and what nothing below the command line may do."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

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
