"""Readers of the files with numbers that a report is written to, none of them ours.

Each returns the numbers of images by their name, under the names that the JSON report has.
"""

import csv
import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator
from junitparser import JUnitXml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

Numbers = dict[str, dict[str, int]]
_SARIF_SCHEMA = Path(__file__).parent / "sarif/sarif-2.1.0-rtm.5.json"


def read_csv(text: str) -> list[dict[str, str]]:
    """Read the rows of a CSV file as spreadsheets do."""
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def read_metrics(text: str) -> list[tuple[str, Mapping[str, str], float]]:
    """Read the samples of an OpenMetrics file; ValueError if it is none."""
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return [(x.name, x.labels, x.value) for family in families for x in family.samples]


def read_sarif(text: str) -> dict[str, Any]:
    """Read the only run of a SARIF file; ValidationError if it breaks the schema."""
    document = json.loads(text)
    Draft4Validator(json.loads(_SARIF_SCHEMA.read_text("utf-8"))).validate(document)
    (run,) = document["runs"]
    result: dict[str, Any] = run
    return result


def read_junit(text: str) -> JUnitXml:
    """Read a JUnit file."""
    return JUnitXml.fromstring(text.encode())


def csv_numbers(text: str) -> Numbers:
    """Return the numbers of a CSV file; what is unknown is left out."""
    return {
        row["name"]: {name: int(cell) for name, cell in row.items() if _is_number(name) and cell}
        for row in read_csv(text)
    }


def metric_numbers(text: str) -> Numbers:
    """Return the numbers of an OpenMetrics file; those of all images are under an empty name."""
    numbers: Numbers = {}
    for name, labels, value in read_metrics(text):
        own = numbers.setdefault(labels.get("name", ""), {})
        if name != "image_size_verdict":
            own[name.removeprefix("image_size_")] = int(value)
    return numbers


def _is_number(name: str) -> bool:
    return name.endswith("_bytes") or name in ("layers", "files", "max_layers", "lacks_contents")
