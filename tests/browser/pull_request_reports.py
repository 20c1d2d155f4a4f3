"""Reports of four pull requests of the monorepo fixture, of which docs/ has pictures.

They are as its test keeps them, and are made again by hand where what a report has to say changes:

    IMAGE_SIZE_REPORTS=FOLDER .venv/bin/python -m pytest tests/end_to_end/engine/test_monorepo.py
    cp FOLDER/{one-image-grows,the-base-grows,...}.json tests/browser/pull_requests/
"""

import json
from dataclasses import replace
from pathlib import Path

from bot.model.report import Report
from bot.report.document.report_document import from_document

FOLDER = Path(__file__).with_name("pull_requests")
NAMES = (
    "one image grows",
    "the base grows",
    "a service is new",
    "images that need contexts, arguments and a secret",
)


def name_file(name: str) -> str:
    """Return the name of the file for the report of a pull request.

    >>> name_file("head grows, twice")
    'head-grows-twice.json'
    """
    return f"{name.replace(' ', '-').replace(',', '')}.json"


def read_report(name: str) -> Report:
    """Return a stored report as the action makes it, in which limits are inputs."""
    report = from_document(json.loads((FOLDER / name_file(name)).read_text("utf-8")))
    inputs = tuple(option.removeprefix("--") for option in report.limit_options)
    return replace(report, limit_options=inputs)
