"""Suite-wide: deterministic hypothesis profiles, and no settings from the caller's shell."""

import os

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "dev", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SLOW
)
settings.register_profile("ci", parent=settings.get_profile("dev"), max_examples=50)
settings.register_profile("full", parent=settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

for _name in [name for name in os.environ if name.startswith("DIPTYCH_")]:
    if not _name.startswith("DIPTYCH_TEST_"):
        del os.environ[_name]
