"""What setup.cfg declares is what the code imports: nothing unused is installed, nothing used is missing."""

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OWN = {"claimloop"}
NOT_INSTALLED = {"tests", "benchmarks"}
FOR_USERS = ("postgres", "tables", "sftp")
"""Extras of the installed code."""

PROGRAMS = {"ruff", "mypy"}

# Declared, and used otherwise than by an import.
TOOLS = {
    "pytest-xdist": "a plugin of pytest: -n",
    "setuptools": "builds the wheel that the tests install",
    "ruff": "make check",
    "mypy": "make check",
    "mkdocs-material": "the theme of the documentation site",
    "lxml-stubs": "the types of lxml",
}


def declared(extra: str = "") -> set[str]:
    """The distributions that an extra asks for, or (without a name) the core."""
    configuration = ConfigParser()
    configuration.read(ROOT / "setup.cfg")
    section, key = ("options.extras_require", extra) if extra else ("options", "install_requires")
    lines = [line.split("#")[0] for line in configuration[section][key].splitlines()]
    return {re.split(r"[\[<>=!;~ ]", line.strip())[0] for line in lines if line.strip()}


def modules_of(distribution: str) -> set[str]:
    """The names by which what a distribution installs is imported; by its own name where it is not installed."""
    wanted = normalized(distribution)
    found = {
        module
        for module, owners in importlib.metadata.packages_distributions().items()
        if wanted in map(normalized, owners)
    }
    return {module for module in found if not module.startswith("_")} or {wanted.replace("-", "_")}


def normalized(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(files: Iterable[Path]) -> dict[str, str]:
    """The modules of others that files import, or look up by `find_spec`, each with one of the files."""
    found: dict[str, str] = {}
    for file in files:
        for name in names_in(ast.parse(file.read_bytes(), str(file))):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in OWN:
                found.setdefault(top, str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else file.name)
    return found


def names_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "find_spec":
            yield from (
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def installed_files() -> list[Path]:
    """The code that pip installs."""
    packages = [init.parent for init in ROOT.glob("*/__init__.py") if init.parent.name not in NOT_INSTALLED]
    return [*ROOT.glob("*.py"), *(file for package in packages for file in package.rglob("*.py"))]


def undeclared(files: Iterable[Path], distributions: Iterable[str]) -> list[str]:
    known = {module for distribution in distributions for module in modules_of(distribution)}
    return [f"{file} imports {module}" for module, file in imported(files).items() if module not in known]


def unused(files: Iterable[Path], distributions: Iterable[str]) -> list[str]:
    used = imported(files).keys()
    return [each for each in sorted(distributions) if each not in TOOLS and not modules_of(each) & used]


@pytest.fixture(scope="module")
def installed() -> list[Path]:
    return installed_files()


def test_everything_that_the_core_declares_is_used(installed):
    assert unused(installed, declared()) == []


@pytest.mark.parametrize("extra", FOR_USERS)
def test_everything_that_an_extra_declares_is_used(extra, installed):
    assert unused(installed, declared(extra)) == []


def test_everything_that_the_installed_code_imports_is_declared(installed):
    allowed = declared().union(*(declared(extra) for extra in FOR_USERS))
    assert undeclared(installed, allowed) == []


def test_the_tests_and_the_benchmarks_declare_what_they_import(installed):
    tests, benchmarks = list((ROOT / "tests").rglob("*.py")), list((ROOT / "benchmarks").rglob("*.py"))
    core = declared().union(*(declared(extra) for extra in FOR_USERS))
    site = list((ROOT / "docs").rglob("*.py"))
    assert undeclared([*tests, *site], {*core, *declared("test"), *declared("docs")}) == []
    assert undeclared(benchmarks, {*core, *declared("test"), *declared("bench")}) == []
    everything = [*installed, *tests, *benchmarks, *site]
    for extra in ("test", "bench", "docs"):
        assert unused(everything, declared(extra)) == []


def test_types_are_declared_for_what_is_used_only():
    """Stubs are types-NAME or NAME-stubs."""
    of = {
        each: each.removeprefix("types-").removesuffix("-stubs") for each in declared("check") if each not in PROGRAMS
    }
    assert {stub for stub, name in of.items() if normalized(name) not in set(map(normalized, declared()))} == set()


def test_every_tool_is_declared():
    assert set(TOOLS) <= declared("test") | declared("check") | declared("docs")


def test_a_declared_distribution_that_nobody_imports_is_found(tmp_path):
    (tmp_path / "a.py").write_text(
        "import msgspec\nfrom importlib.util import find_spec\nfind_spec('simple_icd_10_cm')\n"
    )
    files = [tmp_path / "a.py"]
    assert unused(files, {"msgspec", "simple-icd-10-cm", "Jinja2"}) == ["Jinja2"]


def test_an_import_that_is_not_declared_is_found(tmp_path):
    (tmp_path / "a.py").write_text("def late():\n    from jinja2 import Template\n    return Template\n")
    assert undeclared([tmp_path / "a.py"], {"msgspec"}) == ["a.py imports jinja2"]
    assert undeclared([tmp_path / "a.py"], {"Jinja2"}) == []
