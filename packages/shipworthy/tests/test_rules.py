"""The page of a rule is its test: what it calls bad is found by it alone, what it calls good by none."""

import re
from pathlib import Path

import pytest
from shipworthy.check.engine import check
from shipworthy.check.rule import Rule, load

RULES = load()
UNMEASURED = {"SW101", "SW102"}  # their findings were not read one by one yet
EXAMPLES = [(rule, kind, code) for rule in RULES for kind in ("Bad", "Good") for code in rule.examples(kind)]


@pytest.mark.parametrize(("rule", "kind", "code"), EXAMPLES, ids=lambda value: getattr(value, "name", None))
def test_a_page_tells_the_truth(rule: Rule, kind: str, code: str, tmp_path: Path) -> None:
    named = re.match(r"# (\S+\.py)\n", code)  # an example may say which file it is
    path = tmp_path / (named[1] if named else "example.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(code)

    found = [each.code for each in check([tmp_path], set(), set()).findings]

    assert found == ([rule.code] if kind == "Bad" else [])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_sentence_two_examples_and_a_confession(rule: Rule) -> None:
    assert rule.doc.splitlines()[0].endswith(".")
    assert rule.examples("Bad")
    assert rule.examples("Good")
    assert "It does not see" in rule.doc


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.code not in UNMEASURED], ids=lambda r: r.name
)
def test_a_page_says_how_often_the_rule_was_right_and_what_our_service_does(rule: Rule) -> None:
    assert re.search(r"Measured on \d+ public repositories:", rule.doc)
    assert "Shipworthy's own" in rule.doc or "of Shipworthy's own service" in rule.doc


def test_no_two_rules_share_a_code() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
