"""How claimloop.toml is declared: a table is a struct of Settings, and each of its fields has a Key.

The starter file of `claimloop init`, docs/configuration.md and the checks of a configuration all derive from these
declarations, so each key is declared once:

    class NightlySettings(Settings, kw_only=True, frozen=True):
        settle_seconds: Annotated[int, Key("How long a file must stay unchanged before it is picked up.")] = 5
"""

from dataclasses import KW_ONLY, dataclass
from typing import Annotated, get_args, get_origin

import msgspec

from claimloop.edi.diagnostics import UserError


class ConfigurationError(UserError, ValueError):
    """The configuration cannot be used. `problems` has one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the configuration. Its keys are given by name, and unknown names are errors."""


@dataclass(frozen=True)
class Key:
    """What users read about a key or a table of the configuration: the metadata of its field, `Annotated[str, Key(…)]`.

    Name, type and default are the field's own. `meaning` is also the comment in the starter file, so keep it to a short
    sentence or two; put what only the page has room for into `more` (Markdown).
    """

    meaning: str
    _: KW_ONLY
    more: str = ""
    example: object = None
    """The value in the starter file and in the examples of the page. Without one, that is the default."""
    unless_given: object = None
    """The default in effect, where the field's own default ("" or None) is only a placeholder for it. Text is prose."""
    allowed: str = ""
    """The allowed values in words, where a check narrows them further than the type does."""
    prefilled: bool = False
    """The starter file sets this key although it is optional, because nearly every practice needs it."""
    alone: bool = False
    """For a list of tables `[[name]]`: a single table `[name]` may replace a list of one."""
    formerly: str = ""
    """An older name of the key, which is still accepted."""


def key_of(kind: object) -> Key:
    """Return the Key of a field, by its type with metadata. Raises TypeError for a field declared without one."""
    for part in get_args(kind)[1:] if get_origin(kind) is Annotated else ():
        if isinstance(part, Key):
            return part
    raise TypeError(f"a field of the configuration without a Key: {kind}")
