"""What a run shall do: the command line on top of the project's configuration."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from shipworthy.check.baseline import DEFAULT
from shipworthy.check.branch import repository
from shipworthy.check.builtin import BUILTIN, every_rule
from shipworthy.check.config import Config, load_config
from shipworthy.check.engine import Scope, check
from shipworthy.check.finding import Report
from shipworthy.check.memory import remembered
from shipworthy.check.rule import Rule
from shipworthy.check.selection import UsageError, expand
from shipworthy.check.view import view

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """Settled: which paths, which rules, and what is known already."""

    config: Config
    paths: list[Path]
    rules: list[Rule]
    named: set[str]
    ignore: set[str]
    scope: Scope
    pedantic: bool
    baseline: Path | None

    def run(self, say: Say) -> Report:
        """Check the project."""
        codes = {rule.code for rule in self.rules}
        context = sorted(codes), sorted(self.ignore), self.scope
        report = remembered(
            self.paths, context, lambda: check(self.paths, codes, self.ignore, self.scope, say)
        )
        rules = [rule for rule in self.rules if rule not in BUILTIN]
        return view(report, rules, pedantic=self.pedantic, named=self.named)

    def before(self, base: str, say: Say) -> set[str]:
        """The fingerprints of what was found where the branch left its base."""
        checkout = repository(self.config.root)
        with TemporaryDirectory(prefix="shipworthy-") as name:
            top = Path(name).resolve()
            say(f"reading {base}")
            checkout.export(checkout.base(base), top)
            paths = [top / path.resolve().relative_to(checkout.top) for path in self.paths]
            root = top / self.config.root.relative_to(checkout.top)
            scope = Scope(root, self.scope.exclude, self.scope.ignores)
            codes = {rule.code for rule in self.rules}
            old = check([path for path in paths if path.exists()], codes, self.ignore, scope, say)
        return {each.fingerprint for each in old.findings}


def plan(options: argparse.Namespace) -> Plan:
    """Read the configuration, and refuse what does not exist."""
    first = options.paths[0] if options.paths else Path()
    config = load_config(first if first.is_dir() else first.parent, options.config)
    paths = options.paths or [relative_to_here(config.root / path) for path in config.paths] or [Path()]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise UsageError(f"there is no {missing[0]}")
    rules = every_rule()
    named = expand(options.select or config.select, rules)
    ignore = expand([*config.ignore, *options.ignore], rules)
    paths_rules = {path: expand(names, rules) for path, names in config.per_path_ignores.items()}
    return Plan(
        config,
        paths,
        [rule for rule in rules if wanted(rule, named, deploy=options.deploy or config.deploy)],
        named,
        ignore,
        Scope(config.root, tuple(config.exclude), paths_rules),
        options.pedantic or config.pedantic,
        baseline_of(options, config),
    )


def wanted(rule: Rule, named: set[str], *, deploy: bool) -> bool:
    """Whether a rule runs: it is asked for, or nothing is and it is not for production only."""
    return rule.code in named if named else (deploy or not rule.deploy)


def baseline_of(options: argparse.Namespace, config: Config) -> Path | None:
    """The file of the baseline, if there shall be one."""
    settled = relative_to_here(config.root / config.baseline) if config.baseline else None
    default = relative_to_here(config.root / DEFAULT) if options.write_baseline else None
    named: Path | None = options.baseline
    return named or settled or default


def relative_to_here(path: Path) -> Path:
    """A path as a user in the working directory would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
