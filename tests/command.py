"""The command line as a user meets it: a subprocess, its exit code, its stdout and stderr."""

import os
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = {**os.environ, "COLUMNS": "120", "PYTHONWARNINGS": "error"}


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """`claimloop ARGUMENTS…` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "claimloop.cli", *map(str, arguments)],
        cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
