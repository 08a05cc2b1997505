"""A procedure as an 835 writes it (SVC01, SVC06), and what is meant where a payer glues or dashes its code."""

import msgspec

from claimloop.edi.codes.shapes import is_cpt_hcpcs, is_modifier

CODE_LENGTH, GLUED_LENGTH = 5, 7
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
        """True for a CPT or HCPCS code with a modifier stuck to it: `HC:9921325`, and no modifier beside it.

        Seven characters, the first five a procedure, the last two a modifier (DOMAIN 3.6).
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
    def reading(self) -> "Procedure":
        """What is meant: code and modifier apart where they were glued, else the procedure as sent."""
        if not self.is_glued:
            return self
        code, modifier = self.code[:CODE_LENGTH], self.code[CODE_LENGTH:]
        return Procedure(self.qualifier, code, (modifier,), self.description)

    @property
    def ndc(self) -> str:
        """The eleven digits of a drug code (N4), zeros put in where a part with dashes is short; else empty."""
        if self.qualifier != _NDC:
            return ""
        parts = self.code.split("-")
        if len(parts) == len(_NDC_PARTS):
            parts = [part.zfill(width) for part, width in zip(parts, _NDC_PARTS, strict=True)]
        digits = "".join(parts)
        return digits if len(digits) == sum(_NDC_PARTS) and digits.isascii() and digits.isdigit() else ""
