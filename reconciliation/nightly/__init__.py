"""The nightly run: everything that is due, once, safely, unattended."""
