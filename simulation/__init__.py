"""A simulated payer: it reads 837P files of any origin and writes the answers of a payer and its bank."""

from claimloop.simulation.simulator import Summary, simulate

__all__ = ["Summary", "simulate"]
