"""Encounter records in, 837P claims out."""

from claimloop.builders.checks.encounter import check_encounter
from claimloop.builders.claims.control_numbers import line_control_number, patient_control_number
from claimloop.builders.claims.from_encounter import claims_from
from claimloop.builders.encounters.columns import columns_in_words
from claimloop.builders.encounters.encounter import Encounter
from claimloop.builders.encounters.intake import read_encounters
from claimloop.builders.encounters.templates import csv_template, json_schema, json_template
from claimloop.builders.partner import TradingPartner, load_partner, partner_from
from claimloop.builders.professional.batch import BatchNumbers, BatchSummary, write_batch
from claimloop.builders.professional.writer import ProfessionalWriter, UnwritableClaim
from claimloop.builders.settings import ConfigurationError

__all__ = [
    "BatchNumbers",
    "BatchSummary",
    "ConfigurationError",
    "Encounter",
    "ProfessionalWriter",
    "TradingPartner",
    "UnwritableClaim",
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
    "write_batch",
]
