"""Generated cases without a stopwatch: a busy machine is not a wrong number."""

from hypothesis import settings

settings.register_profile("scoring", deadline=None, max_examples=40)
settings.load_profile("scoring")
