"""Render docs/diagnostics.md from the catalogue: `python -m claimloop.edi.catalogue_page > docs/diagnostics.md`."""

import re

from claimloop.edi.diagnostics import CatalogueEntry, catalogue

_RULE = re.compile(r"\brules\.md#([a-z0-9-]+)")

_CHAPTERS = {
    "X": "Syntax and envelopes",
    "R": "Remittances (835)",
    "C": "Claims (encounters, 837P)",
    "G": "Guides",
    "S": "Balances, situations and codes (837P, 835)",
    "P": "Posting, acknowledgements, bank files",
    "T": "Tables",
}
_HEAD = """\
# Diagnostics

Every finding of claimloop has a code that permanently keeps its meaning. An **error** makes `claimloop validate` exit
with 1; a **warning** is worth a look; a **note** tells what was done. Values of the file are masked unless
`--show-values` is given. SNIP is the WEDI type of the check; TA1, IK3, IK4 and IK5 are the standard's own codes.

This page is made from `edi/catalogue.toml` by `python -m claimloop.edi.catalogue_page`.
"""


def page() -> str:
    """Return the page as Markdown. Raises KeyError for a code without a chapter."""
    entries = sorted(catalogue().items())
    unknown = {code[0] for code, _ in entries} - _CHAPTERS.keys()
    if unknown:
        raise KeyError(f"no chapter for codes that begin with {', '.join(sorted(unknown))}")
    parts = [_HEAD]
    for letter, title in _CHAPTERS.items():
        chapter = [_section(code, entry) for code, entry in entries if code[0] == letter]
        if chapter:
            parts += [f"## {title}\n", *chapter]
    return "\n".join(parts)


def _section(code: str, entry: CatalogueEntry) -> str:
    standard = [
        f"{name} {value}"
        for name, value in (
            ("SNIP", entry.snip), ("TA1", entry.ta1), ("IK3", entry.ik3), ("IK4", entry.ik4), ("IK5", entry.ik5),
        )
        if value
    ]  # fmt: skip
    kind = f"**{entry.severity}**" + "".join(f" · {part}" for part in standard)
    lines = [f"### {code}", "", f"`{entry.message}`", "", kind, "", link_rules(entry.why)]
    if entry.hint:
        lines += ["", f"*What to do:* {entry.hint}"]
    return "\n".join(lines) + "\n"


def link_rules(text: str) -> str:
    """Make a link of each citation of docs/rules.md: `rules.md#coordination` becomes `[coordination](…)`."""
    return _RULE.sub(lambda found: f"[{found[1].replace('-', ' ')}]({found[0]})", text)


if __name__ == "__main__":
    print(page(), end="")
