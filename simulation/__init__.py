"""A payer that answers: reads 837P files of any origin and writes what a payer, and its bank, would send back."""

from claimloop.simulation.simulator import Summary, simulate

__all__ = ["Summary", "simulate"]
