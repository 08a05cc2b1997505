"""Rules above syntax and guides: balances, situations and codes."""
