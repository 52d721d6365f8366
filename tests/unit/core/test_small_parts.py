"""Digests, clock, errors, lazy names, missing extras, silent progress."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diptych.core import errors
from diptych.core.clock import fixed_clock, iso_utc
from diptych.core.digests import ALGORITHMS, UnknownDigest, digest, same_digest
from diptych.core.errors import DiptychError
from diptych.core.lazy import lazy_names
from diptych.core.missing import MissingExtra
from diptych.core.progress import silent


class TestDigests:
    @pytest.mark.parametrize(
        ("algorithm", "expected"),
        [
            # FIPS 180-4 example and the first BLAKE3 test vector.
            ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("blake3", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        ],
    )
    def test_vectors(self, algorithm: str, expected: str) -> None:
        assert digest(b"", algorithm=algorithm).hex() == expected

    @pytest.mark.parametrize("algorithm", ["md5", "SHA256", "", "sha256+blake3"])
    def test_any_other_name_is_refused(self, algorithm: str) -> None:
        with pytest.raises(UnknownDigest, match="expected one of sha256, blake3"):
            digest(b"", algorithm=algorithm)

    @given(st.binary(max_size=64), st.binary(max_size=64))
    def test_comparison_agrees_with_equality(self, left: bytes, right: bytes) -> None:
        assert same_digest(left, right) is (left == right)
        assert same_digest(left, bytes(left))

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_every_listed_algorithm_gives_32_bytes(self, algorithm: str) -> None:
        assert len(digest(b"abc", algorithm=algorithm)) == 32


class TestClock:
    def test_a_fixed_clock_stands_still(self) -> None:
        clock = fixed_clock(12.5)
        assert clock() == clock() == 12.5

    @pytest.mark.parametrize(
        ("time_s", "text"),
        [
            (0, "1970-01-01T00:00:00Z"),
            (1_763_888_400.999, "2025-11-23T09:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
        ],
    )
    def test_times_are_written_in_utc_whole_seconds(self, time_s: float, text: str) -> None:
        assert iso_utc(time_s) == text


class TestErrors:
    @pytest.mark.parametrize("name", sorted(set(errors.__all__) - {"JsonValue"}))
    def test_every_family_derives_from_the_one_root(self, name: str) -> None:
        assert issubclass(getattr(errors, name), DiptychError)

    @pytest.mark.parametrize(
        ("kind", "exit_code"),
        [
            (errors.VerificationError, 1),
            (errors.ProvenanceError, 1),
            (errors.ContractError, 1),
            (errors.UsageError, 2),
            (errors.ConfigError, 2),
            (errors.LedgerError, 3),
            (errors.EnvironmentFault, 3),
        ],
    )
    def test_families_fix_the_exit_code(self, kind: type[DiptychError], exit_code: int) -> None:
        assert kind.exit_code == exit_code

    def test_the_json_form_carries_code_message_hint_and_details(self) -> None:
        error = errors.UsageError("got 1, expected 2", hint="diptych status", size=3)
        assert error.to_json() == {
            "code": "Usage.Error",
            "message": "got 1, expected 2",
            "hint": "diptych status",
            "details": {"size": 3},
        }
        assert str(error) == "got 1, expected 2"


class TestLazyNames:
    def test_a_name_is_imported_on_first_use(self) -> None:
        get = lazy_names("shop", {"loads": "json"})
        import json

        assert get("loads") is json.loads

    def test_another_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match="module 'shop' has no attribute 'dumps'"):
            lazy_names("shop", {"loads": "json"})("dumps")

    def test_nothing_is_imported_before(self) -> None:
        code = (
            "import sys; from diptych.core.lazy import lazy_names;"
            "get = lazy_names('shop', {'Fraction': 'fractions'});"
            "assert 'fractions' not in sys.modules; get('Fraction');"
            "assert 'fractions' in sys.modules"
        )
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()


def test_a_missing_extra_says_what_to_type() -> None:
    error = MissingExtra("pyrevm", extra="whatif")
    assert error.hint == "pip install 'diptych[whatif]'"
    assert error.details == {"package": "pyrevm", "extra": "whatif"}


def test_silent_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with silent("hashing", total=3) as progress:
        progress.advance(3)
    assert capsys.readouterr() == ("", "")
