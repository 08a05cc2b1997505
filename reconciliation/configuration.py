"""claimloop.toml: the ledger, the trading partner, and what differs from the table of dispositions."""

import tomllib
from pathlib import Path

import msgspec

from claimloop.builders.conform import misfits, spell_path
from claimloop.builders.partner import ConfigurationError, TradingPartner, partner_from
from claimloop.reconciliation.dispositions import Disposition

DEFAULT_LEDGER = "sqlite:///claimloop.db"


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Without a partner everything but building claims works."""

    ledger: str = DEFAULT_LEDGER
    partner: TradingPartner | None = None
    dispositions: tuple[Disposition, ...] = msgspec.field(default=(), name="disposition")


def load_configuration(path: Path) -> Configuration:
    """Read claimloop.toml. Raises ConfigurationError with every problem in it, one line each.

    A ledger `sqlite:///FILE` with a relative name lies beside the configuration, wherever the command is run.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError([f"{path}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: not TOML: {error}"]) from None
    problems = [f"{path}: {spell_path(each.path)} {each.problem}" for each in misfits(table, Configuration)]
    if problems:
        raise ConfigurationError(problems)
    configuration = msgspec.convert(table, Configuration)
    if configuration.partner is not None:
        try:
            partner_from(table["partner"])
        except ConfigurationError as error:
            raise ConfigurationError([f"{path}: partner: {problem}" for problem in error.problems]) from None
    return msgspec.structs.replace(configuration, ledger=_beside(path, configuration.ledger))


def _beside(path: Path, ledger: str) -> str:
    prefix = "sqlite:///"
    name = ledger.removeprefix(prefix)
    if not ledger.startswith(prefix) or not name or Path(name).is_absolute():
        return ledger
    return prefix + str(path.parent / name)
