"""A configuration with one more key and one more table, each declared once."""

from typing import Annotated, Literal

import msgspec

from claimloop.builders.settings import Key, Settings
from claimloop.reconciliation.configuration.load import Configuration
from claimloop.reconciliation.configuration.nightly_settings import NightlySettings


class PlantedNightly(NightlySettings, kw_only=True, frozen=True):
    """`[nightly]` with a key more."""

    fax_tries: Annotated[int, msgspec.Meta(ge=1, le=9), Key("How often to fax the summary.")] = 3


class Printer(Settings, kw_only=True, frozen=True):
    """A table that only this test has."""

    host: Annotated[str, Key("The printer's name.", example="printer.example.com")]
    paper: Annotated[Literal["letter", "legal"], Key("What to print on.")] = "letter"


class PlantedConfiguration(Configuration, frozen=True):
    """The whole file, with both."""

    nightly: Annotated[PlantedNightly, Key("The nightly run.")] = PlantedNightly()
    printers: Annotated[tuple[Printer, ...], Key("A printer for paper claims.")] = msgspec.field(
        default=(), name="printer"
    )
