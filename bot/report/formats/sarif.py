"""The findings of a report as SARIF 2.1.0: limits, failures and suggestions, at their lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
from collections.abc import Iterable
from typing import Any

from bot import __version__
from bot.doc_links import doc_url
from bot.model.report import Report
from bot.report import escape
from bot.report.formats.annotations import Annotation, list_annotations

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}
_MAX_TITLE_CHARACTERS = 200

JsonObject = dict[str, Any]


def render_sarif(report: Report) -> str:
    """Render a run with every annotation of the report, not only those that GitHub shows.

    All of it is ASCII: a file name may hold bytes that UTF-8 cannot encode.
    """
    annotations = list_annotations(report)
    # A result names its rule by the position in the list: both are in the same order.
    rules = {rule: number for number, rule in enumerate(_list_rules(annotations))}
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _make_driver(rules)},
                # Code scanning replaces earlier results of the same category, which it reads here.
                "automationDetails": {"id": "image-size-review/"},
                "columnKind": "utf16CodeUnits",
                "results": [_make_result(item, rules[item.rule]) for item in annotations],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _list_rules(annotations: Iterable[Annotation]) -> list[str]:
    return sorted({annotation.rule for annotation in annotations})


def _make_driver(rules: Iterable[str]) -> JsonObject:
    return {
        "name": "image-size-review",
        "version": __version__,
        "informationUri": doc_url("audit"),
        "rules": [
            {"id": _clean(rule), "shortDescription": {"text": _clean(rule)}} for rule in rules
        ],
    }


def _make_result(annotation: Annotation, rule_index: int) -> JsonObject:
    title = escape.sarif_message(annotation.title, _MAX_TITLE_CHARACTERS)
    message = escape.sarif_message(annotation.message)
    text = title if message == title else f"{title}\n{message}"
    return {
        "ruleId": _clean(annotation.rule),
        "ruleIndex": rule_index,
        "level": _LEVELS[annotation.level],
        "message": {"text": text},
        "locations": [_make_location(annotation)] if annotation.file else [],
    }


def _make_location(annotation: Annotation) -> JsonObject:
    file = {"uri": escape.uri_path(annotation.file), "uriBaseId": "%SRCROOT%"}
    location: JsonObject = {"artifactLocation": file}
    if annotation.line:
        end = max(annotation.line, annotation.end_line or 0)
        location["region"] = {"startLine": annotation.line, "endLine": end}
    return {"physicalLocation": location}


def _clean(text: str) -> str:
    return escape.xml_text(text, _MAX_TITLE_CHARACTERS)
