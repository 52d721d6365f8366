"""Frames: what is written is read, what is changed is refused, each reading can stand alone."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sensors.maker import device, frame, reading

from diptych.core.errors import MalformedError
from diptych.data.sensors.frame import parse_frame, read_frames, sign_burst
from diptych.data.sensors.signatures import FrameVerifier
from diptych.provenance.private.commitments import inclusion_path
from diptych_verify.errors import BadSignature
from diptych_verify.readings import (
    MAX_TIME_MS,
    UNITS,
    Reading,
    ShownReading,
    parse_reading,
    verify_shown,
)

READINGS = st.builds(
    Reading,
    counter=st.integers(0, 2**63 - 1),
    time_ms=st.integers(0, MAX_TIME_MS),
    mantissa=st.integers(-(2**63), 2**63 - 1),
    channel=st.integers(0, 255),
    unit=st.integers(0, len(UNITS) - 1),
    exponent=st.integers(-18, 18),
    quality=st.integers(0, 2),
)


@given(READINGS)
def test_a_reading_survives_the_wire(one: Reading) -> None:
    assert parse_reading(one.pack()) == one


@given(st.lists(READINGS, min_size=1, max_size=20, unique_by=lambda one: one.counter))
def test_a_burst_survives_the_wire(many: list[Reading]) -> None:
    many.sort(key=lambda one: one.counter)
    parsed = parse_frame(sign_burst(device(1), many))
    assert [parse_reading(raw) for raw in parsed.readings] == many
    assert FrameVerifier().valid([parsed]) == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"counter": 2**63},
        {"time_ms": MAX_TIME_MS + 1},
        {"unit": len(UNITS)},
        {"exponent": 19},
        {"quality": 3},
        {"mantissa": 2**63},
    ],
)
def test_fields_outside_their_range_are_refused(wrong: dict[str, int]) -> None:
    fields = {"counter": 1, "time_ms": 1, "mantissa": 1, **wrong}
    with pytest.raises(MalformedError):
        sign_burst(device(1), [Reading(**fields)])


def test_one_reading_needs_127_bytes_on_the_wire() -> None:
    assert len(frame(1, [7])) == 127


@pytest.mark.parametrize("counters", [[], [2, 2], [3, 2]])
def test_counters_of_a_burst_must_ascend(counters: list[int]) -> None:
    with pytest.raises(MalformedError):
        frame(1, counters)


def test_any_changed_byte_is_noticed() -> None:
    raw = frame(1, [1, 2, 3])
    for at in range(len(raw)):
        broken = bytearray(raw)
        broken[at] ^= 1
        try:
            parsed = parse_frame(bytes(broken))
        except MalformedError:
            continue
        assert FrameVerifier().valid([parsed]) == [False], at


def test_a_stream_is_cut_into_frames_and_must_end_with_one() -> None:
    frames = [frame(1, [1]), frame(2, [5, 6, 9])]
    assert list(read_frames(io.BytesIO(b"".join(frames)))) == frames
    for rest in (b"\x01", frames[0][:-1], b"\x02" + frames[0][1:]):
        with pytest.raises(MalformedError):
            list(read_frames(io.BytesIO(frames[1] + rest)))


def test_helper_processes_say_what_one_process_says() -> None:
    frames = [parse_frame(frame(1, [counter])) for counter in range(1, 400)]
    forged = parse_frame(frames[3].raw[:-1] + bytes([frames[3].raw[-1] ^ 1]))
    frames[3] = frames[390] = forged
    with FrameVerifier(workers=2) as two:
        assert two.valid(frames) == FrameVerifier().valid(frames)
        assert two.valid(frames).count(False) == 2


class TestOneReadingOfABurst:
    def shown(self, place: int = 2) -> ShownReading:
        parsed = parse_frame(frame(1, [1, 2, 3, 4, 5]))
        path = inclusion_path(parsed.leaves(), place)
        key = f"ed25519:{parsed.key.hex()}"
        raw = parsed.readings[place]
        return ShownReading("tag-1", key, raw, place, 5, path, parsed.signature)

    def test_verifies_without_the_others(self) -> None:
        assert verify_shown(self.shown()) == reading(3)

    @pytest.mark.parametrize(
        "change",
        [
            {"raw": reading(3, 999).pack()},
            {"index": 1},
            {"count": 4},
            {"count": 0},
            {"proof": ()},
            {"signature": bytes(64)},
            {"keyid": f"ed25519:{'11' * 32}"},
        ],
    )
    def test_and_nothing_of_it_can_be_changed(self, change: dict[str, object]) -> None:
        fields = {**vars(self.shown()), **change}
        with pytest.raises(BadSignature):
            verify_shown(ShownReading(**fields))
