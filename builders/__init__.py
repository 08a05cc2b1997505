"""Build 837P claim files (005010X222A1) of encounters: your own plain records of visits in, files for a payer out.

    from datetime import datetime
    from pathlib import Path
    from claimloop.builders import ControlNumbers, build_837p, load_partner, read_encounters

    partner = load_partner(Path("partner.toml"))            # who receives the claims, and how
    encounters = read_encounters("visits.csv")              # or .json, .jsonl, Encounter(...), Encounter.from_dict(...)
    built = build_837p(encounters, partner, ControlNumbers(1, 1, 1), datetime.now())
    for file in built.files:                                # checked: guide, rules, companion guide
        Path(file.name).write_bytes(file.content)
    print(built.held, built.findings)                       # encounters with errors, and what is wrong with them

An `Encounter` has a `Person` (the patient), `Coverage`s in the order in which they pay, diagnoses, and `Service`s; the
providers are `ProviderRecord`s. Money and quantities are `Decimal`, days are `datetime.date`, codes are text. Calling
`Encounter(...)` does not check types; `Encounter.from_dict`, `read_encounters` and `build_837p` do. Nothing that must
not go out is written: an encounter with an error is held, with all of its findings.

Nothing here reads the clock or keeps numbers: the moment and the control numbers are passed in, so the same input gives
the same bytes. `check_encounter` checks one encounter, `claims_from` makes the X12 records of its claims, and
`write_batch` writes any `Claim` records. docs/encounters.md lists every field; docs/python.md teaches the rest.
"""

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claim_files import BuiltClaim, BuiltFile, BuiltFiles, build_837p
from claimloop.builders.claims.control_numbers import line_control_number, patient_control_number
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.columns import columns_in_words
from claimloop.builders.encounters.encounter import (
    AccidentRecord,
    AdjustmentRecord,
    ClaimDates,
    Coverage,
    CoverageDecision,
    DrugRecord,
    Encounter,
    NotAnEncounter,
    OtherId,
    PayerId,
    Person,
    PostalAddress,
    ProviderRecord,
    Service,
    ServiceDates,
    ServiceDecision,
)
from claimloop.builders.encounters.intake import read_encounters, stream_encounters
from claimloop.builders.encounters.templates import csv_template, json_schema, json_template
from claimloop.builders.partner import (
    InterchangeSettings,
    Receiver,
    Submitter,
    TradingPartner,
    load_partner,
    partner_from,
)
from claimloop.builders.professional.batch import BatchSummary, ControlNumbers, write_batch
from claimloop.builders.professional.writer import UnwritableClaim
from claimloop.builders.settings import ConfigurationError

__all__ = [
    "AccidentRecord",
    "AdjustmentRecord",
    "BatchSummary",
    "BuiltClaim",
    "BuiltFile",
    "BuiltFiles",
    "ClaimDates",
    "ConfigurationError",
    "ControlNumbers",
    "Coverage",
    "CoverageDecision",
    "DrugRecord",
    "Encounter",
    "InterchangeSettings",
    "NotAnEncounter",
    "OtherId",
    "PayerId",
    "Person",
    "PostalAddress",
    "ProviderRecord",
    "Receiver",
    "Service",
    "ServiceDates",
    "ServiceDecision",
    "Submitter",
    "TradingPartner",
    "UnwritableClaim",
    "build_837p",
    "check_encounter",
    "claims_from",
    "columns_in_words",
    "csv_template",
    "json_schema",
    "json_template",
    "line_control_number",
    "load_partner",
    "partner_from",
    "patient_control_number",
    "read_encounters",
    "stream_encounters",
    "write_batch",
]
