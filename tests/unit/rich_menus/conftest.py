"""LINE's own OpenAPI file as a judge, as for everything else that the simulator holds against it."""

from tests.unit.devkit_line.conftest import openapi_accepts

__all__ = ["openapi_accepts"]
