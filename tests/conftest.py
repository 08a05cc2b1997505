"""What every test gets: hypothesis without a stopwatch, the same examples on every machine, and nothing of the user's."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("claimloop", deadline=None, derandomize=True)
settings.load_profile("claimloop")

_FOLDERS = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Lists that the user loaded, and tables that he has cached, are not there; nor do tests leave any with him.

    Before any test module is read: some copy the environment for the commands that they run. The workers of a
    parallel run are given the folder of the run that started them.
    """
    if not hasattr(config, "workerinput"):
        config.stash[_FOLDERS] = folder = tempfile.TemporaryDirectory(prefix="claimloop-tests-")
        os.environ["CLAIMLOOP_CODES"] = str(Path(folder.name, "codes"))
        os.environ["CLAIMLOOP_CACHE"] = str(Path(folder.name, "cache"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """The folder goes with the run."""
    if _FOLDERS in config.stash:
        config.stash[_FOLDERS].cleanup()
