"""Encounter records in, 837P claims out."""

from claimloop.builders.batch import BatchNumbers, BatchSummary, write_batch
from claimloop.builders.checks import check_encounter
from claimloop.builders.claims import claims_from
from claimloop.builders.columns import columns_in_words
from claimloop.builders.control_numbers import line_control_number, patient_control_number
from claimloop.builders.encounter import Encounter
from claimloop.builders.intake import read_encounters
from claimloop.builders.partner import ConfigurationError, TradingPartner, load_partner, partner_from
from claimloop.builders.professional import ProfessionalWriter, UnwritableClaim
from claimloop.builders.templates import csv_template, json_schema, json_template

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
