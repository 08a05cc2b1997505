"""A procedure as an 835 reports it (SVC01, SVC06), and its meaning when a payer joins or dashes the code."""

import msgspec

from claimloop.edi.codes.shapes import is_cpt_hcpcs, is_modifier

CODE_LENGTH, GLUED_LENGTH = 5, 7
_QUALIFIER_LENGTH = 2
_CPT_HCPCS, _NDC = "HC", "N4"
_NDC_PARTS = (5, 4, 2)


class Procedure(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """SVC01 or SVC06: qualifier (HC, N4, NU, AD …), code, modifiers, description."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""

    @property
    def is_glued(self) -> bool:
        """Return True for a CPT or HCPCS code with its modifier attached: `HC:9921325` without a separate modifier.

        The code has seven characters: five of the procedure and two of the modifier (rules.md#procedures).
        """
        code = self.code
        return (
            len(code) == GLUED_LENGTH
            and self.qualifier == _CPT_HCPCS
            and not self.modifiers
            and is_cpt_hcpcs(code[:CODE_LENGTH])
            and is_modifier(code[CODE_LENGTH:])
        )

    @property
    def is_unsplit(self) -> bool:
        """Return True if the qualifier contains the code: `HC>99213` under another separator, or `99213` alone."""
        return not self.code and len(self.qualifier) > _QUALIFIER_LENGTH

    @property
    def reading(self) -> "Procedure":
        """Return the intended procedure: separate an attached modifier, or split a code from its qualifier."""
        if self.is_unsplit:
            meant = self._split()
            return meant.reading if meant is not None else self
        if not self.is_glued:
            return self
        code, modifier = self.code[:CODE_LENGTH], self.code[CODE_LENGTH:]
        return Procedure(self.qualifier, code, (modifier,), self.description)

    def _split(self) -> "Procedure | None":
        """Split at any character after a two-letter qualifier. A bare procedure code counts as CPT or HCPCS."""
        text = self.qualifier
        separator = text[_QUALIFIER_LENGTH]
        if text[:_QUALIFIER_LENGTH].isalnum() and not separator.isalnum():
            qualifier, code, *modifiers = text.split(separator)
            return Procedure(qualifier, code, tuple(filter(None, modifiers[:4]))) if code else None
        return Procedure(_CPT_HCPCS, text) if is_cpt_hcpcs(text[:CODE_LENGTH]) else None

    @property
    def ndc(self) -> str:
        """Return the eleven digits of a drug code (N4), padding short parts of a dashed code with zeros; else empty."""
        if self.qualifier != _NDC:
            return ""
        parts = self.code.split("-")
        if len(parts) == len(_NDC_PARTS):
            parts = [part.zfill(width) for part, width in zip(parts, _NDC_PARTS, strict=True)]
        digits = "".join(parts)
        return digits if len(digits) == sum(_NDC_PARTS) and digits.isascii() and digits.isdigit() else ""
