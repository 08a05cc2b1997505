"""A procedure as an 835 writes it (SVC01, SVC06), and what is meant where a payer glues or dashes its code."""

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
        """True for a CPT or HCPCS code with a modifier stuck to it: `HC:9921325`, and no modifier beside it.

        Seven characters, the first five a procedure, the last two a modifier (rules.md#procedures).
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
        """True where the qualifier swallowed the code: `HC>99213` under another separator, or `99213` alone."""
        return not self.code and len(self.qualifier) > _QUALIFIER_LENGTH

    @property
    def reading(self) -> "Procedure":
        """What is meant: code and modifier apart where they were glued, qualifier and code where nothing split them."""
        if self.is_unsplit:
            meant = self._split()
            return meant.reading if meant is not None else self
        if not self.is_glued:
            return self
        code, modifier = self.code[:CODE_LENGTH], self.code[CODE_LENGTH:]
        return Procedure(self.qualifier, code, (modifier,), self.description)

    def _split(self) -> "Procedure | None":
        """Split at whatever sign stands behind two letters of a qualifier; a procedure's code alone is a CPT's."""
        text = self.qualifier
        separator = text[_QUALIFIER_LENGTH]
        if text[:_QUALIFIER_LENGTH].isalnum() and not separator.isalnum():
            qualifier, code, *modifiers = text.split(separator)
            return Procedure(qualifier, code, tuple(filter(None, modifiers[:4]))) if code else None
        return Procedure(_CPT_HCPCS, text) if is_cpt_hcpcs(text[:CODE_LENGTH]) else None

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
