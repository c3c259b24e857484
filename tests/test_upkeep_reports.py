"""The weekly reports on facts to be looked at again and on packages with newer releases."""

from datetime import date

import packages
import read_sources
import reviews
from test_upkeep_changes import git, inert

REGISTER = """
one:
  title: One
  address: https://one.example/
  facts:
    early: {value: "5 `s` | @somebody <b>", as_of: 2026-01, review_by: 2026-02-01}
    late: {value: 7 s, as_of: 2026-01, review_by: 2027-01-01}
    earlier: {value: 9 s, as_of: 2025-01, review_by: 2026-01-01}
"""
OLD = "fresh==1.10\none==1.9 \\\n    --hash=sha256:aa\ngone==2 ; os_name == 'nt' \\\n"
NEW = "fresh==1.9\none==1.10 \\\n    --hash=sha256:bb\nnew-one==0.1rc1 \\\n"


def test_overdue_facts_are_listed_the_longest_overdue_first(tmp_path):
    (tmp_path / "sources.yml").write_text(REGISTER)
    register = read_sources.read(tmp_path / "sources.yml", "docs/sources.yml")
    said = reviews.report(register, date(2026, 6, 1))
    rows = said.splitlines()[-2:]
    assert rows == [
        "| `2026-01-01` | `earlier` | `9 s` | `https://one.example/` |",
        "| `2026-02-01` | `early` | `5 's' ¦ @somebody <b>` | `https://one.example/` |",
    ]
    assert "somebody" not in inert(said)[0]
    assert reviews.report(register, date(2025, 12, 31)) == ""


def test_a_new_lock_is_told_package_by_package(tmp_path, monkeypatch, capsys):
    git(tmp_path, "init", "-q")
    for name in packages.LOCKS:
        (tmp_path / name).write_text(OLD)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Lock")
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    packages.main("HEAD")
    assert capsys.readouterr().out == "\n"
    (tmp_path / "requirements-dev.txt").write_text(NEW)
    (tmp_path / "requirements.txt").write_text("fresh==1.9\none==1.10\n")
    packages.main("HEAD")
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "| --- | --- | --- |",
        "| `gone` | `2` | – |",
        "| `new-one` | – | `0.1rc1` |",
        "| `one` | `1.9` | `1.10` |",
    ]
