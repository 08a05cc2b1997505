"""`claimloop simulate`: a payer that answers, from the command line."""

import json
from pathlib import Path

from claimloop.tests.command import run
from claimloop.tests.simulation.making import Visit, write_837


def test_a_file_is_answered_into_a_folder(tmp_path: Path):
    write_837(tmp_path / "claims.837", *(Visit(f"V{number}-1") for number in range(5)))
    done = run("simulate", "payer", "claims.837", "-o", "answers", "--seed", "3", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["summary"]["claims"] == 5
    names = {path.suffix for path in (tmp_path / "answers").iterdir()}
    assert names >= {".835", ".277", ".999", ".ta1", ".jsonl", ".csv", ".ach"}


def test_the_folder_must_be_new(tmp_path: Path):
    write_837(tmp_path / "claims.837", Visit())
    done = run("simulate", "payer", "claims.837", "-o", ".", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "claimloop: . is not empty\n")


def test_an_unknown_scenario_is_one_line(tmp_path: Path):
    write_837(tmp_path / "claims.837", Visit())
    done = run("simulate", "payer", "claims.837", "-o", "answers", "--scenario", "reversals", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("claimloop: unknown scenario 'reversals'")
    assert not (tmp_path / "answers").exists()


def test_a_scenario_alone_is_the_only_one(tmp_path: Path):
    write_837(tmp_path / "claims.837", *(Visit(f"V{number}-1") for number in range(5)))
    done = run(
        "simulate", "payer", "claims.837", "-o", "answers", "--scenario", "claim_level", "--json", cwd=tmp_path
    )  # fmt: skip
    assert json.loads(done.stdout)["summary"]["scenarios"] == {"claim_level": 5}


def test_the_scenarios_are_listed(tmp_path: Path):
    done = run("simulate", "scenarios", "--json", cwd=tmp_path)
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert "reversal_same_835" in names
    assert len(names) == len(set(names)) > 30


def test_a_demo_of_many_claims_ends_as_the_payer_meant_it(tmp_path: Path):
    done = run("demo", "volume", "--claims", "120", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert (told["submission"]["claims"], told["submission"]["refused"]) == (120, 0)
    assert told["lines"] >= told["totals"]["lines"]
    assert told["differing"] == {}
    balance = told["totals"]["balance"]
    parts = ("insurance_paid", "contractual", "written_off", "patient", "open")
    assert balance["charge"] == sum(balance[part] for part in parts)


def test_the_demo_of_many_claims_is_the_same_again(tmp_path: Path):
    one, two = (run("demo", name, "--claims", "40", "--seed", "5", "--json", cwd=tmp_path) for name in ("a", "b"))
    assert one.returncode == two.returncode == 0
    for path in sorted((tmp_path / "a" / "answers").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / "answers" / path.name).read_bytes()
