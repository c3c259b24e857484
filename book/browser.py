"""Finds the Chromium that prints the book and that the tests drive, or says in one line what to install.

The system's comes first, then Playwright's own download; where we are root on Debian, apt installs one.
No test skips for want of a browser.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HELP = (
    "No Chromium found: install one (Debian: apt-get install chromium; macOS: brew install --cask chromium), "
    "or run .venv/bin/playwright install chromium."
)


class NoBrowser(Exception):
    """There is no Chromium, and none could be installed."""


@cache
def chromium() -> str:
    """The path of a Chromium that starts."""
    path = _on_the_system() or _playwrights_own()
    if not path and _installed_by_apt():
        path = _on_the_system()
    if not path:
        raise NoBrowser(HELP)
    return path


def _on_the_system() -> str | None:
    found = [shutil.which(name) for name in NAMES] + list(PLACES)
    return next((path for path in found if path and _starts(path)), None)


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if _starts(path) else None


def _starts(path: str) -> bool:
    """Whether it runs: on Ubuntu `chromium-browser` may be a stub that only names a snap."""
    if not Path(path).exists():
        return False
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=120).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _installed_by_apt() -> bool:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, stdout=sys.stderr)
    return subprocess.run(install, env=environment, stdout=sys.stderr).returncode == 0


if __name__ == "__main__":
    try:
        print(chromium())
    except NoBrowser as missing:
        sys.exit(str(missing))
