"""What users are told, line by line: the small register from which test_every_code.py learns what is tested here."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from claimloop.edi.diagnostics import Diagnostic, Report
from claimloop.parsers.checking import check_file
from claimloop.tests.edi.rules.good import Broken, cases

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "diagnostics.md"
EXPECTED: list[str] = []
"""The lines that the tests of this folder expect, each as it is printed."""

_CODE = re.compile(r"\b([A-Z]\d{3}) (?:error|warning|note): ")
_SECTION = re.compile(r"^### (\w+)\n.*?(?=^##|\Z)", re.DOTALL | re.MULTILINE)
_HINT = "*What to do:* "

Act = Callable[[Path, Report], object]
"""What a user does in an empty folder; what claimloop finds goes to the report."""


def says(*lines: str) -> Callable[[Act], Callable[[Path], None]]:
    """Make a test of an act: these lines are what the user reads then, and all of it."""
    EXPECTED.extend(lines)

    def test_of(act: Act) -> Callable[[Path], None]:
        def test(tmp_path: Path) -> None:
            found: list[Diagnostic] = []
            act(tmp_path, found.append)
            read = [line.removeprefix(f"{tmp_path}/") for line in told(found)]
            assert read == list(lines), "\n".join(("this was read:", *read, "this is expected:", *lines))

        test.__name__, test.__doc__ = act.__name__, act.__doc__
        return test

    return test_of


def expected(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines, noted as expected by a test that compares them itself."""
    EXPECTED.extend(kept := tuple(lines))
    return kept


def broken_files(name: str) -> tuple[Broken, ...]:
    """The cases of a text file of this folder; good.py beside the rules says how they are written."""
    kept = tuple(cases(HERE / name))
    expected(line for case in kept for line in case.expected)
    return kept


def told(found: Iterable[Diagnostic]) -> list[str]:
    """The findings as they are printed; each tells to do what docs/diagnostics.md tells."""
    found = list(found)
    for each in found:
        assert each.hint == hints()[each.code], each.code
    return [each.render() for each in found]


def validated(folder: Path, text: str | bytes) -> list[str]:
    """What `claimloop validate a.x12` says of a file; the file's name is left out."""
    path = folder / "a.x12"
    path.write_bytes(text if isinstance(text, bytes) else text.replace("~\n", "~").encode())
    found: list[Diagnostic] = []
    check_file(path, found.append)
    return [line.removeprefix("a.x12:") for line in told(found)]


def code_of(line: str) -> str:
    """The code of a printed finding."""
    (code,) = _CODE.findall(line)
    return str(code)


@cache
def hints() -> dict[str, str]:
    """What docs/diagnostics.md tells to do about each code."""
    sections = {found[1]: found[0] for found in _SECTION.finditer(PAGE.read_text(encoding="utf-8"))}
    return {code: text.partition(_HINT)[2].strip() for code, text in sections.items()}
