"""Quantities, laws, formulas and the readers beneath the rules: known values, attacks, and properties."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
import quantities
import read_envelope
import read_formula
import read_inline
import read_numbers
import read_page
import read_yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from laws import Verdict
from pymdownx.slugs import slugify
from quantities import Quantity, QuantityFault

NOUNS = {"req", "tok", "GPU", "machine"}
SLOW = [HealthCheck.too_slow]
steady = settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=SLOW)


def value(text: str) -> Quantity:
    """A value as printed on a page."""
    return quantities.parse_printed(text, NOUNS).quantity


def worked(formula: str, **symbols: str) -> Quantity | Verdict:
    """A formula's result, its symbols given as printed values."""
    known = {name: value(text) for name, text in symbols.items()}
    return read_formula.evaluate(read_formula.parse(formula), known, NOUNS)


def shown(formula: str, unit: str | None = None, decimals: int | None = None, **symbols: str) -> str:
    return quantities.show(worked(formula, **symbols), unit, NOUNS, decimals)


def rule_of(deed, *arguments, **keywords) -> str:
    """The rule that a refused deed breaks."""
    with pytest.raises(QuantityFault) as caught:
        deed(*arguments, **keywords)
    assert caught.value.message and caught.value.fix
    return caught.value.rule


# ---- known values ----------------------------------------------------------


@pytest.mark.parametrize(
    "formula, unit, decimals, result",
    [
        ("kv_bytes(layers=32, kv_heads=8, head_dim=128, bytes=2)", "B/tok", 0, "131,072 B/tok"),
        ("kv_bytes(80, 8, 128, 2)", "B/tok", 0, "327,680 B/tok"),
        ("kv_bytes(80, 8, 128, bytes=2)", "kB/tok", 2, "327.68 kB/tok"),
        ("fanout_tail(99 %, 100)", "%", 1, "36.6 %"),
        ("0.99 ^ 100 / 0.99 ^ 40", "%", 1, None),
        ("0.99 ^ 50 * 0.99 ^ 50", "%", 1, "36.6 %"),
        ("ceil(10000 req/s / (50 req/s/GPU * 70 %))", "GPU", 0, "286 GPU"),
        ("10000 req/s / (50 req/s/GPU * 70 %)", "GPU", 2, "285.71 GPU"),
        ("ceil(10000 req/s / (50 req/s/GPU))", "GPU", 0, "200 GPU"),
        ("ceil(3 * 0.1 * 10)", "", 0, "3"),
        ("floor(0.29 * 100)", "", 0, "29"),
        ("floor(2.9999)", "", 0, "2"),
        ("ceil(0 - 0.5)", "", 0, "0"),
        ("floor(0 - 0.5)", "", 0, "-1"),
        ("2 ^ 10", "", 0, "1,024"),
        ("2 ^ 3 ^ 2", "", 0, "512"),
        ("-2 ^ 2", "", 0, "-4"),
        ("2 - 3 - 4", "", 0, "-5"),
        ("16 / 4 / 2", "", 0, "2"),
        ("1 + 2 * 3", "", 0, "7"),
        ("(1 + 2) * 3", "", 0, "9"),
        ("2 ^ -1", "", 1, "0.5"),
        ("log2(1024)", "", 0, "10"),
        ("log2(0.5)", "", 0, "-1"),
        ("sqrt(0)", "", 0, "0"),
        ("sqrt(2 s * 8 s / (1 B * 1 B))", "s/B", 0, "4 s/B"),
        ("fanout_tail(100 %, 100)", "%", 0, "100 %"),
        ("fanout_tail(99 %, 0)", "%", 0, "100 %"),
        ("sqrt(9 s * 4 s)", "s", 0, "6 s"),
        ("0 ^ 2 + 0 ^ 0", "", 0, "1"),
        ("(2 s) ^ 2 / (1 s)", "s", 0, "4 s"),
        ("(2 s) ^ 0", "", 0, "1"),
        ("2 ^ 64 / 2 ^ 63", "", 0, "2"),
        (" 50%\t", "", 1, "0.5"),
        ("max(3)", "", 0, "3"),
        ("min(3, 1, 2) + max(3, 1, 2)", "", 0, "4"),
        ("1 GiB - 1 GB", "B", 0, "73,741,824 B"),
        ("1 GB / (1 Gb)", "", 0, "8"),
        ("1 GiB / (1 Gib)", "", 0, "8"),
        ("1 TiB / (1 GiB)", "", 0, "1,024"),
        ("1 year", "day", 0, "365 day"),
        ("90 min", "h", 1, "1.5 h"),
        ("1000 req/s", "req/day", 0, "86,400,000 req/day"),
        ("5e2 ms", "s", 1, "0.5 s"),
        ("50 %", "", 1, "0.5"),
    ],
)
def test_known_values(formula, unit, decimals, result):
    if result is None:
        assert rule_of(worked, formula) == "envelope-formula-invalid"
    else:
        assert shown(formula, unit, decimals) == result


def test_a_formula_is_told_with_its_values_and_a_function_of_a_row_s_name_is_none():
    head = "| Symbol | Quantity | Value | Working |\n| --- | --- | --- | --- |\n"
    page = read_page.read(
        "docs/x.md",
        head + "| `max` | a | 3 s | given |\n| `e3` | b | 2 | given |\n| `ma` | c | 1 | given |\n",
    )
    formula = read_formula.parse("max(max, e3 * 1e3 s, other)")
    assert read_envelope.substituted(formula, page.envelope) == "max(3 s, 2 * 1e3 s, other)"
    assert [row.quantity for row in page.envelope.rows] == ["a", "b", "c"]
    assert read_envelope.broken_by(None, NOUNS) == ""


def test_peak_of_turns_a_mean_into_a_peak():
    peak = worked("peak_of(rate, 3)", rate="10 req/s mean")
    assert (peak.value, peak.kind) == (30, "peak")
    assert rule_of(worked, "peak_of(rate, 3)", rate="10 req/s p99") == "envelope-kinds-mixed"
    assert rule_of(worked, "peak_of(rate, 3 s)", rate="10 req/s mean") == "envelope-unit-mismatch"


@pytest.mark.parametrize(
    "formula, holds",
    [
        ("headroom(70 req/s, 100 req/s, 70 %)", True),
        ("headroom(70.1 req/s, 100 req/s, 70 %)", False),
        ("headroom(load=200, capacity=200, target=99 %)", False),
        ("little(600 req, 100 req/s, 6 s)", True),
        ("little(600 req, 100 req/s, 6.05 s)", True),
        ("little(600 req, 100 req/s, 7 s)", False),
        ("little(600 req, 100 req/s, 6.1 s)", False),
        ("fits(22.6 GB, 80 GB * 90 %)", True),
        ("fits(72 GB + 1 B, 80 GB * 90 %)", False),
        ("fits(0.1 + 0.2, 0.3)", True),
        ("deadline(6 s, 0.1 min)", True),
        ("deadline(6.001 s, 0.1 min)", False),
        ("bandwidth(16 GB, 3.35 TB/s, 5 ms)", True),
        ("bandwidth(16 GB, 3.35 TB/s, 4 ms)", False),
        ("fanout(99 %, 100, 36 %)", True),
        ("fanout(99 %, 100, 37 %)", False),
        ("budget(5 USD, 5 USD)", True),
        ("1 GB < 1 GiB", True),
        ("1 GB >= 1 GiB", False),
        ("1000 ms == 1 s", True),
        ("1 s > 999 ms", True),
        ("1 s <= 999 ms", False),
        ("1 s <= 1000 ms", True),
        ("1 s >= 1000 ms", True),
        ("1 s < 1000 ms", False),
        ("1 s > 1000 ms", False),
    ],
)
def test_laws_and_comparisons(formula, holds):
    verdict = worked(formula)
    assert isinstance(verdict, Verdict)
    assert verdict.holds is holds


@pytest.mark.parametrize(
    "law, reads",
    [
        ("little(600 req, 100 req/s, 5.97 s)", "600 req, 597 req, 100 req/s, 5.97 s"),
        ("headroom(60 req/s, 100 req/s, 70 %)", "60 %, 70 %, 60 req/s, 100 req/s"),
        ("fits(60 GB, 80 GB)", "60 GB, 80 GB, 20 GB"),
        ("deadline(4 s, 6 s)", "4 s, 6 s, 2 s"),
        ("bandwidth(40 GB, 10 GB/s, 5 s)", "4 s, 5 s, 40 GB, 10 GB/s"),
        ("fanout(99 %, 2, 98 %)", "98.01 %, 98 %"),
        ("budget(3 USD, 5 USD)", "3 USD, 5 USD, 2 USD"),
        ("2 s < 3 s", "2 s, 3 s"),
    ],
)
def test_what_a_page_may_print_of_a_law(law, reads):
    assert ", ".join(quantities.show(q, None if q.dims else "%", NOUNS) for q in worked(law).reads) == reads


@pytest.mark.parametrize(
    "formula, symbols, rule",
    [
        ("rate + time", {"rate": "1 req/s", "time": "1 s"}, "envelope-unit-mismatch"),
        ("a - b", {"a": "1 GPU", "b": "1 req"}, "envelope-unit-mismatch"),
        ("a + 1", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("a < b", {"a": "1 s", "b": "1 B"}, "envelope-unit-mismatch"),
        ("ceil(a)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("ceil(a)", {"a": "1 B/GPU"}, "envelope-unit-mismatch"),
        ("log2(a)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("deadline(a, a)", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("deadline(1 s, a)", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("little(a, 1 req/s, 1 s)", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("fits(a, 1 GB)", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("bandwidth(1 GB, 1 GB/s, a)", {"a": "1 GB"}, "envelope-unit-mismatch"),
        ("headroom(1, 2, a)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("headroom(a, a, 50 %)", {"a": "1 s p50"}, "envelope-kinds-mixed"),
        ("fanout(99 %, 100, a)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("fanout_tail(a, 100)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("fanout_tail(99 %, a)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("floor(a)", {"a": "1 s"}, "envelope-unit-mismatch"),
        ("min(1 s, a)", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("max(1 s, 2 s, a)", {"a": "1 GPU"}, "envelope-unit-mismatch"),
        ("kv_bytes(1, a, 1, 1)", {"a": "1 tok"}, "envelope-unit-mismatch"),
        ("kv_bytes(1, 1, a, 1)", {"a": "1 tok"}, "envelope-unit-mismatch"),
        ("kv_bytes(1, 1, 1, a)", {"a": "1 B"}, "envelope-unit-mismatch"),
        ("headroom(a, b, 70 %)", {"a": "1 req/s", "b": "1 req"}, "envelope-unit-mismatch"),
        ("kv_bytes(a, 1, 1, 1)", {"a": "1 tok"}, "envelope-unit-mismatch"),
        ("a + b", {"a": "1 s mean", "b": "1 s p99"}, "envelope-kinds-mixed"),
        ("max(a, b)", {"a": "1 s mean", "b": "1 s p99"}, "envelope-kinds-mixed"),
        ("min(1 s, a, b)", {"a": "1 s mean", "b": "1 s p99"}, "envelope-kinds-mixed"),
        ("a < b", {"a": "1 s mean", "b": "2 s p99"}, "envelope-kinds-mixed"),
        ("deadline(a, b)", {"a": "1 s mean", "b": "1 s max"}, "envelope-kinds-mixed"),
        ("headroom(a, 2 req/s, 70 %)", {"a": "1 req/s mean"}, "envelope-kinds-mixed"),
        ("headroom(a, 2 req/s, 70 %)", {"a": "1 req/s p50"}, "envelope-kinds-mixed"),
        ("headroom(ceil(a * 1 s) / (1 s), 2 req/s, 70 %)", {"a": "1 req/s mean"}, "envelope-kinds-mixed"),
        ("headroom(floor(a * 1 s) / (1 s), 2 req/s, 70 %)", {"a": "1 req/s mean"}, "envelope-kinds-mixed"),
        ("a + b", {"a": "1 s"}, "envelope-symbol-undefined"),
        ("a + 1 sec", {"a": "1 s"}, "envelope-unit-unknown"),
        ("a + 1 gb", {"a": "1 GB"}, "envelope-unit-unknown"),
    ],
)
def test_what_does_not_fit_together_is_refused(formula, symbols, rule):
    assert rule_of(worked, formula, **symbols) == rule


@pytest.mark.parametrize(
    "left, right, kind",
    [("mean", "mean", "mean"), ("mean", "", "mean"), ("", "p99", "p99"), ("", "", None)],
)
def test_a_kind_survives_a_sum_with_its_own_kind_or_none(left, right, kind):
    assert worked("a + b", a=f"1 s {left}".strip(), b=f"1 s {right}".strip()).kind == kind


@pytest.mark.parametrize("mark", "*/")
@pytest.mark.parametrize(
    "left, right, kind",
    [
        ("mean", "mean", "mean"),
        ("mean", "", "mean"),
        ("", "p99", "p99"),
        ("", "", None),
        ("mean", "p99", None),
    ],
)
def test_a_product_of_two_kinds_has_none(mark, left, right, kind):
    assert worked(f"a {mark} b", a=f"1 s {left}".strip(), b=f"1 s {right}".strip()).kind == kind


# ---- units -----------------------------------------------------------------


@pytest.mark.parametrize(
    "large, small",
    [("us", "1000 ns"), ("ms", "1000 us"), ("s", "1000 ms"), ("min", "60 s"), ("h", "60 min"),
     ("day", "24 h"), ("year", "365 day"), ("B", "8 b"), ("KiB", "1024 B"), ("Kib", "1024 b")]
    + [(f"{large}{unit}", f"1000 {small}{unit}") for unit in ("B", "b", "FLOP")
       for small, large in pairwise(["", *"kMGTPE"])]
    + [(f"{large}i{unit}", f"1024 {small}i{unit}") for unit in "Bb" for small, large in pairwise("KMGTPE")],
)  # fmt: skip
def test_a_unit_is_so_many_of_the_one_below(large, small):
    assert worked(f"1 {large} == {small}").holds


# ---- printing and rounding -------------------------------------------------


@pytest.mark.parametrize(
    "formula, text",
    [("1 / 3", "0.3333"), ("12345.678", "12,346"), ("12345678", "12,345,678"), ("2.50", "2.5"), ("0", "0"),
     ("3", "3"), ("3 B", "3 B"), ("9999 B", "9,999 B"), ("10 kB/s", "10 kB/s"), ("10 MB", "10 MB"),
     ("10 GFLOP", "10 GFLOP"), ("10 TB", "10 TB"), ("10 PB", "10 PB"), ("9990 PB", "9,990 PB"),
     ("10 EB", "10 EB"), ("20000 s", "20,000 s"), ("1 / (2 s)", "0.5 1/s"), ("2 s * 3 B", "6 B·s")],
)  # fmt: skip
def test_a_result_is_told_in_base_units(formula, text):
    assert shown(formula) == text


def test_the_largest_number():
    largest = "9" + 59 * "0"
    assert shown("9e59", "", 12) == f"{int(largest):,}.{12 * '0'}"
    assert rule_of(worked, "1e60") == rule_of(worked, "peak_of(9e59, 9)") == "envelope-formula-invalid"
    assert rule_of(quantities.in_unit, Quantity(1e60), "", set()) == "envelope-formula-invalid"


@pytest.mark.parametrize(
    "printed, exact, same",
    [
        ("0.13", 0.125, True),
        ("0.12", 0.125, False),
        ("-0.13", -0.125, True),
        ("3", 2.5, True),
        ("2.68", 2.675, True),
        ("1.01", 1.005, True),
        ("286", 285.7142857, True),
        ("285.7", 285.7142857, True),
        ("285.8", 285.7142857, False),
        ("≈ 17,000", 17_361, True),
        ("≈ 17,000", 17_500, False),
        ("≈ 17,400", 17_361, True),
        ("17,000", 17_361, False),
        ("≈ 0.1", 0.14, True),
        ("≈ 1,000,000", 1_400_000, True),
        ("0.30", 0.1 + 0.2, True),
    ],
)
def test_a_printed_value_agrees_to_its_last_digit_ties_away_from_zero(printed, exact, same):
    assert quantities.agrees(quantities.parse_printed(printed, set()), Quantity(exact), set()) is same


@pytest.mark.parametrize(
    "printed, exact, coarse",
    [("3", 2.96, True), ("2", 2.0, False), ("2.9", 2.94, False), ("≈ 20", 19, True), ("0.5", 0.5, False),
     ("0.05", 0.049, True), ("-0.05", -0.049, True), ("0.050", 0.0499, False), ("40", 40.2, False),
     ("2", 2 + 1e-13, False)],
)  # fmt: skip
def test_two_significant_digits_unless_the_exact_value_has_fewer(printed, exact, coarse):
    assert quantities.too_coarse(quantities.parse_printed(printed, set()), Quantity(exact), set()) is coarse


@pytest.mark.parametrize(
    "text, number, dims, kind",
    [
        ("10,000 req/s peak", 10_000, {"req": 1, "s": -1}, "peak"),
        ("2.28 s p99", 2.28, {"s": 1}, "p99"),
        ("70 %", 0.7, {}, None),
        ("≈ 17,000 req/s", 17_000, {"req": 1, "s": -1}, None),
        ("80 GB/GPU", 80e9, {"B": 1, "GPU": -1}, None),
        ("80 GiB", 80 * 2**30, {"B": 1}, None),
        ("80 Gb", 10e9, {"B": 1}, None),
        ("80 Gib", 10 * 2**30, {"B": 1}, None),
        ("-3 s", -3, {"s": 1}, None),
        ("-300 s", -300, {"s": 1}, None),
        ("≈17 s", 17, {"s": 1}, None),
        ("3 USD", 3, {"USD": 1}, None),
        ("8", 8, {}, None),
        ("1 req/s/s", 1, {"req": 1, "s": -2}, None),
        ("1 s/s", 1, {}, None),
        ("989.4 TFLOP/s/GPU", 989.4e12, {"FLOP": 1, "s": -1, "GPU": -1}, None),
    ],
)
def test_values_as_printed(text, number, dims, kind):
    quantity = value(text)
    assert math.isclose(quantity.value, number, rel_tol=1e-15)
    assert dict(quantity.dims) == dims and quantity.kind == kind


def test_a_pure_number_with_a_kind():
    assert value("1.3 mean") == Quantity(1.3, (), "mean")


@pytest.mark.parametrize(
    "text",
    ["", "10K req/s", "5-10 s", "5–10 s", "10000 req/s", "1,00 s", "1,0000 s", "5s", "5 s s", "5 s peak mean",
     "~5 s", "5 s, or so", "1e3 s", ".5 s", "5. s", "$5", "five s", "5 s/", "5 /s", "NaN", "inf", "0x10",
     "+5 s", "5 s\n", "1,000,00 s", "5 µs", "1_000 s", "² s", "१ s"],
)  # fmt: skip
def test_what_is_no_value(text):
    if text.strip() != text:
        assert value(text) == value(text.strip())
    else:
        assert rule_of(value, text) == "envelope-value-unreadable"


@pytest.mark.parametrize("unit", ["sec", "gb", "GPUs", "K", "month", "Mbit", "kReq", "KB", "mS", "kmin"])
def test_what_is_no_unit(unit):
    assert rule_of(value, f"5 {unit}") == "envelope-unit-unknown"


@pytest.mark.parametrize(
    "unit", ["sec", "Bit", "gb", "hrs", "months", "GPUs", "gpu", "million", "x", "KB", "Mreq", "peak"]
)
def test_a_misspelt_unit_cannot_be_declared_as_a_noun(unit):
    assert quantities.undeclared_nouns(f"{unit}/s", NOUNS) == []
    assert quantities.undeclared_nouns("doc/ad", NOUNS) == ["doc", "ad"]
    assert quantities.undeclared_nouns("kernel/task", {"ask"}) == ["kernel", "task"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("40 s and 12 GPUs", [("40", "s"), ("12", "GPU")]),
        ("10,000 requests", [("10,000", "req")]),
        ("2.5 seconds, 3 minutes", [("2.5", "s"), ("3", "min")]),
        ("70% or 70 %", [("70", "%"), ("70", "%")]),
        ("a 7-day window of 24h", [("7", "day"), ("24", "h")]),
        ("8B models, H100, v1.2 of §4.2 at 10:30 on x86", [("8", ""), ("4.2", ""), ("30", "")]),
        ("3 s p99", [("3", "s")]),
        ("50 req/s/GPU", [("50", "req/s/GPU")]),
        ("300 ms or 300 µs", [("300", "ms"), ("300", "us")]),
        ("5 apples", [("5", "")]),
        ("step2 of file.3", []),
        ("$5, € 3 or £7 each", [("5", "USD"), ("3", "USD"), ("7", "USD")]),
        ("2million requests, 3 thousand tokens, 4 billion GB", [("2", "req"), ("3", "tok"), ("4", "GB")]),
        ("10K requests, 5 M GPUs, 2 millions", [("10", "req"), ("5", "GPU"), ("2", "")]),
        (
            "5/s, 4/min, 3/h, 2/day, 1/year",
            [("5", "/s"), ("4", "/min"), ("3", "/h"), ("2", "/day"), ("1", "/year")],
        ),
        ("20 a second, 3 an hour, 5,000,000 per day", [("20", "/s"), ("3", "/h"), ("5,000,000", "/day")]),
        ("2 each week, 4 million a month", [("2", "/week"), ("4", "/month")]),
        ("3 a yearling, 3/sample", [("3", ""), ("3", "")]),
        ("4 kilobytes, 5 megabits, 1 hour", [("4", "kB"), ("5", "Mb"), ("1", "h")]),
        ("7 per cent, 8 percent, 2 per centaur", [("7", "%"), ("8", "%"), ("2", "")]),
        (".5 s, 1,000.25 s, 2.75 s, 1,00 s", [(".5", "s"), ("1,000.25", "s"), ("2.75", "s"), ("1", "")]),
        ("8b, 8E, 8 B, 24 h", [("8", ""), ("8", ""), ("8", "B"), ("24", "h")]),
        ("5 Seconds, 3 Requests, 4 tok/box, 6 GPUx", [("5", "s"), ("3", "req"), ("4", ""), ("6", "")]),
        (".25 s, 5 Kmin", [(".25", "s"), ("5", "")]),
    ],
)
def test_numbers_in_prose(text, expected):
    assert [(found.number, found.unit) for found in read_numbers.numbers_in(text, NOUNS)] == expected


def test_the_place_of_a_number_in_prose():
    (found,) = read_numbers.numbers_in("about ≈ 40 GPUs, p99", NOUNS)
    assert "about ≈ 40 GPUs, p99"[found.start :] == "40 GPUs, p99"


@pytest.mark.parametrize("text", ["3.8, then 6 s", "286, then 6 s"])
def test_a_number_before_a_comma(text):
    assert [found.number for found in read_numbers.numbers_in(text, NOUNS)] == [text.split(",")[0], "6"]


# ---- attacks ---------------------------------------------------------------

ENDLESS = "(1e99 * 1e99 * 1e99 * 1e99)"
ATTACKS = [
    "__import__('os').system('id')", "().__class__", "a.b", "a[0]", "lambda: 0", "[1]", "{1}", "'a'", '"a"',
    "9**9**9", "9^9^9", "9^65", "2^0.5", "1e99^9", "0^-1", "0^(0-1)", "2^(1 s)", f"2^{ENDLESS}", ENDLESS,
    f"-{ENDLESS}", f"{ENDLESS} - {ENDLESS}", f"{ENDLESS} < 1", f"{ENDLESS} - {ENDLESS} < 1",
    "1e999", "9" * 399, "1 / 0", "1 / (2 - 2)",
    "", " ", "()", "(", ")", "1 +", "* 1", "1 1", "1,2", "1 < 2 < 3", "1 < ", "a = 1", "1 ! 2", "1 % 2",
    "1; 2", "1\x002", "é", "1 µs", "0x10", "1_000", "f(1)", "eval(1)", "exec(1)", "max()", "max(values=1)",
    "ceil()", "ceil(1, 2)", "ceil(number=1)", "little(1, 2)", "headroom(1, 2)", "headroom(1, 2, 0)",
    "headroom(1, 2, 1)", "headroom(1, 0, 50 %)", "fits(sum=1)", "fits(fits(1, 2), 3)", "(1 < 2) + 1",
    "ceil(1 < 2)", "log2(0)", "log2(0 - 1)", "sqrt(0 - 1)", "sqrt(1 s)", "(" * 40 + "1" + ")" * 40,
    "(" * 390, "-" * 399, "-" * 40 + "1", "2^" * 40 + "1", "max(" * 90, "1" + " + 1" * 100, "a" * 401,
    "\u202e1 + 1", "1 +\u200b 1", "snap(1)", "parameters(1)", "constructor(1)", "toString(1)",
    "max(1, values=2)", "ceil(1", "* 1)", "2^65", "9e59 ^ 9",
]  # fmt: skip
ATTACKS += [
    "fanout_tail(0 - 1, 0.5)", "fanout_tail(0, 0 - 1)", "fanout_tail(0, 1)", "fanout_tail(101 %, 1)",
    "fanout_tail(99 %, 0 - 1)", "fanout(0 - 1, 0.5, 50 %)",
    f"2 ^ ({ENDLESS} - {ENDLESS})", f"fits({ENDLESS} - {ENDLESS}, 1)", f"headroom(1, {ENDLESS}, 50 %)",
    f"bandwidth(1 B, {ENDLESS} * 1 B/s, 1 s)", "ceil(value=1, value=2)", "1 + १",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused(text):
    assert rule_of(worked, text) in (
        "envelope-formula-invalid",
        "envelope-unit-unknown",
        "envelope-unit-mismatch",
    )


@pytest.mark.parametrize(
    "printed, exact",
    [("1." + "0" * 450, 1.0), ("1 ns", 1e300)],
    ids=["more digits than the context holds", "too large for the printed unit"],
)
def test_any_value_can_be_compared_with_any_other(printed, exact):
    dims = (("s", 1),) if "ns" in printed else ()
    try:
        read = quantities.parse_printed(printed, set())
        assert quantities.agrees(read, Quantity(exact, dims), set()) in (True, False)
    except QuantityFault:
        pass


def test_a_long_sum_is_read():
    assert worked("10" + "+1" * 199).value == 209


@pytest.mark.parametrize("before, after", [("(", ")"), ("-", ""), ("1^", ""), ("max(", ")")])
def test_a_formula_is_nested_thirty_deep_and_no_deeper(before, after):
    assert worked(30 * before + "1" + 30 * after).value == 1
    assert rule_of(worked, 31 * before + "1" + 31 * after) == "envelope-formula-invalid"


# ---- properties ------------------------------------------------------------

numbers = st.floats(min_value=1e-6, max_value=1e15, allow_nan=False)
units = st.sampled_from(["", "%", "s", "ms", "B", "GiB", "Gb", "req/s", "tok/s/GPU", "TFLOP/s", "USD/h"])
kinds = st.sampled_from([None, *quantities.KINDS])


@steady
@given(numbers, units, kinds, st.integers(0, 6))
def test_what_is_shown_is_read_back(number, unit, kind, decimals):
    assume(unit or not kind)  # see the test of a pure number with a kind
    factor, dims = quantities.parse_unit(unit, NOUNS)
    quantity = Quantity(number * factor, dims, kind)
    read = quantities.parse_printed(quantities.show(quantity, unit, NOUNS, decimals), NOUNS)
    assert (read.quantity.dims, read.quantity.kind, read.unit) == (dims, kind, unit)
    assert quantities.agrees(read, quantity, NOUNS)
    assert read.decimals == decimals
    assert Decimal(read.number.replace(",", "")) == quantities.rounded(quantity.value / factor, decimals)


@steady
@given(numbers, units)
def test_what_is_shown_to_four_digits_is_near(number, unit):
    factor, dims = quantities.parse_unit(unit, NOUNS)
    read = quantities.parse_printed(quantities.show(Quantity(number * factor, dims), unit, NOUNS), NOUNS)
    assert math.isclose(read.quantity.value, number * factor, rel_tol=6e-4)


@st.composite
def sums(draw, depth: int = 4) -> tuple[str, Fraction]:
    """An arithmetic expression and its exact value; nothing in it is divided by zero."""
    if depth == 0 or draw(st.booleans()):
        text = draw(st.from_regex(r"[1-9][0-9]{0,4}(\.[0-9]{1,3})?", fullmatch=True))
        return text, Fraction(text)
    (left, a), (right, b) = draw(sums(depth - 1)), draw(sums(depth - 1))
    mark = draw(st.sampled_from("+-*/"))
    assume(mark != "/" or b)
    result = {"+": a + b, "-": a - b, "*": a * b}.get(mark)
    return f"({left} {mark} {right})", a / b if mark == "/" else result


@steady
@given(sums())
def test_arithmetic_agrees_with_exact_fractions(sum_):
    text, exact = sum_
    assume(len(text) <= read_formula.MAX_LENGTH)
    # What cancels leaves an error of the size of what was cancelled, not of the rest.
    largest = max(Fraction(number) for number in re.findall(r"[\d.]+", text))
    try:
        assert math.isclose(worked(text).value, exact, rel_tol=1e-9, abs_tol=1e-9 * float(largest) ** 2)
    except QuantityFault as fault:
        assert "zero" in fault.message


@steady
@given(st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 999)), max_size=12), st.integers(1, 999))
def test_precedence_agrees_with_python_s(rest, first):
    text = f"{first}" + "".join(f" {mark} {number}" for mark, number in rest)
    exact = eval(text, {"__builtins__": {}})  # digits and four marks, made three lines above
    assert math.isclose(worked(text).value, exact, rel_tol=1e-9, abs_tol=1e-6)


quantity = st.builds(
    Quantity,
    st.floats(min_value=1e-9, max_value=1e9),
    st.dictionaries(st.sampled_from(["s", "B", "req", "GPU"]), st.integers(1, 3) | st.integers(-3, -1)).map(
        lambda dims: tuple(sorted(dims.items()))
    ),
)


@steady
@given(quantity, quantity)
def test_multiplying_and_dividing_by_the_same_changes_nothing(a, b):
    back = quantities.divide(quantities.multiply(a, b), b)
    assert back.dims == a.dims
    assert math.isclose(back.value, a.value, rel_tol=1e-12)


@steady
@given(quantity, quantity)
def test_a_sum_needs_the_same_units(a, b):
    assert quantities.multiply(a, b).dims == quantities.multiply(b, a).dims
    if a.dims == b.dims:
        assert quantities.subtract(quantities.add(a, b), b).dims == a.dims
    else:
        assert rule_of(quantities.add, a, b) == "envelope-unit-mismatch"


@steady
@given(quantity)
def test_dimensions_as_text_are_read_back(a):
    text = quantities.dims_text(a.dims)
    if "·" not in text and not text.startswith("1/"):
        assert quantities.parse_unit(text, NOUNS)[1] == a.dims


@steady
@given(st.floats(min_value=-1e12, max_value=1e12))
def test_floor_and_ceil_enclose_a_value(number):
    low, high = worked("floor(x)", x="1").value, worked("ceil(x)", x="1").value
    assert low == high == 1
    low = quantities.floor_of(number)
    high = -quantities.floor_of(-number)
    slack = 1e-11 * max(1.0, abs(number))
    assert low == int(low) and high - low in (0, 1)
    assert low - slack <= number <= high + slack


# Text made of what formulas are made of, which gets further into the parser than any text does.
formulaic = st.lists(
    st.sampled_from(
        "1 2.5 1e9 90% GPU s req a b ( ) + - * / ^ , = < > <= == ceil max fits kv_bytes 1e99 0".split()
    ),
    max_size=24,
).map(" ".join)


@settings(steady, max_examples=400)
@given(st.text(max_size=80) | formulaic)
@example("2 ^ ^")
@example("fits(, )")
def test_a_formula_is_read_or_refused(text):
    known = {"a": value("2 s"), "b": value("3 req/s peak")}
    try:
        formula = read_formula.parse(text)
        assert set(formula.symbols) | set(formula.functions) <= set(text.replace("(", " ").split()) | {
            name for name in formula.symbols + formula.functions if name in text
        }
        read_formula.evaluate(formula, known, NOUNS)
    except QuantityFault as fault:
        assert fault.rule.startswith("envelope-") and fault.message and fault.fix


@settings(steady, max_examples=300)
@given(st.text(max_size=60) | st.from_regex(r"≈? ?-?[\d,]{1,9}(\.\d{1,4})? ?[A-Za-z/%]{0,8}", fullmatch=True))
def test_a_value_is_read_or_refused(text):
    try:
        read = quantities.parse_printed(text, NOUNS)
        assert read.digits >= 0 and math.isfinite(read.quantity.value)
    except QuantityFault as fault:
        assert fault.rule in ("envelope-value-unreadable", "envelope-unit-unknown")


@settings(steady, max_examples=300)
@given(st.text(alphabet=st.sampled_from("0123456789,.≈ %sGPUreq/-:aB "), max_size=60))
def test_numbers_in_any_prose_stand_where_they_say(text):
    for found in read_numbers.numbers_in(text, NOUNS):
        assert text[found.start :].lstrip("$€£ ").startswith(found.number)
        assert Decimal(found.number.replace(",", "")) >= 0


# Lines made of what pages are made of.
markdown = st.lists(
    st.sampled_from(
        ["---", "title: x", "# a", "## Prompt", "### b {#c}", "> [!safety-state] x", "> a", ">> `b`", "- a",
         "  - b", "1. c", "```", "~~~text", "```mermaid", "flowchart TD", "a --> b", "| a | b |", "| - | - |",
         "|---", "<!-- x", "-->", "<div>", "", "    code", "[a](b) `c` **d**", "\\", "***", "===", "\t",
         "[a]: b", "| Harm | Starts at | Lands at | Stopped by |", "|-|-|-|-|", "| `a` |", "> ```", "`"]
    ),
    max_size=30,
).map("\n".join)  # fmt: skip


@settings(steady, max_examples=400)
@given(st.text(max_size=200) | markdown)
@example("---\n---\n")
@example("---")
@example("> [!a]\n>\n> [!b]")
@example("\x0c# a\n\x0b\u2028b")
def test_a_page_is_always_read_and_its_lines_are_lines_of_the_file(text):
    page = read_page.read("docs/questions/x.md", text)
    count = text.count("\n") + 1
    for block in page.blocks:
        assert 1 <= block.line <= count
        assert all(1 <= line <= count for line, _ in block.rows)
        assert all(1 <= link.line <= count for link in block.links)


YAML = ["a: b", "- c", "  d: e", "{", "}", "[", "]", "&a", "*a", "!!x", "'", '"', ":", "?", "|", ">", "#",
        "%", "---", "...", "\t", "<<: *a", "a: b: c", "- - -", "\0", "a:", ","]  # fmt: skip


@settings(steady, max_examples=400)
@given(st.text(max_size=120) | st.lists(st.sampled_from(YAML), max_size=16).map("\n".join))
@example("? [a]\n: b")
@example("a: &x [*x]")
@example("[" * 500)
@example("- " * 500)
@example("{a: " * 500)
@example("!!python/object/apply:os.system [id]")
@example("%YAML 9.9\n---\na")
@example("--- a\n--- b")
def test_yaml_is_read_or_refused(text):
    try:
        node = read_yaml.read(text)
        assert node.line >= 1
    except read_yaml.YamlFault as fault:
        assert 1 <= fault.line <= text.count("\n") + 2 and fault.message


# ---- headings' ids ---------------------------------------------------------

site_slug = slugify(case="lower")  # as in mkdocs.yml


@steady
@given(st.from_regex(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*", fullmatch=True))
def test_an_id_of_plain_words_is_the_site_s(text):
    assert read_inline.slug(text) == site_slug(text, "-")


@pytest.mark.parametrize(
    "title",
    ["What does the check read?", "Why two checks, not one?", "It’s “late”: now what?", "a/b", "x_y", "A – B",
     "Why 50 % of it?", "Ask & tell", "Café", "300 µs", "Why  two?", "問い"],
)  # fmt: skip
def test_an_id_is_the_site_s(title):
    assert read_inline.slug(title) == site_slug(title, "-")


@steady
@given(st.text(min_size=1, max_size=30))
def test_any_heading_s_id_is_the_site_s(text):
    plain = read_inline.plain(text).strip()
    assume("<" not in plain)  # the site takes tags out first; the rules let none stand in a heading
    assert read_inline.slug(plain) == site_slug(plain, "-")
