"""No Python file has more than 400 lines, and a function over 60 lines says why in a comment `# Long: …`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
REASON = "# Long: "


def python_files(root: Path) -> list[Path]:
    """The Python files of the repository; what starts with a period (environments, caches) and what is built is not."""
    apart = {"build", "dist", "demo-output"}
    visible = [path for path in root.iterdir() if not path.name.startswith(".") and path.name not in apart]
    return sorted(
        file for path in visible for file in ([path] if path.is_file() else path.rglob("*.py")) if file.suffix == ".py"
    )


def long_files(files: list[Path], root: Path) -> list[str]:
    """Files with too many lines."""
    counts = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    return [f"{file.relative_to(root)}: {count} lines" for file, count in counts.items() if count > LONGEST_FILE]


def long_functions(files: list[Path], root: Path) -> Iterator[tuple[str, bool]]:
    """Each function with too many lines, and whether a comment says why: directly above it, or before its first statement."""
    for file in files:
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.end_lineno is None:
                continue
            if node.end_lineno - node.lineno < LONGEST_FUNCTION:
                continue
            comments = above(lines, min(each.lineno for each in (node, *node.decorator_list)))
            comments += lines[node.lineno : first_statement(node).lineno - 1]
            reasons = [line.strip().removeprefix(REASON) for line in comments if line.strip().startswith(REASON)]
            yield (
                f"{file.relative_to(root)}:{node.lineno} {node.name}",
                any(len(reason.split()) > 2 for reason in reasons),
            )


def above(lines: list[str], first: int) -> list[str]:
    """The lines of the comment that ends directly above line `first` (from 1)."""
    start = first - 1
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return lines[start : first - 1]


def first_statement(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    """The first statement after the docstring."""
    return node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]


def unexplained(files: list[Path], root: Path) -> list[str]:
    return [name for name, explained in long_functions(files, root) if not explained]


# The project itself.


def test_no_python_file_is_too_long() -> None:
    assert long_files(python_files(ROOT), ROOT) == []


def test_every_long_function_says_why_it_is_long() -> None:
    assert unexplained(python_files(ROOT), ROOT) == []


def test_the_files_of_every_layer_are_measured() -> None:
    measured = {file.relative_to(ROOT).parts[0] for file in python_files(ROOT)}
    assert {"edi", "builders", "parsers", "reconciliation", "simulation", "commands", "tests", "cli.py"} <= measured


# Each check, shown able to fail.

BODY = "".join(f"    x = {number}\n" for number in range(60))  # 61 lines with the def


def found(tmp_path: Path, text: str) -> tuple[list[str], list[str]]:
    """The files and the functions that are reported for a file of this text."""
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    files = python_files(tmp_path)
    return long_files(files, tmp_path), unexplained(files, tmp_path)


def test_a_file_of_401_lines_is_reported_and_one_of_400_is_not(tmp_path: Path) -> None:
    assert found(tmp_path, "x = 1\n" * 401) == (["a.py: 401 lines"], [])
    assert found(tmp_path, "x = 1\n" * 400) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        f"def f():\n{BODY}",
        f"async def f():\n{BODY}",
        f"# Long: \ndef f():\n{BODY}",
        f"# Long: it is\ndef f():\n{BODY}",
        f"# It is long because its branches share names.\ndef f():\n{BODY}",
        f"# Long: its branches share names.\nx = 1\ndef f():\n{BODY}",
        f"# Long: its branches share names.\n\n\ndef f():\n{BODY}",
        f"def f():\n{BODY}    # Long: its branches share names.\n    y = 1\n",
        f'def f():\n    """# Long: its branches share names."""\n{BODY}',
    ],
)
def test_a_function_of_61_lines_without_a_reason_is_reported(tmp_path: Path, text: str) -> None:
    _, functions = found(tmp_path, text)
    assert [name.split()[-1] for name in functions] == ["f"]


@pytest.mark.parametrize(
    "text",
    [
        f"# Long: its branches share names.\ndef f():\n{BODY}",
        f"# Long: its branches share names,\n# and there are many.\n@property\ndef f():\n{BODY}",
        f"def f():\n    # Long: its branches share names.\n{BODY}",
        f'def f():\n    """Do it."""\n    # Long: its branches share names.\n{BODY}',
        f"class C:\n    # Long: its branches share names.\n    def f(self):\n{BODY.replace('    ', '        ')}",
        f"def f():\n{BODY.removesuffix('    x = 59' + chr(10))}",
    ],
)
def test_a_reason_or_60_lines_are_let_through(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == ([], [])
