"""`diptych data sensors`: from enrolment to a proof of one reading that a stranger verifies."""

import json
from pathlib import Path

import pytest
from tests.unit.app.program import PASSPHRASE, Program
from tests.unit.sensors.maker import clean_series, frame, keyid

import diptych
from diptych.app.verbs.data import readings
from diptych.core.database import Connection
from diptych.data.sensors.interval import Interval, collect_interval
from diptych_verify.errors import BadSignature, MalformedError, NotIncluded
from diptych_verify.verify import verify_bundle


def _log(folder: Path, name: str = "room.csv", *, stuck: bool = False) -> Path:
    series = clean_series()
    values = series.values.copy()
    if stuck:
        values[900:960] = values[900]
    rows = zip(series.times_s, values, strict=True)
    path = folder / name
    path.write_text("time,degC\n" + "".join(f"{at:.0f},{value:.2f}\n" for at, value in rows))
    return path


@pytest.fixture
def cold(book: Program) -> Program:
    """A workspace with a fleet of two devices, one of which sent a log."""
    book.ok("data", "sensors", "enrol", "cold", "tag-1", "tag-2", "--new-keys", "keys")
    _log(book.folder, stuck=True)
    words = ("room.csv", "--key", "keys/tag-1.pem", "-o", "frames.bin", "--burst", "10")
    book.ok("data", "sensors", "sign", *words)
    return book


def sensors(book: Program, *words: str) -> dict[str, object]:
    return book.ok("data", "sensors", *words)


def test_the_keys_of_devices_are_their_owners_alone(cold: Program) -> None:
    keys = sorted((cold.folder / "keys").iterdir())
    assert [path.name for path in keys] == ["tag-1.pem", "tag-2.pem"]
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    words = ("data", "sensors", "enrol", "cold", "tag-1", "--new-keys", "keys")
    assert cold.refused(*words, code=2)["code"] == "Sensors.BadFleet"


def test_from_readings_to_a_proof(cold: Program) -> None:
    done = sensors(cold, "ingest", "cold", "frames.bin")
    assert (done["accepted"], done["duplicates"]) == (1500, 0)
    assert sensors(cold, "ingest", "cold", "frames.bin")["duplicates"] == 1500
    logged = sensors(cold, "checkpoint", "cold")
    assert (logged["count"], logged["devices"]) == (1500, 1)
    assert cold.refused("data", "sensors", "checkpoint", "cold", code=2)["code"] == (
        "Sensors.NothingNew"
    )
    sensors(cold, "show", "cold", "tag-1", "904")
    path = cold.folder / "tag-1-904.diptych.json"
    answers = {answer.question: answer for answer in verify_bundle(path.read_bytes()).answers}
    assert "'tag-1' read 5.45 degC" in answers["untampered"].text
    assert "counter 904" in answers["untampered"].text
    assert answers["derived_from"].status == "self-asserted"
    assert cold.ok("verify", "tag-1-904.diptych.json")["record"] == logged["record"]
    words = ("data", "sensors", "show", "cold", "tag-1", "9999")
    assert cold.refused(*words, code=2)["code"] == "Sensors.NoSuchReading"


def test_a_changed_proof_is_refused(cold: Program) -> None:
    sensors(cold, "ingest", "cold", "frames.bin")
    sensors(cold, "checkpoint", "cold")
    sensors(cold, "show", "cold", "tag-1", "904")
    text = (cold.folder / "tag-1-904.diptych.json").read_text()
    for place, other in ((0, "tag-2"), (2, "AAAA"), (3, 0), (6, "AAAA")):
        bundle = json.loads(text)
        bundle["disclosed"][0]["value"][place] = other
        raw = json.dumps(bundle, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        with pytest.raises((NotIncluded, BadSignature, MalformedError)):
            verify_bundle(raw.encode())


def test_a_second_interval_follows_the_first(cold: Program) -> None:
    sensors(cold, "ingest", "cold", "frames.bin")
    first = sensors(cold, "checkpoint", "cold")
    words = ("room.csv", "--key", "keys/tag-2.pem", "-o", "more.bin", "--first", "50")
    sensors(cold, "sign", *words)
    sensors(cold, "ingest", "cold", "more.bin", "--workers", "2")
    second = sensors(cold, "checkpoint", "cold")
    edges = cold.ok("log", str(second["record"]))["edges"]
    assert {"rel": "supersedes", "record": first["record"]} in edges
    assert [edge["rel"] for edge in edges] == ["used", "supersedes"]


def test_check_names_what_is_wrong_and_draws_it(cold: Program) -> None:
    sensors(cold, "ingest", "cold", "frames.bin")
    words = ("check", "cold/tag-1", "--history", "800", "--low", "2", "--high", "8")
    ran = cold("data", "sensors", *words, "--plot", "room.svg")
    assert ran.code == 1
    assert "in 1,500 readings; normal was learned from the first 800" in ran.out
    assert "60 readings in a row say 5.45" in ran.out
    assert (cold.folder / "room.svg").read_bytes().startswith(b"<?xml")
    assert cold("data", "sensors", *words, "--plot", "room.html").code == 1
    page = (cold.folder / "room.html").read_text()
    assert "in 1,500 readings" in page
    assert "<script" not in page
    _log(cold.folder, "clean.csv")
    assert cold.ok("data", "sensors", "check", "clean.csv", "--history", "800")["findings"] == []
    assert cold.refused("data", "sensors", "check", "clean.csv", "--low", "2", code=2)["code"] == (
        "Sensors.BadLimits"
    )


def test_forecast_shows_intervals_and_what_flags_were_worth(cold: Program) -> None:
    sensors(cold, "ingest", "cold", "frames.bin")
    words = ("forecast", "cold/tag-1", "--history", "800", "--ahead", "4")
    ran = cold("data", "sensors", *words, "--plot", "next.html")
    assert ran.code == 0
    assert "held" in ran.out
    assert "leaving flagged readings out" in ran.out
    page = (cold.folder / "next.html").read_text()
    assert "default-src 'none'" in page
    done = sensors(cold, *words, "--plot", "next.svg")
    assert (cold.folder / "next.svg").read_bytes().startswith(b"<?xml")
    assert [one["ahead"] for one in done["forecast"]] == [1, 2, 3, 4]  # type: ignore[attr-defined]
    assert done["benefit"]["left_out"] >= 60  # type: ignore[index]
    assert sensors(cold, "forecast", "room.csv", "--ahead", "4")["series"] == "room"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("room.csv", "--plot", "next.png"), "Sensors.NoPicture"),
        (("short.csv",), "Sensors.BadSeries"),
        (("cold/tag-2",), "Sensors.BadSeries"),
    ],
)
def test_no_forecast_from_nothing(cold: Program, words: tuple[str, ...], code: str) -> None:
    (cold.folder / "short.csv").write_text("time,v\n" + "".join(f"{n},1\n" for n in range(70)))
    assert cold.refused("data", "sensors", "forecast", *words, code=2)["code"] == code


def test_rotation_and_revocation(cold: Program) -> None:
    sensors(cold, "ingest", "cold", "frames.bin")
    done = sensors(cold, "rotate", "cold", "tag-1", "--new-keys", "new")
    assert (done["action"], done["active"]) == ("rotate", 2)
    words = ("room.csv", "--key", "keys/tag-1.pem", "-o", "late.bin", "--first", "1501")
    sensors(cold, "sign", *words)
    ran = cold("data", "sensors", "ingest", "cold", "late.bin")
    assert ran.code == 1
    assert "the device's key was replaced" in ran.out
    sensors(cold, "revoke", "cold", "tag-2")
    listed = sensors(cold, "fleet", "cold")["devices"]
    assert isinstance(listed, list)
    assert [(one["device"], one["readings"]) for one in listed] == [("tag-1", 1500)]
    again = ("data", "sensors", "revoke", "cold", "tag-2")
    assert cold.refused(*again, code=2)["code"] == "Sensors.BadFleet"


def test_ten_thousand_devices_are_one_record(book: Program) -> None:
    lines = [f"tag-{number},ed25519:{number:064x}" for number in range(10_000)]
    (book.folder / "fleet.csv").write_text("device,keyid\n" + "\n".join(lines))
    before = len(book.ok("log", "-n", "100")["records"])
    done = sensors(book, "enrol", "big", "--keys", "fleet.csv")
    assert (done["devices"], done["active"]) == (10_000, 10_000)
    assert len(book.ok("log", "-n", "100")["records"]) == before + 1
    listed = sensors(book, "fleet", "big")["devices"]
    assert isinstance(listed, list)
    assert len(listed) == 10_000


@pytest.mark.parametrize(
    "words",
    [
        ("enrol", "cold"),
        ("enrol", "cold", "tag-9"),
        ("enrol", "cold", "tag-9", "--key", keyid(9), "--new-keys", "keys"),
        ("enrol", "cold", "tag-8", "tag-9", "--key", keyid(9)),
        ("enrol", "cold", "../tag-9", "--new-keys", "keys"),
        ("ingest", "cold"),
        ("ingest", "nowhere", "frames.bin"),
        ("gateway", "spool.sqlite"),
        ("check", "cold/tag-2"),
    ],
)
def test_what_cannot_be_is_refused(cold: Program, words: tuple[str, ...]) -> None:
    cold.refused("data", "sensors", *words, code=2)


def test_a_gateway_spools_without_a_workspace(program: Program) -> None:
    (program.folder / "frames.bin").write_bytes(frame(1, [1]) + frame(1, [2]))
    words = ("data", "sensors", "gateway", "spool.sqlite", "frames.bin")
    assert program.ok(*words) == {"taken": 2, "sent": 0, "waiting": 2}
    assert program.ok(*words) == {"taken": 0, "sent": 0, "waiting": 2}


def test_a_run_ended_between_log_and_store_repeats_nothing(
    cold: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diptych.app.verbs.data import readings as verb

    sensors(cold, "ingest", "cold", "frames.bin")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verb, "close_interval", dies)
        assert cold("data", "sensors", "checkpoint", "cold").code == 130
    count = len(cold.ok("log", "-n", "100")["records"])
    assert sensors(cold, "checkpoint", "cold")["count"] == 1500
    assert len(cold.ok("log", "-n", "100")["records"]) == count


def test_two_checkpoints_at_once_log_each_reading_once(
    cold: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    sensors(cold, "ingest", "cold", "frames.bin")
    monkeypatch.setenv("DIPTYCH_KEYS__PASSPHRASE", PASSPHRASE)
    other: list[int] = []

    def while_another_runs(connection: Connection, fleet: str) -> Interval:
        found = collect_interval(connection, fleet)
        if not other:
            other.append(0)
            other[0] = diptych.open(cold.folder).data.sensors.checkpoint(fleet).index
        return found

    monkeypatch.setattr(readings, "collect_interval", while_another_runs)
    shown = cold.refused("data", "sensors", "checkpoint", "cold", code=2)
    assert shown["code"] == "Sensors.NothingNew"
    assert cold.ok("checkpoint")["size"] == other[0] + 1
    sensors(cold, "show", "cold", "tag-1", "904")
