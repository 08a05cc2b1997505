"""X12 as XML or JSON, and back to the same bytes. The forms are described in docs/conversion.md."""

from claimloop.edi.conversion.reading import Form, form_of, write_x12
from claimloop.edi.conversion.to_json import write_json
from claimloop.edi.conversion.to_x12 import ConversionError
from claimloop.edi.conversion.to_xml import write_xml

__all__ = ["ConversionError", "Form", "form_of", "write_json", "write_x12", "write_xml"]
