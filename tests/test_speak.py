"""A formula is heard as it is meant: known sentences, and no sentence that two formulas share."""

from collections import defaultdict

import laws
import pytest
import read_formula
from quantities import Quantity
from reader import QUESTIONS
from speak_formula import speak

FORMULAS = """.guide-worked .guide-working > code, .guide-checks td:nth-child(2) > code,
    .guide-folk td:is(:nth-child(2), :nth-child(3)) > code"""


@pytest.mark.parametrize(
    "formula, words",
    [
        ("rate / (per_gpu * target)", "rate over the product of per gpu and target"),
        ("a + b - c * d", "a plus b minus the product of c and d"),
        ("a - (b - c)", "a minus the difference of b and c"),
        ("(a + b) * c", "the sum of a and b times c"),
        ("(a + b * c) / d", "open bracket a plus b times c close bracket over d"),
        ("a / (b / c)", "a over open bracket b over c close bracket"),
        (
            "a * (b - (c + d * e))",
            "a times open bracket b minus open bracket c plus d times e close bracket close bracket",
        ),
        ("1e6 tok/s * 90 %", "1,000,000 tok per s times 90 percent"),
        ("1.5 GB/GPU", "1.5 GB per GPU"),
        ("x ^ 2 + y ^ 3", "x squared plus y cubed"),
        ("2 ^ -1", "2 to the power minus 1"),
        ("-(a + b)", "minus the sum of a and b"),
        ("ceil(rate / per_gpu)", "rate over per gpu, rounded up"),
        ("floor(a)", "a, rounded down"),
        ("min(a, b, c)", "the smallest of a and b and c"),
        ("max(a, 2 s)", "the largest of a and 2 s"),
        ("log2(keys)", "the logarithm to base 2 of keys"),
        ("sqrt(a + b)", "the square root of a plus b"),
        ("wait_own <= limit", "wait own is at most limit"),
        ("a + b >= c", "a plus b is at least c"),
        ("a < b", "a is below b"),
        ("a > b", "a is above b"),
        ("2 * a == b", "2 times a equals b"),
        ("kv_bytes(80, 8, head_dim=128, bytes=2)", "kv bytes: layers 80, kv heads 8, head dim 128, bytes 2"),
        ("fanout_tail(99 %, 100)", "fanout tail: share 99 percent, shards 100"),
        ("peak_of(mean, 3)", "peak of: mean mean, factor 3"),
        ("headroom(rate, n * b, 70 %)", "headroom: load rate, capacity n times b, target 70 percent"),
        ("deadline(limit=7 s, time=wait)", "deadline: limit 7 s, time wait"),
        ("no formula (", "no formula ("),
    ],
)  # fmt: skip
def test_formula_is_said_as_one_says_it(formula, words):
    assert speak(formula) == words


def test_every_function_and_law_can_be_said():
    for name in (*laws.FUNCTIONS, *laws.LAWS):
        count = max(1, sum(not each.startswith("*") for each in laws.parameters(name)))
        said = speak(f"{name}({', '.join('abcd'[:count])})")
        assert "(" not in said and "_" not in said
        assert all(f" {letter} " in f" {said.replace(',', ' ')} " for letter in "abcd"[:count]), said


def _written():
    """Every formula of three symbols and two operators, and with a sign or a function put on any part."""
    wraps = ("({})", "(-{})", "sqrt({})", "ceil({})", "max({}, 2)")
    for first in "+-*/^":
        for inner in wraps:
            inside = inner.format(f"a {first} b")
            yield inside
            for second in "+-*/^":
                for wrapped in ("3", "(-3)", "sqrt(3)", "ceil(3.5)"):
                    yield f"{inside} {second} {wrapped}"
                    yield f"{wrapped} {second} {inside}"
                for outer in wraps[2:]:
                    yield outer.format(f"{inside} {second} 3")
                    yield outer.format(f"3 {second} {inside}")


def test_formulas_that_differ_never_sound_alike():
    """Who only hears a formula can tell where a root, a power or a rounding ends."""
    values = {"a": Quantity(7.3), "b": Quantity(2.0)}
    heard = defaultdict(dict)
    for formula in _written():
        try:
            result = read_formula.evaluate(read_formula.parse(formula), values, set())
        except read_formula.QuantityFault:
            continue  # no number comes of it, such as the root of a negative one
        heard[speak(formula)].setdefault(round(result.value, 9), formula)
    assert len(heard) > 300
    alike = {words: list(meant.values()) for words, meant in heard.items() if len(meant) > 1}
    assert alike == {}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_formula_of_a_question_is_said_in_words(visit, question):
    page = visit(question)
    formulas = page.eval_on_selector_all(
        FORMULAS, "all => all.map(code => [code.textContent, code.role, code.ariaLabel])"
    )
    assert len(formulas) > 20
    for formula, role, label in formulas:
        assert role == "math" and label == speak(formula), formula
        assert not set(label) & set("*/^<>=+_()"), f"{formula} is read as {label}"
