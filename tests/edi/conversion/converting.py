"""X12 there and back in a folder of the test's own."""

from claimloop.edi.conversion import form_of, write_json, write_x12, write_xml

WRITERS = {"xml": write_xml, "json": write_json}
ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1200*^*00501*000000001*0*T*:~\n"


def there(folder, content, form):
    """The document that is written of a file with this content."""
    path = folder / "in.x12"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    out: list[bytes] = []
    WRITERS[form](path, out.append)
    return b"".join(out)


def back(folder, document, form):
    """The X12 that is written of a document."""
    path = folder / f"in.{form}"
    path.write_bytes(document.encode() if isinstance(document, str) else document)
    assert form_of(path) == form
    out: list[bytes] = []
    write_x12(path, form, out.append)
    return b"".join(out)
