"""Load claimloop.toml: ledger, trading partners, nightly run, and overrides of claimloop's own tables."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec

from claimloop.builders.encounters.conform import misfits, nearest_name, spell_path
from claimloop.builders.partner import TradingPartner, partner_from
from claimloop.builders.settings import ConfigurationError, Key
from claimloop.reconciliation.configuration.expectations import Expectation
from claimloop.reconciliation.configuration.keys import path_as_written, rename_former_keys, tables_alone
from claimloop.reconciliation.configuration.nightly_settings import NightlySettings, SftpAccount, nightly_problems
from claimloop.reconciliation.posting.dispositions import Disposition

DEFAULT_LEDGER = "sqlite:///claimloop.db"


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Without a partner, everything except building claims works."""

    ledger: Annotated[
        str,
        Key(
            "Where the ledger is: an SQLite file, or a PostgreSQL database.",
            more="A relative file name is relative to `claimloop.toml`. PostgreSQL: `postgresql://USER@HOST/DATABASE`, "
            "with the password in `~/.pgpass` or `PGPASSWORD`.",
            prefilled=True,
        ),
    ] = DEFAULT_LEDGER
    partners: Annotated[
        tuple[TradingPartner, ...],
        Key(
            "The clearinghouse or payer that your claim files go to. For several, write `[[partner]]` for each.",
            more="You need a partner only to build claim files. The tables of a partner follow its own `[[partner]]`.",
            prefilled=True,
            alone=True,
        ),
    ] = msgspec.field(default=(), name="partner")
    nightly: Annotated[
        NightlySettings,
        Key(
            "The nightly run, `claimloop nightly`. Relative names of folders are relative to `claimloop.toml`.",
            more="No folder may be inside another one. [The nightly run](nightly.md) describes them.",
        ),
    ] = NightlySettings()
    sftp: Annotated[
        tuple[SftpAccount, ...],
        Key(
            "An SFTP account of the nightly run; write one table for each. It connects by key to known hosts only.",
            more="[SFTP](sftp.md) describes how to make the key and check the host.",
        ),
    ] = ()
    expectations: Annotated[
        tuple[Expectation, ...],
        Key(
            "How many days an answer may take, and how many you have to file a claim or to appeal. "
            "Each table may name a partner, a payer, both, or neither.",
            more="[What is late](expectations.md) describes how to choose the days, and which table is in effect where "
            "several apply.",
        ),
    ] = msgspec.field(default=(), name="expect")
    dispositions: Annotated[
        tuple[Disposition, ...],
        Key(
            "What an adjustment does to a line, where a payer differs from claimloop's own table.",
            more="That table is `edi/codes/adjustment_effects.toml`. A row for one payer overrides a row for every "
            "payer, and both override that table.",
        ),
    ] = msgspec.field(default=(), name="disposition")


def load_configuration(path: Path) -> Configuration:
    """Read claimloop.toml. Raises ConfigurationError with every problem in it, one line each.

    Relative names of the ledger (`sqlite:///FILE`), companion guides, keys, and the folders of the nightly run are
    relative to the configuration, not to the current folder.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError([f"{path}: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{path}: not valid TOML: {error}"]) from None
    alone = tables_alone(table, Configuration)
    renamed = rename_former_keys(table, Configuration)
    problems = [
        f"{path}: {spell_path(path_as_written(each.path, alone, renamed))} {each.problem}"
        for each in misfits(table, Configuration)
    ]
    if problems:
        raise ConfigurationError(problems)
    configuration = msgspec.convert(table, Configuration)
    nightly = configuration.nightly.beside(path.absolute().parent)
    problems = _partner_problems(table.get("partner", [])) + _account_problems(configuration)
    problems += nightly_problems(nightly)
    if problems:
        raise ConfigurationError([f"{path}: {problem}" for problem in problems])
    partners = tuple(
        msgspec.structs.replace(partner, companion_guide=str(path.parent / partner.companion_guide))
        if partner.companion_guide
        else partner
        for partner in configuration.partners
    )
    accounts = tuple(
        msgspec.structs.replace(
            account,
            key=str(path.parent / Path(account.key).expanduser()),
            known_hosts=str(path.parent / Path(account.known_hosts).expanduser()),
        )
        for account in configuration.sftp
    )
    return msgspec.structs.replace(
        configuration,
        ledger=_beside(path, configuration.ledger),
        partners=partners,
        nightly=nightly,
        sftp=accounts,
    )


def _partner_problems(tables: list[dict[str, object]]) -> list[str]:
    """Return the problems of each partner, and of all together: a name or a payer belongs to one partner only."""
    problems: list[str] = []
    partners: list[TradingPartner] = []
    for table in tables:
        try:
            partners.append(partner_from(table))
        except ConfigurationError as error:
            label = "partner" if len(tables) == 1 else f"partner {table.get('name')}"
            problems += [f"{label}: {problem}" for problem in error.problems]
    names = Counter(partner.name for partner in partners)
    problems += [f"{count} partners have the name {name}" for name, count in names.items() if count > 1]
    payers = Counter(payer for partner in partners for payer in set(partner.payers))
    problems += [
        f"{count} partners receive the claims of payer {payer}" for payer, count in payers.items() if count > 1
    ]
    others = [partner.name for partner in partners if not partner.payers]
    if len(others) > 1:
        problems.append(f"only one partner may have no payers, because it receives all others: {', '.join(others)}")
    return problems


def _account_problems(configuration: Configuration) -> list[str]:
    """Return the problems of accounts and expectations: unknown partners, and duplicate account names."""
    partners = {partner.name for partner in configuration.partners}
    counts = Counter(account.name for account in configuration.sftp)
    problems = [f"{count} sftp accounts have the name {name}" for name, count in counts.items() if count > 1]
    named = [(f"sftp {account.name}", account.partner) for account in configuration.sftp]
    named += [(f"expect#{place}", each.partner) for place, each in enumerate(configuration.expectations, start=1)]
    for label, partner in named:
        if partner and partner not in partners:
            near = nearest_name(partner, sorted(partners))
            problems.append(f"{label}: there is no partner {partner}{near}")
    return problems


def _beside(path: Path, ledger: str) -> str:
    prefix = "sqlite:///"
    name = ledger.removeprefix(prefix)
    if not ledger.startswith(prefix) or not name or Path(name).is_absolute():
        return ledger
    return prefix + str(path.parent / name)
