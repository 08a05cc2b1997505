"""A dermatology practice, all invented: its configuration, encounters, remittances and what the ledger must say.

README.md says what each file shows.
"""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path


def sample_files() -> Traversable:
    """The folder with `claimloop.toml`, `encounters`, `remittances` and `expected`, also from inside a wheel."""
    return files(__name__)


def copy_samples(folder: Path) -> None:
    """Put a copy of the samples into a folder, which is made where it is missing; only its owner can read them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with as_file(sample_files()) as source:
        for path in sorted(source.rglob("*")):
            target = folder / path.relative_to(source)
            if path.is_dir() and path.name != "__pycache__":
                target.mkdir(mode=0o700, exist_ok=True)
            elif path.is_file() and path.suffix not in (".py", ".pyc"):
                target.touch(mode=0o600)
                target.write_bytes(path.read_bytes())
