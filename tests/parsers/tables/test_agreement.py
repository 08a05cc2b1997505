"""The columnar reader and the record reader say the same of every file: tables, keys, places, findings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimloop.benchmarks import make_835
from claimloop.edi.syntax.delimiters import Delimiters
from claimloop.parsers.tables.columnar import read_claims
from claimloop.parsers.tables.stretches import stretches
from claimloop.tests.parsers.remittance.era import CLAIM, HEAD, interchange, transaction
from claimloop.tests.parsers.tables.both import REMITTANCES, by_columns, by_records, differences
from claimloop.tests.parsers.tables.mutations import SEGMENTS, mutated


@pytest.fixture(scope="module")
def made(tmp_path_factory, module_monkeypatch):
    """An 835 of 36 claims in 3 sets."""
    module_monkeypatch.setattr(make_835, "CLAIMS_IN_A_SET", 12)
    path = tmp_path_factory.mktemp("made") / "made.835"
    make_835.make_835(path, 0.02)
    return path


@pytest.fixture(scope="module")
def module_monkeypatch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.parametrize("path", REMITTANCES, ids=lambda path: path.stem)
def test_both_readers_agree_on_every_file_of_the_corpus(path):
    assert differences(by_columns(path), by_records(path)) == []


def test_both_readers_agree_on_all_files_of_the_corpus_together():
    assert differences(by_columns(*REMITTANCES), by_records(*REMITTANCES)) == []


def test_most_claims_of_the_corpus_are_read_by_columns():
    taken = 0
    for stretch in stretches(REMITTANCES):
        claims = read_claims(stretch.raw(), stretch.delimiters) if stretch.delimiters else None
        taken += len(claims.frames["claims"]) if claims else 0
    whole = len(by_records(*REMITTANCES).tables["claims"])
    assert taken > 0.9 * whole


def test_every_claim_of_a_payer_without_oddities_is_read_by_columns(made):
    claims = read_claims(made.read_bytes(), Delimiters())
    assert claims is not None
    assert len(claims.frames["claims"]) == len(by_records(made).tables["claims"])


@pytest.mark.parametrize("size", [1000, 2500, 7000])
def test_where_a_file_is_cut_does_not_matter(made, size):
    assert differences(by_columns(made, stretch=size), by_records(made)) == []


def test_line_breaks_and_other_delimiters_do_not_matter(made, tmp_path):
    broken, piped = tmp_path / "broken.835", tmp_path / "piped.835"
    broken.write_bytes(made.read_bytes().replace(b"~", b"~\r\n"))
    piped.write_bytes(made.read_bytes().replace(b"*", b"|").replace(b":", b">").replace(b"~", b"\n"))
    for path in (broken, piped):
        assert differences(by_columns(path, stretch=7000), by_records(path)) == []
        one = next(iter(stretches([path])))
        assert one.delimiters is not None
        claims = read_claims(one.raw(), one.delimiters)
        assert claims is not None
        assert len(claims.frames["claims"]) == len(by_records(made).tables["claims"])


def test_claims_of_several_files_are_read_in_one_go_and_keep_their_places(made, tmp_path):
    paths = [made, *REMITTANCES[:5], made]
    assert len(list(stretches(paths))) < len(paths)
    assert differences(by_columns(*paths), by_records(*paths)) == []


@pytest.mark.parametrize("batch", range(8))
def test_both_readers_agree_on_what_is_odd(batch, made, tmp_path):
    files = [path.read_bytes() for path in (made, *REMITTANCES)]
    path = tmp_path / "odd.835"
    for seed in range(batch * 50, batch * 50 + 50):
        path.write_bytes(mutated(seed, files))
        right = by_records(path)
        assert differences(by_columns(path), right) == [], f"seed {seed}"
        assert differences(by_columns(path, stretch=2500), right) == [], f"seed {seed}, cut"


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from([segment.decode() for segment in SEGMENTS] + [*CLAIM] * 4)
        | st.builds(
            "*".join,
            st.lists(st.text("AB019.-+ :'", max_size=6), max_size=9).map(lambda elements: ["CAS", "CO", *elements]),
        ),
        max_size=30,
    )
)
def test_both_readers_agree_whatever_segments_a_set_has(tmp_path_factory, body):
    path = tmp_path_factory.mktemp("any") / "any.835"
    path.write_text(interchange(transaction(*HEAD, *body), transaction(*HEAD, *CLAIM, control="0002")))
    assert differences(by_columns(path), by_records(path)) == []
