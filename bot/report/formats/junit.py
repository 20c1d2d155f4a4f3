"""The checks of a report as test cases of JUnit: a suite an image, a case a limit.

There is no specification; this is what Jenkins, GitLab and GitHub's actions read
(https://github.com/testmoapp/junitxml).
"""

from xml.etree import ElementTree

from bot.model.report import (
    MAX_LAYERS,
    STATES_WITHOUT_BUILD,
    Check,
    ImageReport,
    Outcome,
    Report,
)
from bot.report import escape
from bot.report.page import image_facts
from bot.report.page.page import make_page, to_plain_text

_MEASURED_CASE = "measured"
_MAX_LOG_CHARACTERS = 20_000
_MAX_CHARACTERS = 1_000


def render_junit(report: Report) -> str:
    """Render the report; a warning passes, and says so in the output of its case."""
    suites = [_make_suite(image) for image in report.images]
    name = _clean(to_plain_text(make_page(report).headline))
    root = ElementTree.Element("testsuites", {"name": name, **_count(suites)})
    root.extend(suites)
    ElementTree.indent(root)
    # ElementTree's own declaration would name the encoding of the machine's locale.
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _make_suite(image: ImageReport) -> ElementTree.Element:
    title = _clean(image_facts.label(image).text)
    cases = [_make_measured_case(image), *map(_make_check_case, image.checks)]
    # Jenkins groups by `classname`, GitLab links `file`.
    for case in cases:
        case.set("classname", title)
        case.set("file", _clean(image.spec.dockerfile))
    suite = ElementTree.Element("testsuite", {"name": title})
    suite.extend(cases)
    suite.attrib |= _count([suite])
    return suite


def _count(suites: list[ElementTree.Element]) -> dict[str, str]:
    """Count the cases of suites, and those of each result."""
    results = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error"}
    return {
        name: str(sum(len(suite.findall(path)) for suite in suites))
        for name, path in (*results.items(), ("skipped", "testcase/skipped"))
    }


def _make_measured_case(image: ImageReport) -> ElementTree.Element:
    """Make the case that an image could be built and measured."""
    case = ElementTree.Element("testcase", {"name": _MEASURED_CASE})
    reason = image.reason or image.state.value
    # An image without a size has no checks: without this case it would be a suite that passes.
    if image.verdict is Outcome.ERROR:
        error = ElementTree.SubElement(case, "error", {"message": _clean(reason)})
        error.set("type", image.state.value)
        error.text = escape.xml_text("\n".join(image.log), _MAX_LOG_CHARACTERS)
    elif image.state in STATES_WITHOUT_BUILD and image.comparison.head is None:
        ElementTree.SubElement(case, "skipped", {"message": image.state.value})
    elif image.verdict is Outcome.WARN and not image_facts.deciding_checks(image):
        ElementTree.SubElement(case, "system-out").text = f"warning: {_clean(reason)}"
    return case


def _make_check_case(check: Check) -> ElementTree.Element:
    # A limit on layers is of no metric.
    details = [] if check.is_about_layers else [check.metric.value]
    details += [f"{check.source.value}'s rules"] if check.source else []
    name = _clean(f"{check.name} ({', '.join(details)})" if details else check.name)
    case = ElementTree.Element("testcase", {"name": name})
    if check.result is Outcome.FAIL:
        failure = ElementTree.SubElement(case, "failure", {"message": _clean(check.reason)})
        failure.set("type", _clean(check.name))
        failure.text = _describe_numbers(check)
    elif check.result is Outcome.ERROR:
        ElementTree.SubElement(case, "error", {"message": _clean(check.reason)})
    elif check.result is Outcome.SKIP:
        ElementTree.SubElement(case, "skipped", {"message": _clean(check.reason)})
    elif check.result is Outcome.WARN:
        ElementTree.SubElement(case, "system-out").text = f"warning: {_clean(check.reason)}"
    return case


def _describe_numbers(check: Check) -> str:
    unit = "layers" if check.name == MAX_LAYERS else "bytes"
    return f"observed: {check.observed} {unit}, limit: {check.limit} {unit}"


def _clean(text: str) -> str:
    return escape.xml_text(text, _MAX_CHARACTERS)
