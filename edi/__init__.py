"""X12 itself: syntax, envelopes, diagnostics, and the records that an 837P or an 835 speaks of."""
