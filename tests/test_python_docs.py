"""docs/python.md: its examples run in their order, and print what it shows.

`python tests/test_python_docs.py` writes the shown output again.
"""

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path

from click.testing import CliRunner

from claimloop.cli import commands

PAGE = Path(__file__).parent.parent / "docs/python.md"
_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL)


def rendered(text: str, folder: Path) -> str:
    """The page with the output of each example as it is now; they run in one session, in a sample practice."""
    practice = folder / "practice"
    made = CliRunner().invoke(commands, ["init", str(practice), "--samples"], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    session: dict[str, object] = {"__name__": "session"}

    def block(found: re.Match[str]) -> str:
        out = io.StringIO()
        line = text.count("\n", 0, found.start("code"))
        with contextlib.redirect_stdout(out):
            exec(compile("\n" * line + found["code"], str(PAGE), "exec"), session)  # noqa: S102
        shown = f"\n```text\n{out.getvalue()}```\n" if found["output"] is not None or out.getvalue() else ""
        return f"```python\n{found['code']}```\n{shown}"

    before = Path.cwd()
    os.chdir(practice)
    try:
        return _BLOCK.sub(block, text)
    finally:
        os.chdir(before)


def test_the_examples_print_what_the_page_shows(tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    assert len(_BLOCK.findall(text)) >= 15
    assert rendered(text, tmp_path) == text


def test_the_complete_program_has_fewer_than_thirty_lines_and_does_all_of_the_loop():
    (program,) = [
        found["code"] for found in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if "# program.py" in found["code"]
    ]
    assert len(program.splitlines()) < 30
    for step in ("read_encounters(", ".submit(", ".receive(", '.worklist("denials"', ".decide("):
        assert step in program


def test_an_output_that_is_not_shown_or_has_changed_is_noticed(tmp_path):
    page = "```python\nprint(1)\n```\n\n```text\n2\n```\n\n```python\nprint(3)\n```\n"
    assert rendered(page, tmp_path) == (
        "```python\nprint(1)\n```\n\n```text\n1\n```\n\n```python\nprint(3)\n```\n\n```text\n3\n```\n"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8"), Path(scratch)), encoding="utf-8")
