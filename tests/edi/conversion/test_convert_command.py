"""`claimloop convert` as a user meets it: files that are private and whole, one line for what cannot be done."""

import os
import subprocess
import sys

import pytest

from claimloop.tests.edi.conversion.converting import ISA

FILE = (ISA + "NTE*ADD*A\xd6\0B~\nIEA*0*000000001~").encode("latin-1")


@pytest.fixture
def convert(tmp_path):
    """Runs the command in a folder where a.x12 is; gives exit code, stdout, stderr."""
    (tmp_path / "a.x12").write_bytes(FILE)

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "claimloop.cli", "convert", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONWARNINGS": "error"}, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr.decode()

    return run


@pytest.mark.parametrize("form", ["xml", "json"])
def test_stdout_and_a_private_file_hold_the_same_bytes_both_ways(convert, tmp_path, form):
    assert convert("a.x12", "--to", form, "-o", f"a.{form}") == (0, b"", "")
    assert convert("a.x12", "--to", form) == (0, (tmp_path / f"a.{form}").read_bytes(), "")
    assert convert(f"a.{form}", "--to", "x12") == (0, FILE, "")
    assert convert(f"a.{form}", "--to", "x12", "-o", "b.x12") == (0, b"", "")
    assert (tmp_path / "b.x12").read_bytes() == FILE
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in (f"a.{form}", "b.x12")} == {0o600}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "a.x12">]><a>&x;</a>', "the document has a DTD, which is not allowed"),
        ("<a/>", "the root element must be file in the namespace urn:claimloop:x12:1"),
        ('{"form": []}', "the document is not JSON of the documented form: Expected `str`, got `array` - at `$.form`"),
    ],
)
def test_what_cannot_be_converted_is_one_line_and_leaves_the_file_that_was_there(convert, tmp_path, document, words):
    (tmp_path / "bad").write_text(document)
    assert convert("bad", "--to", "x12", "-o", "a.x12") == (2, b"", f"claimloop: bad: {words}\n")
    assert (tmp_path / "a.x12").read_bytes() == FILE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.x12", "bad"]


def test_a_form_that_the_file_has_already_is_named(convert):
    said = "claimloop: a.x12 is X12; it can be converted to xml or json\n"
    assert convert("a.x12", "--to", "x12") == (2, b"", said)
