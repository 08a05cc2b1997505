"""What a file without an interchange is, by its first bytes."""

_BLANK = b" \t\r\n\v\f\0\x1a"

_BEGINNINGS = {
    b"\xff\xfe": "the file is UTF-16 text, but X12 has one byte per character",
    b"\xfe\xff": "the file is UTF-16 text, but X12 has one byte per character",
    b"I\0S\0A\0": "the file is UTF-16 text, but X12 has one byte per character",
    b"\0I\0S\0A": "the file is UTF-16 text, but X12 has one byte per character",
    b"\xc9\xe2\xc1": "the file is EBCDIC text; convert it to ASCII first (iconv -f IBM037 -t ASCII)",
    b"\x1f\x8b": "the file is compressed (gzip), so unpack it first",
    b"PK\x03\x04": "the file is a ZIP archive or an office document, so unpack it first",
    b"BZh": "the file is compressed (bzip2), so unpack it first",
    b"\xfd7zXZ\0": "the file is compressed (xz), so unpack it first",
    b"\x28\xb5\x2f\xfd": "the file is compressed (Zstandard), so unpack it first",
    b"7z\xbc\xaf\x27\x1c": "the file is a 7z archive, so unpack it first",
    b"%PDF": "the file is a PDF document",
    b"-----BEGIN PGP": "the file is encrypted or signed (PGP), so decrypt it first",
    b"{\\rtf": "the file is an RTF document, so ask for plain text",
    b"<!doctype html": "the file is a web page, perhaps an error page or a login page",
    b"<html": "the file is a web page, perhaps an error page or a login page",
    b"<?xml": "the file is XML",
    b"una:+": "the file is EDIFACT, not X12",
    b"unb+": "the file is EDIFACT, not X12",
    b"msh|": "the file is HL7, not X12",
}
"""How such a file begins after its leading blanks, and what it is. Text is compared in lowercase."""

_WITHOUT_ISA = (b"gs", b"st", b"ta1", b"isa")


def foreign_file(head: bytes) -> str:
    """Return what the file is, in words for its user; empty if its first bytes do not show it."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK)
    if not text:
        return "the file is empty"
    for beginning, words in _BEGINNINGS.items():
        if head.startswith(beginning) or text[: len(beginning)].lower() == beginning.lower():
            return words
    for tag in _WITHOUT_ISA:
        separator = text[len(tag) : len(tag) + 1]
        if text.lower().startswith(tag) and separator and not separator.isalnum() and not separator.isspace():
            if tag == b"isa":
                return "the ISA segment at the start is damaged: it is truncated, lacks an element, or is in lowercase"
            return f"the file begins with {tag.decode().upper()}, so its ISA segment is missing"
    return ""
