"""Envelope: every number is stated with its origin or recomputed, and the laws hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import quantities
from finding import Problem, shorten
from laws import LAWS, Verdict
from quantities import Quantity, QuantityFault
from read_envelope import SOURCE_LINK, broken_by, substituted
from read_inline import code_in, links_in, plain
from read_numbers import numbers_in

MIN_REASON_WORDS = 2
MAX_DECIMALS = 12


def _faults(page, rule: str) -> Iterator[Problem]:
    for fault in page.envelope.faults:
        if fault.rule == rule:
            yield fault.line, fault.message, fault.fix, fault.evidence


def check_envelope_row_unreadable(page) -> Iterator[Problem]:
    """A row of Given, Worked, Checks or Folk figures can be read: symbol and formula in code marks.

    Why: a row that is not read is a row that is not checked.
    Bad: a symbol without code marks, or one with capitals.
    Good: `per_gpu` in code marks, and `batch / service` in code marks as its working.
    Not an error when: the table has another header; then it is an ordinary table.
    """
    yield from _faults(page, "envelope-row-unreadable")


def check_envelope_value_unreadable(page) -> Iterator[Problem]:
    """A value is one number, one unit and at most one kind.

    Why: 10K may be a thousand or 1,024, 1B a byte, and a range is two assumptions.
    Bad: `10K req/s`, `5-10 s`, `10000 req/s`.
    Good: `10,000 req/s peak`, `≈ 17,000 req/s`.
    Not an error when: never.
    """
    yield from _faults(page, "envelope-value-unreadable")


def check_envelope_unit_unknown(page) -> Iterator[Problem]:
    """A unit is of the closed list, or a count noun that an input row above declares.

    Why: GB and Gb differ by eight, GB and GiB by 7 %; a free unit checks nothing.
    Bad: `5 sec`, `80 gb`, or `req` first used by a formula's row.
    Good: `5 s`, `80 GB`, and an input in `req/s` above.
    Not an error when: an input row uses the noun first; that declares it.
    """
    yield from _faults(page, "envelope-unit-unknown")


def check_envelope_symbol_duplicate(page) -> Iterator[Problem]:
    """A symbol is defined once.

    Why: two values for one quantity is the oldest error of such guides.
    Bad: two rows `rate`.
    Good: `rate` and `rate_mean`.
    Not an error when: never.
    """
    yield from _faults(page, "envelope-symbol-duplicate")


def check_envelope_symbol_undefined(page) -> Iterator[Problem]:
    """A formula uses only symbols defined in a row above it.

    Why: a sum is checked on paper from the top down.
    Bad: `rate / per_gpus`.
    Good: `rate / per_gpu`, with `per_gpu` above.
    Not an error when: never.
    """
    yield from _faults(page, "envelope-symbol-undefined")


def check_envelope_unit_mismatch(page) -> Iterator[Problem]:
    """Units agree: in sums and comparisons, in a function's arguments, and in the printed result.

    Why: requests, seconds and GPUs are dimensions; most wrong envelopes fail here first.
    Bad: `rate + service`, or a result printed in s whose formula gives req.
    Good: `rate * service`, printed in req.
    Not an error when: units differ by a factor only; ms and s convert.
    """
    yield from _faults(page, "envelope-unit-mismatch")


def check_envelope_kinds_mixed(page) -> Iterator[Problem]:
    """A mean, a peak and a p99 do not mix in a sum or a check without a function that says how.

    Why: a fleet sized on a 24-hour mean falls over at noon.
    Bad: `headroom(rate_mean, capacity, target)`.
    Good: `headroom(peak_of(rate_mean, 3), capacity, target)`.
    Not an error when: one side has no kind.
    """
    yield from _faults(page, "envelope-kinds-mixed")


def check_envelope_formula_invalid(page) -> Iterator[Problem]:
    """A formula is arithmetic: numbers, symbols, + - * / ^, one comparison, named functions.

    Why: formulas come from strangers; they are data, never code.
    Bad: `__import__('os')`, `9^9^9`, `kv_byte(...)`.
    Good: `ceil(rate / (per_gpu * target))`.
    Not an error when: never.
    """
    yield from _faults(page, "envelope-formula-invalid")


def check_envelope_result_wrong(page) -> Iterator[Problem]:
    """A printed result is what its formula gives, rounded at the last printed digit.

    Why: this is the guide's promise.
    Bad: `463,000 tok/s` printed as `46,300 tok/s`.
    Good: the value that the formula gives; `≈ 17,000` frees the trailing zeros.
    Not an error when: the value is marked ≈ and only its trailing zeros differ.
    """
    yield from _faults(page, "envelope-result-wrong")


def check_envelope_result_coarse(page) -> Iterator[Problem]:
    """A result prints two significant digits at least, unless it has fewer.

    Why: `3 s` hides everything between 2.5 and 3.5.
    Bad: `3 s` for 2.96 s.
    Good: `2.96 s`, and `2 s` for exactly 2.
    Not an error when: the exact result has one digit.
    """
    yield from _faults(page, "envelope-result-coarse")


def check_envelope_origin_missing(page) -> Iterator[Problem]:
    """A row without a formula says where its value is from, and why it is so.

    Why: an input that nobody vouches for is a guess in a table.
    Bad: an empty working; `assumed` without a reason.
    Good: `assumed: said aloud, the prompt gives one GPU`, `given`, a citation, or a formula.
    Not an error when: `given` stands alone; its number is in the prompt.
    """
    fix = "write a formula in code marks, given, assumed: why, chosen: why, simulated: name, or a citation"
    for row in page.envelope.rows:
        reasons = len(plain(row.reason).split())
        if not row.origin:
            message = f"`{row.symbol}` does not say where its value is from"
            yield row.line, message, fix
        elif row.origin == "cited" and not _cited_facts(page, row):
            message = f"`{row.symbol}` cites a source, but no dated fact of it"
            yield row.line, message, "link to the fact's id, with its value as text"
        elif row.formula and not row.formula.symbols and not set(row.formula.functions) - {"min", "max"}:
            message = f"the working of `{row.symbol}` uses no symbol: it only repeats a number"
            yield row.line, message, "compute it from rows above, or write assumed: why"
        elif row.origin in ("assumed", "chosen") and reasons < MIN_REASON_WORDS:
            message = f"`{row.symbol}` is {row.origin} without a reason"
            yield row.line, message, f"write {row.origin}: why"


def check_envelope_given_absent(page) -> Iterator[Problem]:
    """A given value's number stands in the Prompt, in the quotation of the interviewer.

    On a page without a Prompt it stands in a quotation.

    Why: "given" means that the interviewer said it.
    Bad: `given` for 100 where the prompt names no number.
    Good: "up to 100 inputs per batch" in the prompt, and `given` in the row.
    Not an error when: the value is said by you; then it is assumed.
    """
    blocks = page.section("Prompt") if page.kind.sections else page.blocks
    prompt = " ".join(b.text for b in blocks if b.quote)
    numbers = {number.rstrip(",") for number in re.findall(r"\d[\d,]*(?:\.\d+)?", prompt)}
    for row in page.envelope.rows:
        if row.origin == "given" and row.printed and row.printed.number not in numbers:
            message = f"`{row.symbol}` is given as {row.printed.number}, which the Prompt does not say"
            yield row.line, message, "quote it in the Prompt, or write assumed: why"


def check_envelope_simulation_differs(page) -> Iterator[Problem]:
    """A simulated or measured value is the one in the data file, rounded at the last printed digit.

    Why: a figure from a run that nobody can repeat is a memory.
    Bad: `2.28 s p99` where the file has 2.41; a name that no simulation wrote.
    Good: a row in `s p99` that says simulated and the name of the run.
    Not an error when: never; run the simulation and print what it says.
    """
    for row in page.envelope.rows:
        if row.origin in ("simulated", "measured") and row.printed:
            for message, fix in _simulation(page, row):
                yield row.line, f"`{row.symbol}`: {message}", fix


def _simulation(page, row) -> Iterator[tuple[str, str]]:
    name = next(iter(code_in(row.reason)), row.reason)
    entry, printed, nouns = page.guide.results.get(name), row.printed, page.envelope.nouns
    kind = printed.quantity.kind
    if entry is None:
        message = f"no simulation or measurement is named `{shorten(name)}`"
        yield message, "name an entry of simulations/results/"
    elif kind not in entry:
        message = (
            f"the value does not say which of {', '.join(k for k in quantities.KINDS if k in entry)} it is"
        )
        yield message, "end the value with its kind"
    else:
        factor, dims = quantities.parse_unit(entry["unit"], nouns)
        exact = Quantity(entry[kind]["value"] * factor, dims)
        try:
            if not quantities.agrees(printed, exact, nouns):
                found = quantities.show(exact, printed.unit, nouns, printed.decimals)
                message = f"printed {plain(row.value)}, the data file has {found} {kind}"
                yield message, "print what the data file has"
        except QuantityFault as fault:
            yield fault.message, fault.fix


def check_envelope_citation_differs(page) -> Iterator[Problem]:
    """A cited value is its fact's value; only a count noun may be added to the unit.

    Why: a number copied by hand from a data sheet is a number that drifts.
    Bad: `96 GB/GPU` beside a link to a fact that says 80 GB.
    Good: `80 GB/GPU` beside `[80 GB](../sources.md#h100-memory)`.
    Not an error when: the link goes to a source without a fact; then there is nothing to compare.
    """
    for row in page.envelope.rows:
        if row.origin != "cited" or not row.printed:
            continue
        facts = _cited_facts(page, row)
        if facts and not any(_says(row, fact.value) for fact in facts):
            message = f"`{row.symbol}` says {plain(row.value)}, its source says {facts[0].value}"
            yield row.line, message, "print the source's value"


def _cited_facts(page, row) -> list:
    found = [SOURCE_LINK.fullmatch(link.target) for link in links_in(row.working, row.line)]
    facts = page.guide.register.facts
    return [facts[match.group(1)] for match in found if match and match.group(1) in facts]


def _says(row, value: str) -> bool:
    number, _, unit = value.removeprefix("≈").strip().partition(" ")
    added = row.printed.unit.removeprefix(unit)
    return (
        row.printed.number == number and row.printed.unit.startswith(unit) and (not added or added[0] == "/")
    )


def check_envelope_row_unused(page) -> Iterator[Problem]:
    """Every row is used: by a formula, a check, a folk figure, the headline or a link in the text.

    Why: a number that changes nothing is decoration.
    Bad: a row `tokens_day` that no row, check or sentence uses.
    Good: the row with a check that it feeds, or no row.
    Not an error when: a sentence links to it; on a page without a contract, a worked, simulated or
    cited row may be the answer itself.
    """
    used = {s for f in page.envelope.formulas() for s in f.symbols}
    lines = {row.symbol: row.line for row in page.envelope.rows}
    targets = [(link.target.removeprefix("#"), link.line) for link in page.links]
    used |= {target for target, line in targets if line != lines.get(target)}
    headline = page.front.get("headline") if page.front else None
    used |= {symbol for symbol, _ in headline.items()} if headline else set()
    for row in page.envelope.rows:
        is_answer = not page.kind.sections and row.origin not in ("given", "assumed", "chosen")
        if row.symbol not in used and not is_answer:
            message = f"nothing uses `{row.symbol}`"
            yield row.line, message, "use it in a formula, a check or a sentence, or cut it"


def _law(check) -> str:
    return next((f for f in check.formula.functions if f in LAWS), "") if check.formula else ""


def check_envelope_check_fails(page) -> Iterator[Problem]:
    """Every check holds.

    Why: an envelope whose own laws fail is a design that does not work.
    Bad: `headroom(rate, 200 GPU * per_gpu, target)` at a utilisation of 100 %.
    Good: the fleet that the law asks for.
    Not an error when: it is a folk figure, which must fail.
    """
    for check in page.envelope.checks:
        if check.verdict and not check.verdict.holds:
            proof = f"{check.formula.text} = {substituted(check.formula, page.envelope)}"
            message = f"{check.law} does not hold: {broken_by(check.verdict, page.envelope.nouns)}"
            fix = "change the design until it holds; do not change the law"
            yield check.line, message, fix, (proof,)


def check_envelope_check_trivial(page) -> Iterator[Problem]:
    """A check uses symbols of the envelope, and neither of its sides is nothing.

    Why: `1 <= 2` holds on every page.
    Bad: `1 <= 2`, `deadline(wait * 0, limit)`.
    Good: `deadline(wait, limit)`.
    Not an error when: never.
    """
    for check in page.envelope.checks:
        if check.verdict and not check.formula.symbols:
            yield check.line, f"{shorten(check.law)} uses no symbol", "hold a law against the envelope's rows"
        elif check.verdict and not (check.verdict.left.value and check.verdict.right.value):
            yield check.line, f"a side of {shorten(check.law)} is zero", "compare two real quantities"


def check_envelope_law_misnamed(page) -> Iterator[Problem]:
    """A check's first cell names the law that its formula calls, and it calls one or compares.

    Why: the law is what the reader remembers.
    Bad: `Headroom` beside `fits(...)`.
    Good: `Headroom` beside `headroom(...)`, `Little's law` beside `little(...)`.
    Not an error when: the check is a bare comparison under a name of its own.
    """
    names = {key: name for key, (_, name) in LAWS.items()}
    for check in page.envelope.checks:
        law = _law(check)
        said = next((key for key, name in names.items() if check.law.lower().startswith(name.lower())), "")
        if check.formula and said != law:
            fix = f"name it {names[law]}" if law else f"call {said}(...), or give the comparison another name"
            message = f"`{shorten(check.law)}` stands beside `{shorten(check.formula.text, 50)}`"
            yield check.line, message, fix


def check_envelope_reads_differs(page) -> Iterator[Problem]:
    """What a check prints under *Reads* is what its law computed.

    Why: it is the number that the reader will say aloud.
    Bad: `60 % with a zone gone` where the utilisation is 68 %.
    Good: `68 % with a zone gone`; `22.6 of 72 GB`.
    Not an error when: the number stands in the check's own formula, not with another unit.
    """
    for check in page.envelope.checks:
        if not check.verdict:
            continue
        found = list(_reads(check.reads, page.envelope.nouns))
        if not found:
            yield (
                check.line,
                "Reads holds no number",
                f"print what the law computed: {_computed(check, page)}",
            )
        stated = re.findall(r"([\d.]+) ?(%|[A-Za-z][A-Za-z/]*)?", check.formula.text)
        for number, unit in found:
            known = any(number == n and (u in ("", unit) or not unit) for n, u in stated)
            if not known and not _is_read(number, unit, check.verdict, page.envelope.nouns):
                message = (
                    f"Reads says {f'{number} {unit}'.strip()}; the law computed {_computed(check, page)}"
                )
                yield check.line, message, "print one of the computed numbers"


def _computed(check, page) -> str:
    nouns = page.envelope.nouns
    return ", ".join(quantities.show(q, None if q.dims else "%", nouns) for q in check.verdict.reads)


def _reads(text: str, nouns: set[str]) -> Iterator[tuple[str, str]]:
    """Numbers with their units; one without takes the unit of the next that has one (22.6 of 72 GB)."""
    found = numbers_in(plain(text), nouns)
    for place, number in enumerate(found):
        yield number.number, next((f.unit for f in found[place:] if f.unit), "")


def _is_read(number: str, unit: str, verdict: Verdict, nouns: set[str]) -> bool:
    # "22.6 of 72 GB" may leave out the /GPU that both sides share.
    bare = [replace(side, dims=tuple(d for d in side.dims if d[0] not in nouns)) for side in verdict.reads]
    return any(_says_number(side, number, unit, nouns) for side in (*verdict.reads, *bare))


def _says_number(side: Quantity, number: str, unit: str, nouns: set[str]) -> bool:
    decimals = len(number.partition(".")[2])
    try:
        value = quantities.in_unit(side, unit, nouns)
    except QuantityFault:
        return False
    printed = Decimal(number.replace(",", ""))
    return decimals <= MAX_DECIMALS and quantities.rounded(value, decimals) == printed


def check_envelope_headroom_missing(page) -> Iterator[Problem]:
    """There is a headroom check, and its capacity rests on a chosen value.

    Why: a fleet computed to fit the load fits it by construction; a choice can be wrong.
    Bad: no `headroom(...)`; or one whose capacity is `ceil(load / ...)` of the same load.
    Good: `headroom(rate, gpus * per_gpu * 7/8, target)` with `gpus` chosen.
    Not an error when: never.
    """
    if not page.envelope.rows:
        return
    line = page.line_of("Envelope")
    calls = [c for c in page.envelope.checks if _law(c) == "headroom"]
    if not calls:
        fix = "add | Headroom | `headroom(load, capacity, target)` | ... |"
        yield line, "no check calls headroom", fix
    for check in calls:
        rests = page.envelope.rests_on(_symbols(_capacity(check)))
        if not any(r.origin == "chosen" for r in page.envelope.rows if r.symbol in rests):
            message = "the capacity in headroom rests on no chosen value"
            fix = "choose the fleet in a row of its own (chosen: why), and hold the law against it"
            yield check.line, message, fix


def _capacity(check) -> tuple:
    """The tree of a headroom's capacity; of what is no call of headroom, the whole."""
    match check.formula.tree:
        case ("call", "headroom", [_, capacity, *_], _) | ("call", "headroom", _, {"capacity": capacity}):
            return capacity
    return check.formula.tree


def _symbols(tree) -> Iterator[str]:
    match tree:
        case ("symbol", name):
            yield name
        case tuple() | list():
            for part in tree:
                yield from _symbols(part)
        case dict():
            yield from _symbols(tuple(tree.values()))


def check_envelope_checks_idle(page) -> Iterator[Problem]:
    """Besides headroom, one check more uses an input that no sized row used, so that it can fail.

    Why: a check that only repeats the sizing cannot be wrong.
    Bad: headroom alone, or a second check made of the same inputs.
    Good: `fits(weights + cache, hbm * 90 %)` where nothing was sized from `hbm`.
    Not an error when: never.
    """
    rows = page.envelope.rows
    if not rows or not page.envelope.checks:
        return
    sized = {
        s
        for r in rows
        if r.formula and "ceil" in r.formula.functions
        for s in page.envelope.rests_on([r.symbol])
    }
    others = [c for c in page.envelope.checks if c.formula and _law(c) != "headroom"]
    inputs = {r.symbol for r in rows if r.origin != "formula"}
    if not any((page.envelope.rests_on(c.formula.symbols) & inputs) - sized for c in others):
        message = "no check besides headroom uses an input that sized nothing"
        fix = "add a check that can fail: memory, deadline, bandwidth, Little's law"
        yield page.line_of("Envelope"), message, fix


def check_envelope_folk_differs(page) -> Iterator[Problem]:
    """A folk figure's working gives the figure that people quote.

    Why: to break a figure one must first quote it fairly.
    Bad: they say 200 GPU, and the working gives 250.
    Good: the working as people do it, and its result.
    Not an error when: never.
    """
    yield from _faults(page, "envelope-folk-differs")


def check_envelope_folk_unbroken(page) -> Iterator[Problem]:
    """The law in *Breaks* is false for the folk figure: the page proves it wrong.

    Why: a figure that obeys every law is not a folk figure but an answer.
    Bad: a law that the figure passes.
    Good: `headroom(rate, 200 GPU * per_gpu, target)`, which fails at 100 %.
    Not an error when: the table is absent because the brief's figures hold.
    """
    for folk in page.envelope.folks:
        if folk.working and folk.breaks and not _shared(folk):
            message = f"the law in Breaks names neither “{folk.says}” nor what it was worked from"
            yield (
                folk.line,
                message,
                "hold the figure, with its unit, or a symbol of its working against a law",
            )
        elif folk.verdict and folk.verdict.holds:
            message = f"“{folk.says}” passes the law that should break it: {folk.breaks.text}"
            fix = "name the law that it breaks, or drop the row"
            yield folk.line, message, fix


def _shared(folk) -> set[str]:
    """Symbols and numbers that a folk figure and the law it breaks share; 0, 1 and 2 only as the figure."""
    figure, held = folk.says.replace(",", ""), folk.breaks.text
    numbers = _numbers(f"{figure} {folk.working.text}") & _numbers(held) - {"0", "1", "2"}
    whole = set(re.findall(rf"(?<![\w.]){re.escape(figure)}(?![\w/])", held))
    return numbers | whole | set(folk.working.symbols) & set(folk.breaks.symbols)


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.])\d[\d.]*", text))


RULES = (
    check_envelope_row_unreadable,
    check_envelope_value_unreadable,
    check_envelope_unit_unknown,
    check_envelope_symbol_duplicate,
    check_envelope_symbol_undefined,
    check_envelope_unit_mismatch,
    check_envelope_kinds_mixed,
    check_envelope_formula_invalid,
    check_envelope_result_wrong,
    check_envelope_result_coarse,
    check_envelope_origin_missing,
    check_envelope_given_absent,
    check_envelope_simulation_differs,
    check_envelope_citation_differs,
    check_envelope_row_unused,
    check_envelope_check_fails,
    check_envelope_check_trivial,
    check_envelope_law_misnamed,
    check_envelope_reads_differs,
    check_envelope_folk_differs,
    check_envelope_folk_unbroken,
)
QUESTION_RULES = (check_envelope_headroom_missing, check_envelope_checks_idle)
