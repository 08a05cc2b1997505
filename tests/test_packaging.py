"""What is installed is what is in the clone: every package, every data file, and a demo that runs from them."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_INSTALLED = {"tests", "benchmarks", "docs", "build", "dist", "demo-output"}

# One worker builds the wheel and uses it; "--dist loadgroup" keeps these tests together.
pytestmark = pytest.mark.xdist_group("wheel")


def folders_on_disk(root: Path) -> list[Path]:
    """The top folders that hold what is installed."""
    return [
        folder
        for folder in sorted(root.iterdir())
        if folder.is_dir()
        and folder.name not in NOT_INSTALLED
        and not folder.name.startswith(".")
        and not folder.name.endswith(".egg-info")
    ]


def packages_on_disk(root: Path) -> set[str]:
    """Import name of each folder with an ``__init__.py``, and of the root."""
    inits = [init for folder in folders_on_disk(root) for init in folder.rglob("__init__.py")]
    return {"claimloop"} | {".".join(["claimloop", *init.parent.relative_to(root).parts]) for init in inits}


def packages_listed(root: Path) -> set[str]:
    configuration = ConfigParser()
    configuration.read(root / "setup.cfg")
    lines = configuration["options"]["packages"].splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def wanted(path: Path) -> bool:
    return not any(part == "__pycache__" or part.startswith(".") for part in path.parts)


def files_on_disk(root: Path) -> set[str]:
    """Path in the wheel of every file that an installed claimloop needs, code and data alike."""
    files = [*root.glob("*.py"), root / "py.typed"]
    for folder in folders_on_disk(root):
        files += [file for file in folder.rglob("*") if file.is_file() and wanted(file.relative_to(root))]
    return {f"claimloop/{file.relative_to(root).as_posix()}" for file in files}


def pip(*arguments: str | Path) -> None:
    """Run the pip of this environment; it may not ask the network for anything."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def copy_of(root: Path, folder: Path) -> Path:
    left_behind = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "demo-output")
    return shutil.copytree(root, folder / "source", ignore=left_behind)


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the wheel of a copy of the tree: nothing is left in the clone, nothing old is packed."""
    copy = copy_of(root, folder)
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder / "dist", copy)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def files_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel and, behind it, the dependencies found here."""
    environment = tmp_path_factory.mktemp("installed")
    venv.create(environment, symlinks=True, with_pip=False)
    python = environment / "bin" / "python"
    (site_packages,) = environment.glob("lib/python*/site-packages")
    pip("install", "--no-deps", "--no-index", "--target", site_packages, wheel)
    # A path that is named in a .pth file is searched, but its own .pth files are not run: the editable
    # install of the clone, which is one, stays out.
    found_here = [path for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    (site_packages / "dependencies.pth").write_text("\n".join(found_here) + "\n")
    return python


def run_installed(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_every_package_on_disk_is_listed_and_every_listed_one_exists() -> None:
    assert packages_listed(ROOT) == packages_on_disk(ROOT)


def test_a_package_that_is_not_listed_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "edi" / "codes").mkdir(parents=True)
    (tmp_path / "edi" / "codes" / "__init__.py").touch()
    (tmp_path / "setup.cfg").write_text("[options]\npackages =\n    claimloop\n    claimloop.edi\n")
    assert packages_on_disk(tmp_path) ^ packages_listed(tmp_path) == {"claimloop.edi", "claimloop.edi.codes"}


def test_the_wheel_holds_every_file_beside_the_code_and_nothing_else(wheel: Path) -> None:
    assert files_in(wheel) == files_on_disk(ROOT)


def test_a_data_file_that_no_pattern_covers_is_noticed(tmp_path: Path) -> None:
    tree = copy_of(ROOT, tmp_path / "tree")
    (tree / "edi" / "table.unheard-of").touch()
    missing = files_on_disk(tree) - files_in(build_wheel(tree, tmp_path))
    assert missing == {"claimloop/edi/table.unheard-of"}


def test_the_installed_module_is_not_the_one_of_the_clone(installed_python: Path, tmp_path: Path) -> None:
    done = run_installed(installed_python, tmp_path, "-c", "import claimloop.cli; print(claimloop.cli.__file__)")
    assert done.returncode == 0, done.stderr
    module = Path(done.stdout.strip())
    assert module.is_relative_to(installed_python.parents[1])
    assert not module.is_relative_to(ROOT)


def test_the_demo_of_the_installed_wheel_writes_837_files(installed_python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = run_installed(installed_python, tmp_path, "-m", "claimloop.cli", "demo", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert any(text.startswith(b"ISA*") and b"ST*837*" in text for text in files)


def test_the_installed_wheel_has_its_first_night_on_the_samples(installed_python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    made = run_installed(installed_python, tmp_path, "-m", "claimloop.cli", "init", str(folder), "--samples")
    assert made.returncode == 0, made.stderr
    night = run_installed(installed_python, folder, "-m", "claimloop.cli", "nightly", "--as-of", "2026-11-24")
    assert night.returncode == 1, night.stderr
    assert night.stdout.startswith("2026-11-24 work left: 47 claims out")
    assert (folder / "runs" / "latest" / "report.html").stat().st_size > 10_000
