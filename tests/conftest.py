"""Suite-wide settings: deterministic hypothesis profiles, and no workspace settings from outside."""

import os

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "dev", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile("ci", parent=settings.get_profile("dev"), max_examples=50)
settings.register_profile("full", parent=settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DIPTYCH_") and not name.startswith("DIPTYCH_TEST_"):
            monkeypatch.delenv(name)
