"""The public face: what each package exports exists, is explained, has types, and its examples run."""

import inspect
import pydoc
import re
import shutil
import subprocess
import sys
import types
import typing
from pathlib import Path

import pytest

import claimloop.builders
import claimloop.edi
import claimloop.edi.records
import claimloop.parsers
import claimloop.reconciliation

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    claimloop.builders, claimloop.edi, claimloop.edi.records, claimloop.parsers, claimloop.reconciliation,
)  # fmt: skip
EXPORTS = [(package, name) for package in PACKAGES for name in package.__all__]
FUNCTIONS = [each for each in EXPORTS if inspect.isfunction(getattr(*each))]
CLASSES = [each for each in EXPORTS if inspect.isclass(getattr(*each))]


def said_of(each: tuple[types.ModuleType, str]) -> str:
    return f"{each[0].__name__}.{each[1]}"


def has_any(kind: object) -> bool:
    """True where `typing.Any` stands anywhere in a type."""
    return kind is typing.Any or any(has_any(part) for part in typing.get_args(kind))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_exports_are_in_order_and_dir_has_them(package):
    assert list(package.__all__) == sorted(set(package.__all__))
    assert set(package.__all__) <= set(dir(package))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_help_begins_with_an_explanation_and_names_every_function(package):
    text = pydoc.plain(pydoc.render_doc(package))
    assert len((package.__doc__ or "").splitlines()) > 10
    assert "    from claimloop" in (package.__doc__ or "")
    for name in [name for each, name in FUNCTIONS if each is package]:
        assert f"{name}(" in text


@pytest.mark.parametrize("each", FUNCTIONS, ids=said_of)
def test_a_public_function_has_a_docstring_and_types_without_any(each):
    function = getattr(*each)
    assert inspect.getdoc(function)
    # What only mypy imports (polars' tables) is named in quotes, and is not Any either.
    hints = {name: kind for name, kind in function.__annotations__.items() if not isinstance(kind, str)}
    assert not [name for name, kind in hints.items() if has_any(kind)]
    assert set(inspect.signature(function).parameters) | {"return"} == set(function.__annotations__)


@pytest.mark.parametrize("each", CLASSES, ids=said_of)
def test_a_public_class_has_a_docstring_of_its_own(each):
    assert vars(getattr(*each)).get("__doc__")


def test_any_in_a_type_would_be_found():
    assert has_any(dict[str, list[typing.Any]])
    assert not has_any(dict[str, list[object]])


def example_of(text: str) -> str:
    """The indented lines of a docstring's own level, as one program."""
    blocks = re.findall(r"(?:^    .*\n?|^\n)+", inspect.cleandoc(text) + "\n", re.MULTILINE)
    return "\n".join(inspect.cleandoc(block) for block in blocks if block.strip())


@pytest.fixture
def practice(tmp_path):
    """A folder with the files that the examples name."""
    samples = ROOT / "samples"
    shutil.copytree(samples / "remittances", tmp_path / "remittances")
    shutil.copy(samples / "remittances/medicaid-2026-10-27.835", tmp_path / "remit.835")
    shutil.copy(samples / "encounters/medicare.csv", tmp_path / "visits.csv")
    shutil.copy(samples / "claimloop.toml", tmp_path / "partner.toml")
    shutil.copy(ROOT / "tests/data/837P__badx12__x222-commercial-health-insurance.x12", tmp_path / "claims.837")
    return tmp_path


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_the_example_in_the_help_of_a_package_runs_as_it_is_pasted(package, practice):
    code = example_of(package.__doc__ or "")
    assert code
    done = subprocess.run([sys.executable, "-c", code], cwd=practice, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("each", FUNCTIONS, ids=said_of)
def test_only_what_is_named_stream_gives_something_that_must_be_iterated(each):
    function = getattr(*each)
    assert not inspect.isgeneratorfunction(function)
    given = str(function.__annotations__["return"])
    assert ("Stream[" in given) == each[1].startswith("stream_")
    assert "Iterator[" not in given
