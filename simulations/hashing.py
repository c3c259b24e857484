"""How fast one core hashes and decrypts, measured with OpenSSL on this machine.

Run it to rewrite ``results/hashing.json``, a record of one machine on one day:

    python simulations/hashing.py

`openssl speed` counts processor time, so a busy neighbour matters little. Blocks are
16 KiB. A machine without SHA or AES instructions is several times slower; a chunk
that comes from a cold disk is slower still. No test repeats the numbers, because
another machine gives others.
"""

from __future__ import annotations

import platform
import re
import subprocess
from datetime import date
from pathlib import Path

from common import RESULTS, spread, write_results

RUNS = 5
BLOCK_B = 16_384
ALGORITHMS = {"sha256": "hashing.sha256", "aes-256-gcm": "hashing.aes_256_gcm"}
RESULTS_FILE = RESULTS / "hashing.json"


def gigabytes_a_second(algorithm: str) -> float:
    """One core's throughput in GB/s, by `openssl speed`."""
    command = ["openssl", "speed", "-seconds", "1", "-bytes", str(BLOCK_B), "-evp", algorithm]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kilobytes = re.search(rf"^{algorithm}\s+([\d.]+)k", said, re.MULTILINE | re.IGNORECASE)
    if not kilobytes:
        raise ValueError(f"openssl said nothing of {algorithm}")
    return float(kilobytes.group(1)) / 1e6


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else []
    return names[0] if names else platform.machine()


def main() -> None:
    """Measure, and write the record."""
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
    where = f"{processor()}, one core, {version.split(' (')[0].strip()}, {BLOCK_B:,} B blocks"
    entries = {}
    for algorithm, name in ALGORITHMS.items():
        rates = [gigabytes_a_second(algorithm) for _ in range(RUNS)]
        entries[name] = {
            "model": f"{algorithm}; {where}; {RUNS} runs; measured on {date.today().isoformat()}.",
            "unit": "GB/s",
            "mean": spread(rates),
        }
    write_results(entries, RESULTS_FILE)


if __name__ == "__main__":
    main()
