"""What the simulations share: rounding, the spread over seeds, and the files they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
FIGURES = HERE.parent / "docs" / "assets" / "figures"


def rounded(value: float) -> float:
    """`value` to 4 significant digits."""
    return float(f"{value:.4g}")


def spread(values: list[float]) -> dict[str, float]:
    """Mean over seeds, and the lowest and highest seed."""
    return {
        "value": rounded(float(np.mean(values))),
        "low": rounded(min(values)),
        "high": rounded(max(values)),
    }


def write_results(results: dict, file: Path) -> None:
    """Write the entries of one simulation as JSON."""
    write_text(json.dumps(results, indent=2) + "\n", file)


def write_text(text: str, file: Path) -> None:
    """Write a file, and its folder if there is none yet."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
