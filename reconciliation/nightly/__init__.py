"""The nightly run: everything that is due, once, safely, unattended."""

STAGES = (
    "pull", "encounters", "claims", "acknowledgements", "remittances", "bank", "secondaries", "push", "worklists",
    "report",
)  # fmt: skip
"""What a run can be told to do alone, in the order in which it is done."""
