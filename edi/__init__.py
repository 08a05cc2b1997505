"""X12 itself: syntax, envelopes, diagnostics, and the records of an 837P, an 835 and their acknowledgements."""
