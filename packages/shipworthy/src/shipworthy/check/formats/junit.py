"""JUnit's XML, as CI servers read it: a suite for each rule, a failed case for each finding."""

from xml.etree import ElementTree as ET

from shipworthy.check.builtin import every_rule
from shipworthy.check.finding import Finding, Report
from shipworthy.check.formats.style import Style


def clean(text: str) -> str:
    """Without the control characters that XML has no place for."""
    return "".join(sign if sign >= " " or sign in "\t\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def case(suite: ET.Element, each: Finding) -> None:
    """A finding as a case that failed."""
    place = f"{each.path.as_posix()}:{each.line}"
    attributes = {"name": place, "classname": each.name, "file": each.path.as_posix(), "line": str(each.line)}
    failed = ET.SubElement(suite, "testcase", {key: clean(text) for key, text in attributes.items()})
    failure = ET.SubElement(failed, "failure", {"type": each.severity, "message": clean(each.message)})
    calls = [f"{hop.span.path.as_posix()}:{hop.span.line} {hop.span.label}" for hop in each.chain]
    failure.text = clean("\n".join([f"{place}: {each.code} {each.message}", *calls]))


def junit(report: Report, _: Style) -> str:
    """The report; a rule that finds nothing is a case that passed."""
    top = ET.Element("testsuites", name="shipworthy")
    tests = failures = 0
    for rule in every_rule():
        found = [each for each in report.findings if each.code == rule.code]
        counts = {"tests": str(len(found) or 1), "failures": str(len(found)), "errors": "0", "skipped": "0"}
        suite = ET.SubElement(top, "testsuite", {"name": f"{rule.code} {rule.name}", **counts})
        if not found:
            ET.SubElement(suite, "testcase", name="no problem", classname=rule.name)
        for each in found:
            case(suite, each)
        tests, failures = tests + (len(found) or 1), failures + len(found)
    top.attrib |= {"tests": str(tests), "failures": str(failures)}
    ET.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, encoding="unicode")
