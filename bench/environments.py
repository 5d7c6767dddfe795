"""Each contender's packages, installed on first use into a folder of its own; never into the service's."""

import hashlib
import shutil
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local" / "bench"
REQUIREMENTS = ROOT / "bench" / "requirements"
STAMP = ".installed"  # holds the hash of what was asked for


class NotInstalled(Exception):
    """Something cannot be had here; the text says what."""


def python_environment(name: str) -> Path:
    """The interpreter of ``bench/requirements/NAME.txt``.

    Raises:
        NotInstalled: pip says no.
    """
    wanted, folder = REQUIREMENTS / f"{name}.txt", FOLDER / name
    if not _is_current(folder, wanted):
        print(f"installing  {name}")
        venv.create(folder, clear=True, with_pip=True)
        pip = (folder / "bin" / "pip", "install", "-qq", "--disable-pip-version-check")
        _run([*pip, "-r", wanted], folder)
        _stamp(folder, wanted)
    return folder / "bin" / "python"


def node_environment(name: str) -> Path:
    """The folder of a Node.js program beside its ``node_modules``.

    Raises:
        NotInstalled: there is no Node.js, or npm says no.
    """
    source, folder = ROOT / "bench" / "contenders" / name, FOLDER / name
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotInstalled("there is no Node.js with npm")
    folder.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        shutil.copy(file, folder)
    if not _is_current(folder, source / "package.json"):
        print(f"installing  {name}")
        _run([npm, "install", "--silent", "--no-fund", "--no-audit"], folder)
        _stamp(folder, source / "package.json")
    return folder


def _is_current(folder: Path, wanted: Path) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _hash(wanted)


def _stamp(folder: Path, wanted: Path) -> None:
    (folder / STAMP).write_text(_hash(wanted))


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _run(command: list[str | Path], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotInstalled(said[-1] if said else f"{command[0]} failed")
