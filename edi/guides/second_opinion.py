"""Ask pyx12 itself about a file: a second opinion from independent code, about fifty times slower than ours."""

import io
import logging
from pathlib import Path
from typing import BinaryIO, Literal

Opinion = Literal["accepts", "rejects", "cannot read"]


def pyx12_opinion(source: Path | BinaryIO) -> Opinion:
    """Ask pyx12 for its verdict on a file: a path, or a binary stream, which is closed afterwards.

    It cannot read bytes that are not ASCII, nor guides of which it has no map. Its messages, which hold values of the
    file, go nowhere.
    """
    from pyx12.params import ParamsBase
    from pyx12.x12n_document import x12n_document

    logger, silence = logging.getLogger("pyx12"), logging.NullHandler()
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(silence)
    try:
        opened = source.open("rb") if isinstance(source, Path) else source
        with io.TextIOWrapper(opened, encoding="ascii") as stream:
            if stream.read(3) != "ISA":
                return "cannot read"
            stream.seek(0)
            return "accepts" if x12n_document(ParamsBase(), stream, None, None) else "rejects"
    except Exception:  # its code may raise any exception
        return "cannot read"
    finally:
        logger.propagate = propagated
        logger.removeHandler(silence)
