"""Score: `python -m packages.shipworthy.scoring --corpus DIR --labels FILE`.

`PYTHONPATH` names packages/shipworthy/src.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from packages.shipworthy.scoring.corpus import Label, checkouts, labels, size, span
from packages.shipworthy.scoring.tools import Found, Outcome, Tool, run, tools

UNPARSED = "SW001"
Told = dict[str, list[tuple[Label, bool]]]


def options() -> argparse.Namespace:
    """The arguments."""
    parser = argparse.ArgumentParser(prog="scoring", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, required=True, help="checkouts as OWNER+NAME; what lacks is cloned"
    )
    parser.add_argument("--labels", type=Path, required=True, help="one JSON object a line")
    parser.add_argument(
        "--repositories", type=Path, help="JSON list of repo and commit, for speed and crashes"
    )
    parser.add_argument("--only", default="", help="repositories whose name contains this")
    parser.add_argument(
        "--tools", default="", help="comma-separated names; all that are installed by default"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="list what is missed and what is a false alarm"
    )
    return parser.parse_args()


def pins(chosen: argparse.Namespace, told: list[Label]) -> dict[str, str]:
    """Which commit of which repository."""
    listed = json.loads(chosen.repositories.read_text()) if chosen.repositories else []
    pinned = {each.repo: each.commit for each in told} | {each["repo"]: each["commit"] for each in listed}
    return {repo: commit for repo, commit in pinned.items() if chosen.only in repo}


def speaks(found: Found, label: Label, place: Path, codes: set[str]) -> bool:
    """Whether a finding is about what is labelled; an app is judged by its file, or else as a whole."""
    if found.code not in codes:
        return False
    if label.file and found.path.resolve() != (place / label.file).resolve():
        return False
    return label.handler is None or found.line in span(place, label)


def judge(tool: Tool, outcome: Outcome, place: Path, told: list[Label], answers: Told) -> None:
    """Note what the tool says about each label of a repository."""
    for label in told:
        codes = tool.practices.get(label.practice)
        if codes:
            alarm = any(speaks(each, label, place, codes) for each in outcome.found)
            answers[label.practice].append((label, alarm))


def table(tool: Tool, answers: Told) -> None:
    """Recall and precision of each practice."""
    sys.stdout.write(f"\n{tool.name}\n{'practice':28}{'recall':>16}{'precision':>16}\n")
    for practice, said in sorted(answers.items()):
        bad = sum(label.violation for label, _ in said)
        alarms = sum(alarm for _, alarm in said)
        hits = sum(label.violation and alarm for label, alarm in said)
        sys.stdout.write(f"{practice:28}{share(hits, bad):>16}{share(hits, alarms):>16}\n")


def share(part: int, whole: int) -> str:
    """`0.84 (31/37)`."""
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "-"


def mistakes(answers: Told) -> None:
    """Everything that was said wrong."""
    for said in answers.values():
        for label, alarm in said:
            if label.violation != alarm:
                kind = "missed" if label.violation else "false alarm"
                place = f"{label.repo} {label.file}:{label.line} {label.handler or ''}"
                sys.stdout.write(f"{kind}: {label.practice} {place}: {label.why}\n")


def measure(tool: Tool, places: list[tuple[str, Path]], told: list[Label], *, verbose: bool) -> None:
    """Run one tool over everything, and a second time where it keeps a cache."""
    answers: Told = defaultdict(list)
    mine, cold, warm, total = tool.name == "shipworthy", 0.0, 0.0, 0
    for repo, place in places:
        outcome = run(tool, place)
        again = run(tool, place) if mine else outcome
        total, cold, warm = total + size(place), cold + outcome.cpu, warm + again.cpu
        judge(tool, outcome, place, [label for label in told if label.repo == repo], answers)
        unread = sum(each.code == UNPARSED for each in outcome.found)
        if verbose or outcome.error or unread:
            state = f"CRASHED {outcome.error}" if outcome.error else f"{len(outcome.found)} findings"
            sys.stdout.write(f"{tool.name}: {repo}: {state}, {unread} unparsed, {outcome.cpu:.1f} s\n")
    table(tool, answers)
    second = f"; unchanged {speed(total, warm)}" if mine else ""
    sys.stdout.write(f"{total / 1e6:.0f} MB: {speed(total, cold)}{second}\n")
    if verbose:
        mistakes(answers)


def speed(octets: int, seconds: float) -> str:
    """`36.2 s of CPU, 1.7 MB/s`."""
    return f"{seconds:.1f} s of CPU, {octets / 1e6 / seconds:.1f} MB/s"


def main() -> None:
    """Score every tool that is installed."""
    chosen = options()
    told = labels(chosen.labels)
    places = list(checkouts(chosen.corpus, pins(chosen, told)))
    wanted = {name.strip() for name in chosen.tools.split(",")} - {""}
    for tool in tools():
        if not wanted or tool.name in wanted or tool.name.split()[0] in wanted:
            with TemporaryDirectory() as cache:
                os.environ["SHIPWORTHY_CACHE"] = cache  # empty, so that the first run is a cold one
                measure(tool, places, told, verbose=chosen.verbose)


if __name__ == "__main__":
    main()
