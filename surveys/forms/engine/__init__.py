"""The tablet's form engine, run by the server: one engine, so that both give the same results.

``client`` starts ``program`` as a child process, which runs the tablet's built script in V8.
See docs/decisions/0028-one-form-engine.md.
"""

from surveys.forms.engine.client import (
    Engine,
    EngineError,
    EngineUnavailableError,
    TooCostlyError,
    engine,
    version,
)

__all__ = ["Engine", "EngineError", "EngineUnavailableError", "TooCostlyError", "engine", "version"]
