"""The findings that a team has decided to live with for now, in a file that is committed."""

import json
from dataclasses import replace
from pathlib import Path

from shipworthy.check.finding import Report
from shipworthy.check.places import relative
from shipworthy.check.selection import UsageError
from shipworthy.check.view import without

VERSION = 1
DEFAULT = "shipworthy-baseline.json"


def subtract(report: Report, file: Path) -> Report:
    """Without what the file knows, and with how much of it is mended."""
    known = load_baseline(file)
    gone = known - {each.fingerprint for each in report.findings}
    return replace(without(report, known), gone=len(gone))


def load_baseline(file: Path) -> set[str]:
    """The fingerprints in a file."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        version, findings = document["version"], document["findings"]
        known = {each["fingerprint"] for each in findings}
    except FileNotFoundError:
        raise UsageError(f"there is no baseline {file}; make one with --write-baseline") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is not a baseline: {error!r}") from None
    if version != VERSION:
        raise UsageError(f"{file} is a baseline of version {version}; this is {VERSION}")
    return known


def write_baseline(report: Report, file: Path, root: Path) -> None:
    """Everything that is found now; no line numbers, so that the file changes only when findings do."""
    found = [
        {
            "fingerprint": each.fingerprint,
            "code": each.code,
            "path": relative(each.path, root),
            "message": each.message,
        }
        for each in report.findings
    ]
    found.sort(key=lambda each: (each["path"], each["code"], each["message"], each["fingerprint"]))
    file.write_text(json.dumps({"version": VERSION, "findings": found}, indent=2) + "\n", encoding="utf-8")
