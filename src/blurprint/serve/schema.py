"""The description of the API: that of FastAPI, with the schema of the report in it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from blurprint.serve.uploads import FIELD

_REPORT: Final = "Report"
_KEPT: Final = ("description", "type", "properties", "required", "additionalProperties")


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI of the application, made once.

    The report has its schema, ``report.schema.json``, whose parts become schemas of their own.
    """
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        made["components"]["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "Where it has a token."}
        }
        made["security"] = [{}, {"token": []}]
        schemas = made["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):  # ours are Problems
            schemas.pop(unused, None)
        for operations in made["paths"].values():
            for operation in operations.values():
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]  # any text may be an id
        schemas |= _report_schemas()
        body = made["paths"]["/v1/analyze"]["post"]["requestBody"]["content"]
        upload = body["multipart/form-data"]["schema"]["properties"][FIELD]
        upload["maxItems"] = app.state.service.settings.max_files
        schemas["ResultState"]["properties"]["report"] = {
            "description": schemas["ResultState"]["properties"]["report"]["description"],
            "$ref": _place(_REPORT),
        }
        app.openapi_schema = made
    return app.openapi_schema


def _report_schemas() -> dict[str, Any]:
    whole = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))
    parts = {_name(name): _moved(part) for name, part in whole["$defs"].items()}
    report = {name: _moved(whole[name]) for name in _KEPT if name in whole}
    return {_REPORT: report, **parts}


def _moved(part: Any) -> Any:
    """A part of a schema whose references lead to where the parts lie now."""
    if isinstance(part, dict):
        return {
            key: _place(_name(value.rpartition("/")[2])) if key == "$ref" else _moved(value)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_moved(one) for one in part]
    return part


def _name(part: str) -> str:
    """Of a part of the report among all schemas.

    >>> _name("side")
    'ReportSide'
    """
    return _REPORT + "".join(word.capitalize() for word in part.split("_"))


def _place(name: str) -> str:
    return f"#/components/schemas/{name}"
