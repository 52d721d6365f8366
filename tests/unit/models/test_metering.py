"""Each call and each download is recorded by itself; whoever is served never pays for it."""

import json
import logging
import sqlite3
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.model_attacks.files import folder_model
from tests.unit.models.conftest import NOW

from diptych.app.place import HOME, Place
from diptych.app.verbs.data.share import Sharing
from diptych.app.verbs.licensee import licensee_id, licensee_names
from diptych.app.verbs.metering import open_store
from diptych.app.verbs.model.usage import log_usage, usage_total
from diptych.app.verbs.model.use import use
from diptych.app.workspace import Workspace
from diptych.core.setting_sections import UsageSettings
from diptych.core.settings import Settings
from diptych.models.errors import LicenceRefused
from diptych.models.usage import BadUsage
from diptych.models.usage.spool import UsageNotRecorded
from diptych.provenance.licence import preset
from diptych.provenance.licence.document import licence_json
from diptych_verify.licence import Constraint, Licence, Rule

ROWS = np.ones((3, 4), dtype=np.float32)
AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture
def model(book: Workspace) -> str:
    """A published model without licence; its record id."""
    folder_model(book.place.project / "model", seed=1)
    return book.models.publish("model", "m").record


def own(book: Workspace) -> str:
    with book.read_log() as log:
        from diptych.app.verbs.signing import current_keyid

        return current_keyid(book, log)


def recorded(book: Workspace) -> Counter[tuple[str, str, str, int]]:
    """Return how often each licensee, asset, action and number of units was recorded."""
    with open_store(book):
        pass
    with sqlite3.connect(book.place.usage) as connection:
        found = connection.execute(
            "SELECT l.text, a.text, x.text, units FROM use JOIN word l ON l.id=licensee"
            " JOIN word a ON a.id=asset JOIN word x ON x.id=action"
        ).fetchall()
    connection.close()
    return Counter(found)


def terms(book: Workspace, licence: Licence, *, received: bool = True) -> None:
    path = book.place.project / "terms.json"
    path.write_text(json.dumps(licence_json(licence)))
    book.models.license("model/m", path, own=not received)


def with_rule(*, duties: tuple[str, ...] = (), count: str = "") -> Licence:
    limit = (Constraint("count", "lteq", (count,)),) if count else ()
    return replace(preset("MIT"), permissions=(Rule(("use",), limit, duties),))


def test_each_call_is_recorded_under_the_key_that_loaded_it(book: Workspace, model: str) -> None:
    loaded = book.models.load("m")
    loaded.predict(ROWS)
    loaded.predict(ROWS[:1])
    me = own(book)
    assert recorded(book) == {(me, model, "execute", 3): 1, (me, model, "execute", 1): 1}
    assert log_usage(book).count == 2
    total = usage_total(book, me)
    assert (total.count, total.units, total.waiting) == (2, 4, 0)
    loaded.predict(ROWS)
    assert usage_total(book, me).waiting == 1


def test_loading_alone_and_a_refused_input_record_nothing(book: Workspace, model: str) -> None:
    loaded = book.models.load("m")
    with pytest.raises(Exception, match="X"):
        loaded.predict(np.ones((3, 5), dtype=np.float32))
    assert not book.place.uses.exists()
    assert recorded(book) == {}


def test_weights_count_as_one_unit_under_the_action_that_was_asked(
    book: Workspace, model: str
) -> None:
    book.models.load("m", action="train").tensors()
    assert recorded(book) == {(own(book), model, "train", 1): 1}
    with pytest.raises(BadUsage, match="action"):
        book.models.load("m", action="Train it")


def test_licensees_are_named_once_or_call_by_call(book: Workspace, model: str) -> None:
    book.models.license("model/m", "MIT")
    book.models.load("m", actor="Hospital B").predict(ROWS)
    served = book.models.load("m")
    served.predict(ROWS, licensee="Hospital C")
    served.predict(ROWS, licensee="Hospital C")
    b, c = (licensee_id(book, f"Hospital {one}") for one in "BC")
    assert recorded(book) == {(b, model, "execute", 3): 1, (c, model, "execute", 3): 2}
    assert set(licensee_names(book).values()) == {"Hospital B", "Hospital C"}


def test_the_licence_is_asked_on_behalf_of_each_licensee(book: Workspace, model: str) -> None:
    book.models.license("model/m", "research", own=True)
    book.models.grant("model/m", "Hospital B")
    served = book.models.load("m", purpose="research")
    served.predict(ROWS, licensee="Hospital B")
    with pytest.raises(LicenceRefused):
        served.predict(ROWS, licensee="Hospital C")
    assert sum(recorded(book).values()) == 1


@pytest.mark.parametrize("how", ["argument", "setting"])
def test_one_switch_turns_it_off_and_an_argument_turns_it_on(
    book: Workspace, model: str, how: str
) -> None:
    if how == "setting":
        book.settings = replace(book.settings, usage=UsageSettings(record="off"))
    off = False if how == "argument" else None
    loaded = book.models.load("m", record=off)
    loaded.predict(ROWS)
    loaded.predict(ROWS, licensee=own(book))
    book.models.export("m", "out", record=off)
    assert not book.place.uses.exists()
    book.models.load("m", record=True).predict(ROWS)
    assert sum(recorded(book).values()) == 1


def test_the_setting_has_two_words() -> None:
    assert Settings().usage.record == "on"


def test_model_use_counts_once(book: Workspace, model: str) -> None:
    np.save(book.place.project / "rows.npy", ROWS)
    assert use(book, "m", Path("rows.npy")).rows == 3
    assert recorded(book) == {(own(book), model, "execute", 3): 1}


def test_downloads_are_recorded_with_who_gets_them(book: Workspace, model: str) -> None:
    book.models.export("m", "a", licensee="Hospital B")
    book.models.export("m", "b", tensor="W")
    with pytest.raises(Exception, match="exists"):
        book.models.export("m", "b")
    given = Counter({(licensee_id(book, "Hospital B"), model, "distribute", 1): 1})
    given[own(book), model, "distribute", 1] += 1
    assert recorded(book) == given


def test_a_share_is_recorded_for_each_recipient(book: Workspace) -> None:
    pytest.importorskip("pyrage")
    (book.place.project / "a.csv").write_text("1\n")
    sealed = book.seal("a.csv").record
    how = Sharing((AGE,), licence="CC-BY-4.0")
    book.data.share("a.csv", "a.share", how)
    book.data.share("a.csv", "b.share", replace(how, record=False))
    assert recorded(book) == {(licensee_id(book, AGE), sealed, "distribute", 1): 1}


def unwritable(book: Workspace) -> None:
    """Let something stand where uses would go."""
    book.place.uses.write_text("in the way")


def test_a_record_that_cannot_be_written_breaks_no_call(
    book: Workspace, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    unwritable(book)
    loaded = book.models.load("m")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert loaded.predict(ROWS)["Y"].shape == (3, 3)
    assert len(caplog.records) == 1
    assert "not recorded" in caplog.text
    assert "record=False" in caplog.text


@pytest.mark.parametrize("duties", [("inform",), ("compensate", "notice")])
def test_where_the_licence_asks_for_records_nothing_is_answered_without(
    book: Workspace, model: str, duties: tuple[str, ...]
) -> None:
    terms(book, with_rule(duties=duties))
    loaded = book.models.load("m")
    loaded.predict(ROWS)
    assert sum(recorded(book).values()) == 1
    with pytest.raises(LicenceRefused, match="recording is off"):
        book.models.load("m", record=False)
    fresh = Workspace(book.place, book.settings, clock=book.clock, prompt=book.prompt)
    blocked = fresh.models.load("m")
    for path in book.place.uses.iterdir():
        path.unlink()
    book.place.uses.rmdir()
    unwritable(book)
    with pytest.raises(UsageNotRecorded):
        blocked.predict(ROWS)
    with pytest.raises(UsageNotRecorded):
        blocked.tensors()
    with pytest.raises(UsageNotRecorded):
        fresh.models.export("m", "out")
    assert not (book.place.project / "out").exists()


def test_duties_that_ask_for_no_record_are_no_duty_to_record(book: Workspace, model: str) -> None:
    terms(book, with_rule(duties=("attribute", "notice")))
    unwritable(book)
    book.models.load("m", record=False).predict(ROWS)
    book.models.load("m").predict(ROWS)


def test_a_limit_holds_for_calls_not_only_for_loading(book: Workspace, model: str) -> None:
    terms(book, with_rule(count="3"))
    loaded = book.models.load("m")
    for _ in range(3):
        loaded.predict(ROWS)
    with pytest.raises(LicenceRefused, match="at most 3 times"):
        loaded.predict(ROWS)
    with pytest.raises(LicenceRefused, match="at most 3 times"):
        book.models.load("m")
    assert sum(recorded(book).values()) == 3


def test_a_new_key_starts_no_new_count_and_signs_the_next_records(
    book: Workspace, model: str
) -> None:
    from diptych.app.verbs.keys import rotate_key

    terms(book, with_rule(count="2"))
    old = own(book)
    book.models.load("m").predict(ROWS)
    rotate_key(book, algorithm="ed25519")
    loaded = book.models.load("m")
    loaded.predict(ROWS)
    assert own(book) != old
    assert {who for who, *_ in recorded(book)} == {old, own(book)}
    with pytest.raises(LicenceRefused, match="at most 2 times"):
        loaded.predict(ROWS)


def test_the_licensor_has_no_limit(book: Workspace, model: str) -> None:
    terms(book, with_rule(count="1", duties=("inform",)), received=False)
    loaded = book.models.load("m", record=False)
    for _ in range(3):
        loaded.predict(ROWS)


def test_a_store_that_others_hold_keeps_nobody_waiting(book: Workspace, model: str) -> None:
    loaded = book.models.load("m")
    loaded.predict(ROWS)
    me = own(book)
    with open_store(book):
        pass
    holder = sqlite3.connect(book.place.usage, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    start_s = time.perf_counter()
    loaded.predict(ROWS)
    assert time.perf_counter() - start_s < 5
    holder.execute("ROLLBACK")
    holder.close()
    log_usage(book)
    assert usage_total(book, me).count == 2


def test_without_a_key_nobody_can_be_named_and_nothing_is_recorded(
    book: Workspace, model: str, tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(book.place.home, tmp_path / "reader" / HOME)
    place = Place(tmp_path / "reader" / HOME)
    with book.read_log() as log:
        from diptych.app.verbs.policy import own_policy

        policy = own_policy(book, log)
    shutil.rmtree(place.private)
    reader = Workspace(place, book.settings, clock=lambda: NOW)
    reader.models.load("m", policy=policy).predict(ROWS)
    assert not place.uses.exists()


def test_a_backup_has_all_uses_and_a_restored_workspace_counts_them_once(
    book: Workspace, model: str, tmp_path: Path
) -> None:
    from diptych.app.verbs.backup import backup, restore

    loaded = book.models.load("m")
    loaded.predict(ROWS)
    backup(book, tmp_path / "all.tar")
    loaded.predict(ROWS)
    back = Workspace(Place(tmp_path / "back" / HOME), book.settings, prompt=book.prompt)
    back.place.project.mkdir()
    restore(back, tmp_path / "all.tar")
    assert sum(recorded(back).values()) == 1
    assert sum(recorded(book).values()) == 2
