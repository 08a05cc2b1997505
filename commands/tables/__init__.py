"""Tables and words for a terminal.

`layout` fits any columns and rows into a width, `formats` adds `--format table|csv|json|jsonl` to a command, `known`
describes the columns of the ledger's rows. The other modules print the results of commands.
"""
