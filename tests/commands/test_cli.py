"""The command line as a user meets it: a subprocess, its exit code, its stdout and stderr."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from claimloop.samples import copy_samples
from claimloop.tests.command import ENVIRONMENT, run

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that ran."""
    folder = tmp_path_factory.mktemp("cli") / "practice"
    done = run("demo", folder, cwd=folder.parent)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def own_practice(practice: Path, tmp_path: Path) -> Path:
    """A copy of it, to change something in."""
    return Path(shutil.copytree(practice, tmp_path / "practice"))


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """The samples, with no ledger yet."""
    copy_samples(tmp_path)
    return tmp_path


def test_the_demo_ends_with_proofs_and_names_its_files(tmp_path: Path):
    done = run("demo", "practice", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.count("difference 0.00") == 2
    assert "mockclearing_000000001.837" in done.stdout
    assert (tmp_path / "practice/outbox/mockclearing_000000001.837").stat().st_mode & 0o077 == 0
    assert (tmp_path / "practice/claimloop.db").stat().st_mode & 0o077 == 0


def test_the_demo_wants_a_fresh_folder(practice: Path):
    done = run("demo", practice, cwd=practice)

    assert done.returncode == 2
    assert done.stderr == f"claimloop: {practice} is not empty; the demo needs a new folder\n"


def test_the_demos_837_is_valid(practice: Path):
    done = run("validate", "outbox/mockclearing_000000001.837", cwd=practice)

    assert (done.returncode, done.stdout, done.stderr) == (0, "outbox/mockclearing_000000001.837: valid\n", "")


def test_init_writes_a_configuration_that_builds(tmp_path: Path):
    done = run("init", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["claimloop.toml", "encounters.csv", "encounters.json"]

    built = run("build", "encounters.csv", "-o", "outbox", cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    assert list((tmp_path / "outbox").glob("example_*.837"))


def test_init_leaves_files_that_exist_alone(tmp_path: Path):
    (tmp_path / "claimloop.toml").write_text("# mine")

    done = run("init", cwd=tmp_path)

    assert "claimloop.toml already exists, not changed" in done.stdout
    assert (tmp_path / "claimloop.toml").read_text() == "# mine"


def test_init_prints_the_schema_of_an_encounter(tmp_path: Path):
    done = run("init", "--schema", cwd=tmp_path)

    assert "Encounter" in json.loads(done.stdout)["$defs"]
    assert not list(tmp_path.iterdir())


def test_build_refuses_what_is_unsendable_and_sends_the_rest(samples: Path):
    done = run("build", "encounters/medicaid.json", "encounters/refused.jsonl", "-o", "outbox", "--json", cwd=samples)

    summary = json.loads(done.stdout)
    assert done.returncode == 1
    assert (summary["claims"], summary["refused"]) == (10, 6)
    assert "D19" not in Path(samples / summary["file"]).read_text()
    assert "C310 error" in done.stderr


def test_build_without_a_partner_says_where_to_start(tmp_path: Path):
    (tmp_path / "e.jsonl").write_text("{}")

    done = run("build", "e.jsonl", "-o", "out", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr == (
        "claimloop: no trading partner: there is no claimloop.toml with a [partner] here; start with `claimloop init`\n"
    )


def test_global_options_stand_before_or_behind_the_command(practice: Path):
    before = run("--json", "status", cwd=practice)
    behind = run("status", "--json", cwd=practice)

    assert before.stdout == behind.stdout
    assert json.loads(before.stdout)["claims"] == 47


def test_values_are_masked_unless_asked_for(samples: Path):
    masked = run("build", "encounters/refused.jsonl", "-o", "out", cwd=samples)
    shown = run("build", "encounters/refused.jsonl", "-o", "out", "--show-values", cwd=samples)

    assert "value ••••-••-•• (masked: 8 digits)" in masked.stderr
    assert "(masked" not in shown.stderr


def test_receive_says_by_its_exit_code_that_work_is_left(samples: Path):
    run("--quiet", "build", "encounters/commercial.jsonl", "-o", "out", cwd=samples)

    clean = run("receive", "remittances/commercial-2026-10-20.835", cwd=samples)
    left = run("receive", "remittances/commercial-2026-11-10.835", cwd=samples)

    assert (clean.returncode, left.returncode) == (0, 1)


def test_receive_reads_the_other_files_when_one_is_bad(samples: Path):
    (samples / "letter.txt").write_text("Dear practice,")

    done = run("receive", "letter.txt", "remittances/medicaid-2026-10-27.835", "--json", cwd=samples)

    assert done.returncode == 1
    assert "claimloop: letter.txt: " in done.stderr
    assert json.loads(done.stdout)["trace_number"] == "HSW0072261"


def test_receive_knows_a_file_of_claims_that_we_sent(own_practice: Path):
    practice = own_practice
    done = run("receive", "outbox/mockclearing_000000001.837", "--json", cwd=practice)

    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"], told["claims"]) == (0, "known", 0)


def test_receive_says_what_it_cannot_take(own_practice: Path):
    practice = own_practice
    enrollment = (DATA / "999__imsweb__x12-999-accepted.x12").read_text().replace("ST*999", "ST*834")
    (practice / "enrollment.834").write_text(enrollment)
    done = run("receive", "enrollment.834", cwd=practice)

    assert done.returncode == 1
    assert "enrollment.834: it is 834; received are 837P, TA1, 997, 999, 277CA, 835 and a bank's files" in done.stderr


def test_receive_takes_acknowledgements_and_the_banks_files(own_practice: Path):
    practice = own_practice
    acknowledged = run("acknowledge", "outbox/mockclearing_000000001.837", "-o", "answers", cwd=practice)
    assert acknowledged.returncode == 0
    (practice / "bank.csv").write_text("date,amount,description\n2026-10-22,1291.10,TRN*1*NWE00481516*1009990002~\n")
    files = "answers/mockclearing_000000001.837.ta1", "answers/mockclearing_000000001.837.999", "bank.csv"
    done = run("receive", *files, cwd=practice)

    assert done.returncode == 0, done.stderr
    told = run("status", "D1106", "--json", cwd=practice).stdout
    kinds = [event.get("kind") for event in json.loads(told)["events"]]
    assert {"TA1", "999"} <= set(kinds)
    waiting = run("worklist", "deposits", "--as-of", "2026-11-24", "--json", cwd=practice)
    traces = [json.loads(line)["trace_number"] for line in waiting.stdout.splitlines()]
    assert "NWE00481516" not in traces
    assert "NWE00493027" in traces


def test_a_person_resolves_enters_and_the_audit_is_clean(own_practice: Path):
    practice = own_practice
    refused = run("resolve", "1", "--to", "D1106", cwd=practice)
    assert refused.returncode == 1
    assert "item 1: it cannot be posted unchanged (already adjudicated" in refused.stderr
    assert run("resolve", "1", cwd=practice).returncode == 2
    assert run("resolve", "1", "--refund", cwd=practice).stdout == "item 1: 88.40 refunded to the payer\n"
    for _ in range(2):
        assert run("enter", "patient-payment", "D1106", "64.20", "--reference", "R1", cwd=practice).returncode == 0
    over = run("enter", "write-off", "D1106", "10000", cwd=practice)
    assert (over.returncode, over.stderr) == (1, "claimloop: the open balance is 0.00 of this claim, not 10000\n")
    decided = run("export", "decisions", "--format", "jsonl", "--quiet", cwd=practice).stdout
    assert len(decided.splitlines()) == 2
    (practice / "decisions.jsonl").write_text(decided)
    again = run("enter", "import", "decisions.jsonl", cwd=practice)
    assert again.stdout.startswith("decisions.jsonl: 0 recorded, 2 already recorded, 0 with errors")
    clean = run("audit", cwd=practice)
    assert (clean.returncode, clean.stdout.endswith("no problems found\n")) == (0, True)
    assert run("migrate", cwd=practice).stdout == "the ledger already has schema 0005; no changes made\n"


def test_a_claim_is_voided_once(own_practice: Path):
    practice = own_practice
    rows = run("export", "claims", "--format", "jsonl", cwd=practice).stdout.splitlines()
    claim = next(row for row in map(json.loads, rows) if row["status"] == "paid")
    voided = run("void", claim["claim_control_number"], "-o", "outbox", "--json", cwd=practice)
    assert (voided.returncode, json.loads(voided.stdout)["claims"]) == (0, 1)
    again = run("void", claim["claim_control_number"], "-o", "outbox", cwd=practice)
    assert again.returncode == 1
    assert "it was already replaced or voided" in again.stderr
    unknown = run("correct", "NOBODY", "--with", "encounters/medicaid.json", "-o", "outbox", cwd=practice)
    assert (unknown.returncode, unknown.stderr) == (2, "claimloop: no claim NOBODY was submitted\n")


def test_secondary_wants_claims_or_all_that_are_due(own_practice: Path):
    practice = own_practice
    neither = run("secondary", "-o", "outbox", cwd=practice)
    assert (neither.returncode, neither.stderr) == (2, "claimloop: name the claims, or use --all-due\n")
    due = run("secondary", "--all-due", "-o", "outbox", cwd=practice)
    assert (due.returncode, due.stderr) == (0, "0 claims built, 0 held\n")


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_export_writes_only_data_on_stdout(practice: Path, form: str):
    done = run("export", "lines", "--format", form, cwd=practice)

    rows = {
        "json": lambda: len(json.loads(done.stdout)),
        "jsonl": lambda: len([json.loads(line) for line in done.stdout.splitlines()]),
        "csv": lambda: len(done.stdout.splitlines()) - 1,
    }[form]()
    assert rows == 84
    assert done.stderr == "84 lines\n"


def test_status_finds_a_claim_by_its_encounter(practice: Path):
    by_claim = run("status", "D1106-1", "--json", cwd=practice)
    by_encounter = run("status", "D1106", "--json", cwd=practice)

    assert by_claim.stdout == by_encounter.stdout
    assert [event["event"] for event in json.loads(by_claim.stdout)["events"]] == [
        "submitted", "payment", "reversal", "payment",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("status", "NOBODY"), "claimloop: no claim NOBODY was submitted\n"),
        (("--ledger", "mysql://x/y", "status"), "claimloop: the ledger's URL must be sqlite:///FILE or postgresql://USER@HOST/DATABASE, not mysql\n"),
        (("--ledger", "nonsense", "status"), "claimloop: the ledger's URL must be sqlite:///FILE or postgresql://USER@HOST/DATABASE\n"),
        (("show", "claimloop.toml"), "claimloop: not X12: "),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(practice: Path, arguments: tuple[str, ...], message: str):
    done = run(*arguments, cwd=practice)

    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_an_unknown_key_of_the_configuration_is_refused_with_the_nearest_name(samples: Path):
    configuration = samples / "claimloop.toml"
    configuration.write_text(configuration.read_text().replace("ledger =", "leger ="))

    done = run("status", cwd=samples)

    assert done.returncode == 2
    assert done.stderr == "claimloop: claimloop.toml: leger is not a field of this record; did you mean ledger?\n"


def test_a_closed_pipe_is_no_traceback(practice: Path):
    with subprocess.Popen(
        [sys.executable, "-m", "claimloop.cli", "export", "entries", "--format", "json"],
        cwd=practice, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        errors = process.stderr.read()

    assert errors == b""


def test_reading_commands_make_no_ledger(tmp_path: Path):
    for arguments in (("status",), ("export", "lines")):
        done = run("--ledger", "sqlite:///typo.db", *arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr == (
            "claimloop: there is no ledger typo.db; the first `claimloop build` or `receive` creates it\n"
        )
    assert not list(tmp_path.iterdir())


def test_a_csv_without_its_header_shows_nobodys_data(samples: Path):
    (samples / "headless.csv").write_text("Smith,1980-01-01,999-99-9999\n")

    done = run("build", "headless.csv", "-o", "out", cwd=samples)

    assert done.returncode == 1
    assert "the header has no encounter_id column" in done.stderr
    assert "Smith" not in done.stderr
    assert "999-99" not in done.stderr


def test_signs_of_markup_in_a_trace_number_are_shown_as_they_are(samples: Path):
    remittance = samples / "remittances/medicaid-2026-10-27.835"
    remittance.write_bytes(remittance.read_bytes().replace(b"HSW0072261", b"[/b]:smile:"))

    done = run("receive", remittance, cwd=samples)

    assert "[/b]:smile:" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_folder_may_have_any_name(tmp_path: Path):
    done = run("--quiet", "demo", "what? 50%41", cwd=tmp_path)

    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["what? 50%41"]
    assert (tmp_path / "what? 50%41/claimloop.db").exists()


def test_a_segment_is_explained(practice: Path):
    file = "outbox/mockclearing_000000001.837"
    done = run("explain", file, "3", "--json", cwd=practice)

    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (told["segment"], told["name"], told["guide"]) == ("ST", "Transaction Set Header", "005010X222A1")
    assert "Transaction Set Header" in run("explain", file, "3", cwd=practice).stdout


def test_a_segment_that_is_not_there_is_one_line_and_exit_2(practice: Path):
    done = run("explain", "outbox/mockclearing_000000001.837", "999999", cwd=practice)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("claimloop: ")
    assert done.stderr.count("\n") == 1


def test_a_file_is_acknowledged_and_never_twice_over_the_same_answer(practice: Path, tmp_path: Path):
    file = "outbox/mockclearing_000000001.837"
    done = run("acknowledge", file, "-o", tmp_path, "--json", cwd=practice)

    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert [Path(path).suffix for path in said["written"]] == [".ta1", ".999"]
    assert said["interchanges"][0]["groups"][0]["verdict"] == "A"
    assert run("validate", *said["written"], cwd=practice).returncode == 0

    again = run("acknowledge", file, "-o", tmp_path, cwd=practice)
    assert again.returncode == 2
    assert "already exists" in again.stderr


def test_a_file_is_converted_there_and_back(practice: Path, tmp_path: Path):
    file = practice / "outbox/mockclearing_000000001.837"
    for form in ("xml", "json"):
        assert run("convert", file, "--to", form, "-o", tmp_path / f"a.{form}", cwd=practice).returncode == 0
        assert (tmp_path / f"a.{form}").stat().st_mode & 0o077 == 0
        assert run("convert", tmp_path / f"a.{form}", "--to", "x12", cwd=practice).stdout == file.read_text()

    done = run("convert", file, "--to", "x12", cwd=practice)
    assert (done.returncode, done.stderr) == (2, f"claimloop: {file} is X12; it can be converted to xml or json\n")


@pytest.mark.parametrize(
    "command", [["show"], ["show", "--balance"], ["validate"], ["receive"], ["convert", "--to", "json"]], ids=" ".join
)
def test_a_pipe_is_refused_in_words_because_it_is_read_once_only(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "claimloop.cli", *command, "/dev/stdin"],
        cwd=tmp_path, env=ENVIRONMENT, input="ISA*00*", capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert (
        "/dev/stdin is a pipe or a device and can be read only once. Save its content as a file first." in done.stderr
    )
    assert "Traceback" not in done.stderr
