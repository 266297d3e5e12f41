"""Hypothesis: the same examples in every run, no clock. `pytest --hypothesis-profile=explore` looks further."""

from hypothesis import HealthCheck, settings

quiet = [
    HealthCheck.too_slow,
    HealthCheck.function_scoped_fixture,
    HealthCheck.large_base_example,
    HealthCheck.data_too_large,
]
settings.register_profile(
    "same", deadline=None, derandomize=True, database=None, max_examples=60, suppress_health_check=quiet
)
settings.register_profile("explore", deadline=None, max_examples=500, print_blob=True, suppress_health_check=quiet)
settings.load_profile("same")
