"""What may be said against a file above its syntax: balances, situations, codes."""
