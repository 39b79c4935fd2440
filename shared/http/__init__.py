"""HTTP for every service: typed routes, problem details, and OpenAPI made from the code.

It may import `shared.papers`, settings, telemetry and errors.
"""

from shared.http.api import Api, Problem, Route
from shared.http.app import build_app
from shared.http.openapi import document

__all__ = ["Api", "Problem", "Route", "build_app", "document"]
