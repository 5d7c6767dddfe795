"""What is made of samples: medians, ratios, exponents, tables and the picture."""

import re
from xml.etree import ElementTree as ET

import click
import pytest

from bench import picture, report
from bench.fit import exponent, slope, verdict
from bench.lineup import LINEUP, SERVICE
from bench.load import Load
from bench.measure import CELLS
from bench.options import chosen
from bench.proc import Memory
from bench.results import ADAPTER, Participant, Results, quietness
from bench.samples import Cell, Sample, figure, ratio, summarise
from bench.servers import reason

CELL = Cell("W2", 32)


def a_sample(contender: str = "service", cell: Cell = CELL, rate: int = 1000, foreign: float = 0.0) -> Sample:
    """Two seconds in which one CPU was busy all the time."""
    load = Load(requests=2 * rate, seconds=2.0, errors=0, p50=1.0, p99=9.0, cpu=0.1)
    return Sample(contender, cell, load, cpu=2.0, database=0.5, memory=Memory(100, 80), foreign=foreign)


def some_results(theirs: int) -> Results:
    """Everybody answers so many requests a second, the service 1,000."""
    rates = {each.name: 1000 if each is SERVICE else theirs for each in LINEUP}
    return Results(
        date="2026-11-25",
        command="make bench",
        machine={"CPU": "fast"},
        participants=[Participant(each.name, each.title, each.least, each.aim) for each in LINEUP],
        samples=[a_sample(name, cell, rate) for name, rate in rates.items() for cell in CELLS],
        missing={"another": "cannot be installed"},
    )


def test_a_figure_is_the_median_of_the_quiet_samples() -> None:
    noisy = [a_sample(rate=10, foreign=1.5), a_sample(rate=20, foreign=0.5)]
    quiet = [a_sample(rate=rate) for rate in (900, 1000, 5000)]

    found = figure(noisy + quiet)

    assert (found.rate, found.cpu, found.reliable) == (1000, 1000, True)


def test_a_figure_of_too_few_quiet_samples_is_marked() -> None:
    found = figure([a_sample(rate=900), *[a_sample(rate=500, foreign=1.5)] * 3])

    assert (found.rate, found.good, found.reliable) == (500, 1, False)


def test_a_sample_with_few_requests_per_connection_is_not_good() -> None:
    assert not a_sample(rate=159).good  # 318 requests on 32 connections
    assert a_sample(rate=160).good


def test_a_ratio_is_the_geometric_mean_over_what_needs_an_account() -> None:
    ours = {"W1": 1, "W2": 800, "W3": 200, "W4": 400, "W5": 400}
    theirs = {"W1": 9000, "W2": 400, "W3": 400, "W4": 400, "W5": 100}
    samples = [a_sample("service", Cell(name, 32), rate) for name, rate in ours.items()]
    samples += [a_sample("other", Cell(name, 32), rate) for name, rate in theirs.items()]
    figures = summarise(samples)

    found = ratio(figures["service"], figures["other"])

    assert found.rate == pytest.approx(2**0.5)  # 2, 1/2, 1 and 4
    assert found.cpu == pytest.approx(2**0.5)


def test_the_exponent_says_how_cost_grows() -> None:
    sizes = (1_000, 100_000, 10_000_000)

    assert exponent({size: 3 * size**2 for size in sizes}) == pytest.approx(2)
    assert verdict(exponent(dict.fromkeys(sizes, 7))) == "flat"
    assert verdict(exponent({size: size**0.5 for size in sizes})) == "+0.50"
    assert slope({1: 110, 10: 200, 50: 600}) == pytest.approx(10)


@pytest.mark.parametrize(("theirs", "said"), [(10_000, "**no**"), (1_400, "yes"), (900, "the aim")])
def test_the_page_says_whether_a_goal_is_reached(theirs: int, said: str) -> None:
    page = report.page(some_results(theirs))

    row = re.search(r"\| FastAPI \+ asyncpg, bare \|.* 0\.65 \| 1 \| (.*) \|", page)
    assert row
    assert row[1] == said
    assert "Not measured: another (cannot be installed)." in page
    assert "p99 is 1.00 of the tutorial style's; at most 1 is asked for: reached." in page


def test_a_busy_machine_is_admitted() -> None:
    assert quietness(0.1).startswith("Others used 0.10 of a core")
    assert "**The machine was busy with other work, 1.7 cores' worth" in quietness(1.7)


def test_the_picture_has_a_bar_for_everybody_in_both_columns() -> None:
    drawn = ET.fromstring(picture.draw(some_results(2000)))  # noqa: S314 - ours

    bars = drawn.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 2 * len(LINEUP)
    assert [bar.get("class") for bar in bars].count("ours") == 2


def test_results_are_kept_whole() -> None:
    results = some_results(2000)

    assert ADAPTER.validate_json(ADAPTER.dump_json(results)) == results


def test_another_application_is_described_by_options() -> None:
    options = {"token": ["it=a", "it=b"], "path": ["it:W2=/things/1?a=b"], "checkout": []}

    ours, other = chosen("service", against=["it=http://127.0.0.1:1/"], **options)

    assert ours is SERVICE
    assert (other.url, other.tokens, other.paths) == (
        "http://127.0.0.1:1",
        ("a", "b"),
        {"W2": "/things/1?a=b"},
    )


@pytest.mark.parametrize(
    "wrong",
    [{"against": ["it"]}, {"token": ["it=a"]}, {"against": ["it=http://x"], "path": ["it:W9=/"]}],
)
def test_a_misspelt_option_is_refused(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(click.UsageError):
        chosen("", **({"against": [], "token": [], "path": [], "checkout": []} | wrong))
    with pytest.raises(click.UsageError):
        chosen("nobody", [], [], [], [])


def test_the_reason_of_a_failed_start_is_the_line_that_names_an_error() -> None:
    assert reason("a\nValueError: it is wrong\nNode.js v20") == "ValueError: it is wrong"
    assert reason("") == "it says nothing"


def test_every_contender_has_a_goal_or_stands_for_comparison() -> None:
    assert [each.name for each in LINEUP if each.least is None] == ["service", "starlette-asyncpg"]
