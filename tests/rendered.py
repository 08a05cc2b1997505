"""The console blocks of a Markdown page show what the commands really print.

`python -m claimloop.tests.rendered` (or `make rendered`) rewrites the outputs in README.md and docs/; with names of
files it rewrites those. `rendered(text)` returns a page's text with today's outputs, and a test compares.

A block looks like this. Each line that begins with `$ ` is a command, and what follows is its output (stdout and
stderr), up to the next command:

    ```console
    $ claimloop demo practice
    …
    ```

The commands of a page run in one empty folder, from top to bottom, so that a later block may use what an earlier one
made. Every block starts in that folder again. A page that needs something first, and should not show it, names it in a
comment of its own line: `<!-- run: claimloop --quiet demo practice -->`. A block without a command is left as it is.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 120
"""The width of the terminal that the pages show."""

_PART = re.compile(r"^```console\n(?P<block>.*?)^```$|^<!-- run: (?P<hidden>[^\n]+) -->$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """Return the Markdown files that have a console block with a command."""
    candidates = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path for path in candidates if re.search(r"^```console\n\$ ", path.read_text(), re.MULTILINE)]


def rendered(text: str, *, columns: int = COLUMNS) -> str:
    """Return the text of a page with the output of each of its commands as it is today.

    Raises CalledProcessError where a hidden command fails. A shown one may fail: a page can show an error.
    """
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": scripts, "COLUMNS": str(columns), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory(prefix="claimloop-page-") as folder:

        def printed(command: str, *, check: bool = False) -> str:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=check,
            )  # fmt: skip
            return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())

        def part(found: re.Match[str]) -> str:
            if found["hidden"]:
                printed(found["hidden"], check=True)
                return found[0]
            commands = [line for line in found["block"].splitlines() if line.startswith("$ ")]
            if not commands:
                return found[0]
            outputs = (f"{command}\n{printed(command.removeprefix('$ '))}" for command in commands)
            return f"```console\n{''.join(outputs)}```"

        return _PART.sub(part, text)


def main(names: list[str]) -> None:
    """Rewrite the pages with these names, or all of them."""
    for path in [Path(name) for name in names] or pages():
        text = path.read_text()
        fresh = rendered(text)
        if fresh != text:
            path.write_text(fresh)
        print(f"{path}: {'rewritten' if fresh != text else 'unchanged'}")


if __name__ == "__main__":
    main(sys.argv[1:])
