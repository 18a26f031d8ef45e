"""Many programs on one record at the same time: each waits for its turn, and nobody's words are lost."""

from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from tests.conftest import NOON, Cli, Said

WRITERS, CHECKS = 8, 25


def catalogue_with(items: int) -> str:
    """Return a catalogue of one task with so many items."""
    head = """\
version: "1"
roles:
  - id: r
    name: R
    tiers: [{id: t, title: T}]
    tasks:
      - id: k
        name: K
        why: Because
        expectations:
          t:
"""
    return head + "".join(f"            - {{id: i-{number}, text: Do {number}}}\n" for number in range(items))


def check_many(store: Path, catalogue: Path, writer: int) -> list[Said]:
    """Check this writer's own items one by one, each with a note of its own (runs in a process of its own)."""
    cli = Cli(
        store=store,
        now=NOON + timedelta(days=writer),
        account=f"writer-{writer}",
        env={"CA_LADDER_CATALOGUE": str(catalogue)},
    )
    return [
        cli("check", f"i-{writer * CHECKS + number}", "--note", f"{writer} says {number}") for number in range(CHECKS)
    ]


def test_two_hundred_checks_by_eight_programs_lose_nothing(tmp_path: Path) -> None:
    """Each says that it is done with exit code 0, and each is in the record, in one unbroken chain."""
    store, catalogue = tmp_path / "record.json", tmp_path / "catalogue.yaml"
    catalogue.write_text(catalogue_with(WRITERS * CHECKS), encoding="utf-8")
    cli = Cli(store=store, now=NOON + timedelta(days=30), env={"CA_LADDER_CATALOGUE": str(catalogue)})
    cli("init", "--name", "Ann", "--start", "2026-01-05")
    with ProcessPoolExecutor(WRITERS, mp_context=get_context("spawn")) as pool:
        writers = [pool.submit(check_many, store, catalogue, writer) for writer in range(WRITERS)]
        said = [each for writer in writers for each in writer.result()]  # a run that fails raises here
    assert [(each.stdout, each.stderr) for each in said] == [
        (f"Checked i-{number}. It waits for a mentor to sign off.\n", "") for number in range(WRITERS * CHECKS)
    ]
    events = cli("log", "--json").json["events"]
    assert {(event["account"], event["item"], event["note"]) for event in events[1:]} == {
        (f"writer-{writer}", f"i-{writer * CHECKS + number}", f"{writer} says {number}")
        for writer in range(WRITERS)
        for number in range(CHECKS)
    }
    assert [event["parents"] for event in events[1:]] == [[event["id"]] for event in events[:-1]]
    assert {item["state"] for item in cli("list", "--json").json["items"]} == {"checked"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".record.json.lock", "catalogue.yaml", "record.json"]
