"""A cascade of two classifiers against one, at the same share of false refusals.

An exchange has two scores, one from a probe that sees everything and one from
a judge. Over harmless exchanges both are standard normal, with a correlation:
how alike the two err. A harmful exchange is shifted by a separation in each
score, in standard deviations, and keeps the correlation. Thresholds are set
on harmless exchanges alone, so that every set-up refuses the same share of
them; then harmful exchanges are counted. Half of the results are therefore
about thresholds, which is the point.

Run it to rewrite ``results/cascade.json`` and the figure:

    python simulations/cascade.py

In the results, `mean` is the share of harmful exchanges refused, in %, with
the mean over seeds and the range over seeds. Entries share their seeds, so
their differences are not luck of the draw. The same NumPy release gives the
same files byte for byte.

The separations are choices, not measurements of any product: the results say
how set-ups compare when errors are more or less alike, never how good a real
guard is. What the model leaves out, and so must not be quoted for:

* scores that are not normal: real tails are heavier, and bounded by labels;
* attackers who see verdicts and adapt; an attack here is a fixed shift;
* attempts that are alike: a jailbreak that passes once passes again, so the
  share is no chance per attempt;
* streams judged by the chunk, conversations, and scores that change as text
  grows;
* several classes of harm in one model: where classes share the allowances of
  refusals and escalations, one of them is simulated with its equal share;
* calibration on few samples: thresholds here come from millions;
* weights fitted to the errors: the mean of two scores that err alike is worse
  than the better score, and a fitted weight would leave the other out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from common import FIGURES, RESULTS, spread, write_results, write_text

SEEDS = tuple(range(1, 11))
HARMLESS, HARMFUL = 1_000_000, 100_000
FALSE_REFUSALS = 0.0005
ESCALATED = 0.055
CLASSES = 8
CORRELATIONS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

RESULTS_FILE = RESULTS / "cascade.json"
FIGURE_FILE = FIGURES / "cascade-correlation.svg"

SETUPS = {
    "probe": "the probe alone decides on everything",
    "alone": "the judge alone decides on everything",
    "agree": "the probe escalates 5.5 %; the judge decides on those, and what is not escalated passes",
    "blend": "the probe escalates 5.5 %; the mean of both scores decides on those, and the rest passes",
    "all_blend": "the mean of both scores decides on everything",
}


@dataclass(frozen=True)
class Attack:
    """How far a kind of harmful exchange lies from harmless ones, in standard deviations."""

    words: str
    probe: float
    judge: float


ATTACKS = {
    "plain": Attack("harm that both see", 4.0, 4.5),
    "hidden": Attack("an attack tuned to hide from the probe", 0.5, 4.5),
    "coded": Attack("an attack whose text looks harmless to the judge", 4.0, 0.5),
}


@lru_cache(maxsize=len(SEEDS))
def draws(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Independent normals of one seed, two rows each: for harmless and for harmful exchanges."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((2, HARMLESS)), rng.standard_normal((2, HARMFUL))


def pairs(correlation: float, normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probe and judge scores of harmless exchanges, from two rows of independent normals."""
    probe, other = normals[0], normals[1]
    return probe, correlation * probe + np.sqrt(1.0 - correlation**2) * other


def threshold(scores: np.ndarray, share: float) -> float:
    """The score that this share of all `scores` exceeds; scores of -inf never do."""
    place = len(scores) - round(share * len(scores))
    return float(np.partition(scores, place)[place])


def decisive(setup: str, probe: np.ndarray, judge: np.ndarray, gate: float) -> np.ndarray:
    """The score that decides; -inf where the exchange is never decided on.

    Raises ValueError for an unknown set-up.
    """
    if setup == "probe":
        return probe
    if setup == "alone":
        return judge
    if setup == "all_blend":
        return (probe + judge) / 2
    if setup in ("agree", "blend"):
        score = judge if setup == "agree" else (probe + judge) / 2
        return np.where(probe > gate, score, -np.inf)
    raise ValueError(f"unknown set-up {setup!r}")


def refused(setup: str, attack: Attack, correlation: float, seed: int, classes: int = 1) -> float:
    """Share of one class's harmful exchanges refused, in %, where so many classes share the allowances.

    Raises ValueError for an impossible correlation.
    """
    if not 0.0 <= correlation < 1.0:
        raise ValueError("need 0 <= correlation < 1")
    harmless, harmful = draws(seed)
    harmless = pairs(correlation, harmless)
    probe, judge = pairs(correlation, harmful)
    gate = threshold(harmless[0], ESCALATED / classes)
    limit = threshold(decisive(setup, *harmless, gate), FALSE_REFUSALS / classes)
    scores = decisive(setup, probe + attack.probe, judge + attack.judge, gate)
    return 100.0 * float(np.mean(scores >= limit))


def _entries() -> dict[str, tuple[str, str, float, int]]:
    """Name -> (set-up, attack, correlation, classes)."""
    entries = {
        "cascade.alone": ("alone", "plain", 0.3, 1),
        "cascade.probe": ("probe", "plain", 0.3, 1),
    }
    for setup in ("agree", "blend"):
        for correlation in CORRELATIONS:
            entries[f"cascade.{setup}_{100 * correlation:.0f}"] = (setup, "plain", correlation, 1)
    for attack in ("hidden", "coded"):
        for setup in ("alone", "blend", "all_blend"):
            entries[f"cascade.{attack}_{setup}"] = (setup, attack, 0.3, 1)
    for setup in ("alone", "blend"):
        entries[f"cascade.shared_{setup}"] = (setup, "plain", 0.3, CLASSES)
    return entries


ENTRIES = _entries()


def describe(setup: str, attack: str, correlation: float, classes: int) -> str:
    """One sentence: what was simulated."""
    shift = ATTACKS[attack]
    shared = f", escalated and refused shares divided by {classes} classes" if classes > 1 else ""
    return (
        f"Two normal scores, correlation {correlation:g}; {SETUPS[setup]}; "
        f"{100 * FALSE_REFUSALS:g} % of harmless exchanges refused{shared}; {shift.words}: "
        f"separation {shift.probe:g} for the probe and {shift.judge:g} for the judge."
    )


def run_entry(name: str, seeds: tuple[int, ...] = SEEDS) -> dict:
    """The results entry `name`. Raises KeyError for a name that is not in ENTRIES."""
    setup, attack, correlation, classes = ENTRIES[name]
    shares = [refused(setup, ATTACKS[attack], correlation, seed, classes) for seed in seeds]
    return {
        "model": describe(*ENTRIES[name]),
        "unit": "%",
        "seeds": list(seeds),
        "mean": spread(shares),
    }


def figure_series(results: dict) -> dict[str, list[float]]:
    """What `cascade_figure.draw` needs: shares refused by set-up, at each of CORRELATIONS."""
    flat = results["cascade.alone"]["mean"]["value"]
    series = {"alone": [flat] * len(CORRELATIONS)}
    for setup in ("agree", "blend"):
        names = [f"cascade.{setup}_{100 * correlation:.0f}" for correlation in CORRELATIONS]
        series[setup] = [results[name]["mean"]["value"] for name in names]
    return series


def main() -> None:
    """Write the results file and the figure."""
    import cascade_figure  # beside this file; only the script needs it

    results = {name: run_entry(name) for name in ENTRIES}
    drawing = cascade_figure.draw(CORRELATIONS, figure_series(results))
    write_results(results, RESULTS_FILE)
    write_text(drawing, FIGURE_FILE)


if __name__ == "__main__":
    main()
