"""Rules are no nuisance: nothing is said against what claimloop itself builds, nor against its sample remittances."""

import pytest

from claimloop.commands.demo_loop import run_demo
from claimloop.edi.diagnostics import Diagnostic
from claimloop.edi.validate import validate
from claimloop.samples import copy_samples


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    copy_samples(folder)
    unheard: list[Diagnostic] = []
    run_demo(folder, unheard.append)
    return folder


@pytest.mark.parametrize("pattern", ["outbox/*.837", "remittances/*.835"])
def test_no_rule_speaks_against_the_samples(demo, pattern):
    found: list[Diagnostic] = []
    paths = sorted(demo.glob(pattern))
    assert paths
    for path in paths:
        validate(path, found.append)
    assert [str(finding) for finding in found if finding.code[0] == "S"] == []
