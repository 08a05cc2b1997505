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
    with as_file(sample_files()) as source:
        for path in sorted(source.rglob("*")):
            target = folder / path.relative_to(source)
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                _copy(path, target)


def copy_first_night(folder: Path) -> None:
    """Put what a first nightly run needs into a folder: the configuration, encounters to send, and an inbox."""
    with as_file(sample_files()) as source:
        _copy(source / "claimloop.toml", folder / "claimloop.toml")
        for name, to in (("encounters", "encounters"), ("remittances", "inbox")):
            for path in sorted((source / name).iterdir()):
                _copy(path, folder / to / path.name)


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    target.write_bytes(path.read_bytes())
