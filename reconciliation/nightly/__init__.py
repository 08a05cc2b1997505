"""The nightly run: it does everything that is due, once, safely, and unattended."""

STAGES = (
    "pull", "encounters", "claims", "acknowledgements", "remittances", "bank", "secondaries", "push", "worklists",
    "report",
)  # fmt: skip
"""The stages that `--only` can name, in the order in which they run."""
