"""A fictitious dermatology practice: its configuration, encounters, remittances and the expected ledger.

README.md describes each file.
"""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path


def sample_files() -> Traversable:
    """Return the folder with `claimloop.toml`, `encounters`, `remittances` and `expected`, also from inside a wheel."""
    return files(__name__)


def copy_samples(folder: Path) -> None:
    """Copy the samples into a folder, which is created if it does not exist. Only its owner can read the files."""
    with as_file(sample_files()) as source:
        for path in sorted(source.rglob("*")):
            target = folder / path.relative_to(source)
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                _copy(path, target)


def copy_first_night(folder: Path) -> None:
    """Copy what a first nightly run needs into a folder: the configuration, encounters to submit, and an inbox."""
    with as_file(sample_files()) as source:
        _copy(source / "claimloop.toml", folder / "claimloop.toml")
        for name, to in (("encounters", "encounters"), ("remittances", "inbox")):
            for path in sorted((source / name).iterdir()):
                _copy(path, folder / to / path.name)


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    target.write_bytes(path.read_bytes())
