"""Write acknowledgements to disk: readable by their owner only, and never over another file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from claimloop.builders.acknowledgements.answers import Acknowledgement
from claimloop.edi.diagnostics import UserError
from claimloop.edi.private_files import write_privately


class FileExists(UserError):
    """An acknowledgement of this name already exists."""


def write_answers(answer: Acknowledgement, folder: Path, name: str) -> list[Path]:
    """Write NAME.ta1, NAME.999 and NAME.997 where they have content. Return the paths, in this order.

    Raises FileExists where one of them exists; then nothing is written. Raises OSError where the folder cannot be
    written.
    """
    texts = {"ta1": answer.ta1, "999": answer.implementation, "997": answer.functional}
    targets = {folder / f"{name}.{kind}": text for kind, text in texts.items() if text}
    for path in targets:
        if path.exists():
            raise FileExists(f"{path} already exists; move it, or choose another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in targets.items():
        content = text.encode("ascii")
        write_privately(path, partial(_all, content))
    return list(targets)


def _all(content: bytes, write: Callable[[bytes], object]) -> None:
    write(content)
