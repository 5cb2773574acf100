"""Pages of studies: what the store holds, live, read only, and nothing of the machine."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.portal.running import apart, awaited, running
from tests.portal.test_accessibility import serious
from tests.sweeps.studies import TOY, run, written

from flopcast.cli.app import main
from flopcast.portal import Settings, create_app
from flopcast.portal.export.asking import Answered, ask
from flopcast.portal.studies.folders import named, stamp
from flopcast.portal.studies.paths import cleaned, without_paths
from flopcast.records.query import Catalogue
from flopcast.sweeps.state import State
from flopcast.sweeps.store import Store

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Asked = Callable[[str], Answered]
Opened = Callable[..., Asked]
#: Ends after the small corner and one forecast.
SHORT = {"grid": {"kind": "factorial", "batch": 16}, "stop": {"width": 5.0}}
TEACHER = {
    "metric": "loss",
    "name": "teacher <i>& student",
    "train": "flopcast.sweeps.teacher_student:train",
    "axes": {
        "params": {"role": "params", "values": [8, 16, 32]},
        "data": {"role": "data", "values": [256, 512, 1024]},
    },
    "target": {"params": 64, "data": 4096},
    "grid": {"kind": "factorial", "batch": 3},
    "cost": {"flop": "data * params**2"},
    "budget": {"cap": 1e9, "unit": "flop"},
}


@pytest.fixture
def portal(release: Catalogue, tmp_path: Path) -> Iterator[Opened]:
    """Opens a portal on folders of studies; gives a way to ask it."""
    apps = []

    def opened(*folders: Path) -> Asked:
        kept = f"sqlite:///{tmp_path / 'visitors.sqlite'}"
        app = create_app(
            Settings(catalogue=release.path, database=kept, studies=folders, view_seconds=300)
        )
        apps.append(app)
        return lambda address: awaited(ask(app, address))

    yield opened
    for app in apps:
        app.state.desk.close()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that ran, its target too."""
    folder = tmp_path_factory.mktemp("studies") / "teacher"
    run(written(folder, **TEACHER), target=True)
    return folder


def test_a_finished_study(
    portal: Opened, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page holds what the command line says, in every form, and nothing of the machine."""
    answer = portal(finished)
    main(["sweep", "status", str(finished), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert json.loads(answer("/studies/teacher.json").body) == told
    body = answer("/studies/teacher").body.decode()
    text = " ".join(unescape(re.sub("<[^>]*>", " ", body)).split())
    assert "teacher <i>& student" in unescape(body)
    assert "<i>" not in body
    assert f"forecast as {told['forecasts'][-1]['forecast']['median']:.4g}" in text
    assert f"It measured {told['outcome']['held_out'][0]['measured']:.4g}" in text
    assert "Cells ended 10 of 10" in text
    assert "Stopped: the target is trained" in text
    assert 'http-equiv="refresh"' not in body
    for row in answer("/studies/teacher.csv").body.decode().splitlines()[1:]:
        assert row[:8] in text
    assert b"<svg" in answer("/studies/teacher.svg").body
    listed = json.loads(answer("/studies.json").body)["studies"]
    assert [(one["study"], one["ended"], one["state"]) for one in listed] == [
        ("teacher", 10, "stopped")
    ]
    everything = (answer(f"/studies{tail}").body for tail in ("", "/teacher", "/teacher.json"))
    assert not any(str(finished.parent).encode() in body for body in everything)


def test_a_grid_shows_every_place(portal: Opened, finished: Path) -> None:
    """The grid of the two axes has a loss at each place, the smallest model's the highest."""
    page = portal(finished)("/studies/teacher").body.decode()
    grid = page[page.index('class="shaded"') : page.index("</table>", page.index("shaded"))]
    cells = re.findall(r'<td class="number shade-(\d)">([\d.]+)</td>', grid)
    assert len(cells) == 9
    assert cells[0][0] == "4"
    assert max(float(value) for _, value in cells) == float(cells[0][1])


def test_reading_leaves_no_trace(portal: Opened, finished: Path, tmp_path: Path) -> None:
    """No file appears or changes while pages of a study that nobody works on are read."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    answer = portal(folder)
    assert answer("/studies/copy").status == answer("/studies").status == 200
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_scheduler_at_work(portal: Opened, tmp_path: Path) -> None:
    """While another process writes, the page answers, asks again, and shows what was written."""
    folder = tmp_path / "live"
    run(written(folder, **SHORT))
    answer = portal(folder)
    with Store.open(folder) as store:
        store.record("decision", {"action": "run", "code": "next", "reason": "more", "cells": []})
        first = answer("/studies/live").body.decode()
        assert '<meta http-equiv="refresh" content="10">' in first
        assert 'http-equiv="refresh"' not in answer("/studies/live?refresh=off").body.decode()
        store.connection.execute("BEGIN IMMEDIATE")
        store.connection.execute("UPDATE cells SET state = 'running' WHERE number = 9")
        assert answer("/studies/live?q=running").status == 200
        store.connection.execute("COMMIT")
        rows = answer("/studies/live.csv").body.decode()
    assert rows.count(",running,") == 1
    assert store.folder == folder


def test_failures_have_reasons_without_paths(portal: Opened, tmp_path: Path) -> None:
    """A cell that failed is shown with its reason; the file's name is there, its folder is not."""
    folder = tmp_path / "failing"
    run(written(folder, train=f"{TOY}:broken"))
    answer = portal(folder)
    page = unescape(answer("/studies/failing").body.decode())
    document = answer("/studies/failing.json").body.decode()
    for text in (page, document, answer("/studies/failing.csv").body.decode()):
        assert "no GPU here" in text
        assert "…/toy.py:" in text
        assert str(TOY.parent) not in text
        assert str(tmp_path) not in text
    assert json.loads(document)["cells"][State.FAILED] == 16


def test_nothing_of_the_folder_is_run(portal: Opened, tmp_path: Path) -> None:
    """Training code in the folder is not even imported."""
    folder = tmp_path / "study"
    code = folder / "train.py"
    folder.mkdir()
    code.write_text(TOY.read_text("utf-8"), "utf-8")
    run(written(folder, train=f"{code}:train", **SHORT))
    mark = tmp_path / "imported"
    code.write_text(f"open({str(mark)!r}, 'w').close()\n", "utf-8")
    (folder / "__init__.py").write_text(code.read_text("utf-8"), "utf-8")
    assert portal(folder)("/studies/study").status == 200
    assert not mark.exists()


def test_a_folder_that_breaks(portal: Opened, tmp_path: Path) -> None:
    """What cannot be read says so, on its page, in the list and to programs; repaired, it is back.

    Other studies are shown as ever.
    """
    folder = tmp_path / "toy"
    run(written(folder, **SHORT))
    (tmp_path / "never").mkdir()
    written(tmp_path / "never")
    answer = portal(folder, tmp_path / "never")
    good = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text("name = 3\n", "utf-8")
    broken = answer("/studies/toy")
    assert broken.status == 503
    assert "study.toml: name = 3" in broken.body.decode()
    assert json.loads(answer("/studies/toy.json").body)["code"] == "bad_input"
    assert b"holds no runs of a study" in answer("/studies/never").body
    states = [one["state"] for one in json.loads(answer("/studies.json").body)["studies"]]
    assert states == ["unreadable", "unreadable"]
    (folder / "study.toml").write_text(good, "utf-8")
    assert answer("/studies/toy").status == 200
    (folder / "study.db").write_bytes(b"no database at all" * 100)
    damaged = answer("/studies/toy")
    assert damaged.status == 503
    assert b"study.db is damaged" in damaged.body
    assert str(tmp_path).encode() not in damaged.body


def test_unknown_studies(portal: Opened, finished: Path) -> None:
    """Another name is 404 with those that there are; without a study there are no such pages."""
    answer = portal(finished)
    assert answer("/studies/none").status == 404
    assert "The studies are teacher." in answer("/studies/none").body.decode()
    without = portal()
    assert without("/studies").status == 404
    assert b"/studies" not in without("/about").body


def test_what_the_operator_names_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there, or holds no study, is refused before anything is served."""
    for folder, words in ((tmp_path / "none", "no such folder"), (tmp_path, "holds no study")):
        assert apart(partial(main, ["serve", "--study", str(folder)])) == 2
        assert words in capsys.readouterr().err


def test_names_and_stamps(tmp_path: Path) -> None:
    """Folders of one name differ in their addresses; a stamp changes with what is written."""
    for name in ("a/my.study", "b/my study", "b/my-study"):
        (tmp_path / name).mkdir(parents=True)
    found = named([tmp_path / n for n in ("a/my.study", "b/my study", "b/my-study", "a/my.study")])
    assert list(found) == ["my-study", "my-study-2", "my-study-3"]
    before = stamp(tmp_path)
    with sqlite3.connect(tmp_path / "study.db") as facts:
        facts.execute("CREATE TABLE t (x)")
    facts.close()
    assert stamp(tmp_path) != before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ValueError: x (/srv/some one/train.py:12)", "ValueError: x (…/some one/train.py:12)"),
        ("no /data/set.bin, 1/2 of it", "no …/set.bin, 1/2 of it"),
        ("see https://example.org/a/b and a/b", "see https://example.org/a/b and a/b"),
        (r"C:\Users\me\train.py failed", "…/train.py failed"),
        ("'/srv/x': denied", "'…/x': denied"),
        ("", ""),
    ],
)
def test_paths_are_taken_out(text: str, shown: str) -> None:
    """Absolute paths lose their folders; addresses and fractions stay."""
    assert without_paths(text) == shown
    nested: Any = cleaned({"a": [text, {"b": (text, 1.5, None)}]})
    assert nested == {"a": [shown, {"b": [shown, 1.5, None]}]}


@pytest.mark.browser
def test_pages_are_for_all_readers(
    browser: "Browser", release: Catalogue, finished: Path, tmp_path: Path
) -> None:
    """Light and dark, wide and narrow: axe finds nothing serious, nothing scrolls sideways."""
    kept = f"sqlite:///{tmp_path / 'visitors.sqlite'}"
    app = create_app(
        Settings(catalogue=release.path, database=kept, studies=(finished,), view_seconds=300)
    )
    with running(app) as client:
        for dark, width in ((False, 1280), (True, 360)):
            context = browser.new_context(color_scheme="dark" if dark else "light")
            context.set_default_timeout(120_000)
            page = context.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            for path in ("/studies", "/studies/teacher"):
                page.goto(str(client.base_url).rstrip("/") + path)
                assert serious(page, *(["color-contrast"] if dark else [])) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            context.close()
