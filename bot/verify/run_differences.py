"""Differences between two runs of the same command, one in the old image and one in the new."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun, PortResponse
from bot.model.proof import Regression, RegressionKind
from bot.verify.drawn_ports import drop_drawn_ports
from bot.verify.missing_services import find_missing_service

# What differs between two runs of one image: colours, times, durations, addresses, IDs, process
# numbers, temporary files, Unix times from 2017 on, and sizes such as the memory in use. The order
# counts: a date is replaced before a bare time of day.
_NOISE_PATTERNS = (
    (re.compile(r"\x1b\[[\d;?]*[A-Za-z]"), ""),
    (
        re.compile(
            r"\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
        ),
        "<time>",
    ),
    (
        re.compile(r"\b\d\d?[/ ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*[/ ,]+\d{4}"),
        "<time>",
    ),
    (re.compile(r"\b\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\b"), "<time>"),
    (
        re.compile(
            r"\b\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|sec|secs|seconds?|milliseconds?|minutes?)\b"
        ),
        "<span>",
    ),
    # Fields of access logs in JSON and logfmt: `"latency":4900`, `duration=0.31`
    (
        re.compile(
            r"(?i)\b(\w*(?:latency|duration|elapsed|took|response_?time|uptime|rss|heap\w*))"
            r"(\"?\s*[:=]\s*\"?)[\d.]+[a-zµ]*"
        ),
        r"\1\2<span>",
    ),
    (re.compile(r"(?i)\b(port|rport|remote_?port|clientport)(\"\s*:\s*\"?)\d+"), r"\1\2<n>"),
    (re.compile(r"\b127\.0\.0\.1:\d{4,5}\b"), "<client>"),
    # Addresses of containers, and ports of clients, which Linux numbers from 32768 to 60999.
    (
        re.compile(
            r"\b(?:10(?:\.\d{1,3}){3}|(?:172\.(?:1[6-9]|2\d|3[01])|192\.168)(?:\.\d{1,3}){2})\b"
        ),
        "<address>",
    ),
    (re.compile(r"(<address>|\blocalhost|\[::1?\]):(?:3[2-9]\d|[45]\d\d|60\d)\d\d\b"), r"\1:<n>"),
    # A caller in Python's words: `('127.0.0.1', 57980)`
    (re.compile(r"(\('(?:<address>|127\.0\.0\.1|::1)', )\d{4,5}(?=[,)])"), r"\1<n>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    # The identity of an object in Java: `ServerConnector@51081592{HTTP/1.1}`
    (re.compile(r"(?<=\w)@[0-9a-f]{5,8}\b(?!\.)"), "@<hex>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b"), "<id>"),
    # The ID that Next.js draws for each build: `"buildId":"…"`, `/_next/static/…/_buildManifest.js`
    (re.compile(r"(\bbuildId\W{1,8}|/_next/static/|\"b\\?\":\\?\")[\w-]{21}(?![\w-])"), r"\1<id>"),
    (re.compile(r"(?i)\b(pid|process|worker|thread|tid)([ =:#(\[\"]+)\d+"), r"\1\2<n>"),
    # Names of threads in Java: `[qtp2032830216-21]` of Jetty, `[http-nio-8080-exec-2]` of Tomcat
    (re.compile(r"\bqtp\d+-\d+\b"), "qtp<n>"),
    (re.compile(r"(?i)\b(exec|thread|task|worker|executor)-\d+(?=\])"), r"\1-<n>"),
    # The lines of Spring Boot: `INFO 7 --- [main] com.example.App : …`
    (re.compile(r"\b(TRACE|DEBUG|INFO|WARN|ERROR) +\d+ --- "), r"\1 <n> --- "),
    (re.compile(r"\[\d+\]|#\d+(?=#|:)"), "[<n>]"),
    (re.compile(r"/tmp/[\w./-]+"), "<tmp>"),  # noqa: S108 - a pattern
    (re.compile(r"\b1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?\b"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:[KMG]i?B|bytes)\b"), "<size>"),
)
# Measurements for Prometheus: their numbers, and so the sizes of the page, are those of the moment.
_MEASUREMENTS = re.compile(r"(?i)application/openmetrics-text|text/plain;\s*version=0\.0\.4")
_MEASUREMENT_NAME = re.compile(r"(?m)^[A-Za-z_:][\w:]*(?=[{ ])")
# Where two runs of one image differ, only a new line with such a word counts.
_ERROR_WORD = re.compile(r"(?i)error|exception|fail|not found|cannot|denied|missing|panic")
# What a server prints for a request that it cannot handle.
_FAILED_HANDLER = re.compile(r"\b(?:Traceback|\w*Exception|panic)\b")
# What says that there was no error: `"error":""`, `errors=0`, `0 failed`
_NO_ERROR = re.compile(
    r"(?i)[\"']?\b\w*(?:error|exception|err|fail)\w*[\"']?"
    r"(?:\s*[:=]\s*(?:\"\"|''|null|none|nil|false|0\b|\[\]|\{\})|=(?=[,}\s]|$))"
    r"|\b(?:0|no) (?:errors?|fail\w*|exceptions?)\b"
)
# RFC 9110, 15.6: the server works, and supports no such method or version of HTTP.
_UNSUPPORTED_REQUESTS = (501, 505)
_SCRIPT_TYPE = re.compile(r"(?:application|text)/(?:x-)?(?:java|ecma)script")
_PAGE_TYPES = ("text/html", "text/plain")
_MAX_LINES_SHOWN = 3
_MAX_LINE_LENGTH = 200


def normalize_output(output: str) -> frozenset[str]:
    """Return the set of an output's lines, without times, IDs and other noise.

    How often a line comes, and in which order, says nothing: a server is asked until it answers.
    """
    return frozenset(_normalize_line(line) for line in output.splitlines() if line.strip())


def _normalize_line(line: str) -> str:
    for pattern, name in _NOISE_PATTERNS:
        line = pattern.sub(name, line)
    return " ".join(line.split())


def compare_runs(
    step: str,
    old: ContainerRun,
    new: ContainerRun,
    old_repeat: ContainerRun | None = None,
    *,
    is_other_program: bool = False,
) -> Iterator[Regression]:
    """Yield what a run of the new image does differently from the run of the old one.

    `old_repeat` is a second run of the old image: what differs between its two runs is noise. Of
    the output of another program, on purpose, only errors count, and of its pages for errors only
    the status. Its pages may be in UTF-8 without a word.
    """
    if new.start_error and not old.start_error:
        yield _make_regression(step, f"the new image could not be started: {new.start_error}")
        return
    if is_other_program:
        old, new = _simplify_responses(old), _simplify_responses(new)
        old_repeat = _simplify_responses(old_repeat) if old_repeat else None
    if old_repeat:
        stable_ports = {*old.ports, *old.loopback_ports} & {
            *old_repeat.ports,
            *old_repeat.loopback_ports,
        }
        old, new = (drop_drawn_ports(run, stable_ports) for run in (old, new))
    if old.exit_code != new.exit_code:
        yield _make_regression(
            step,
            f"it {_describe_end(new)} where it {_describe_end(old)}",
            get_last_lines(new.output),
        )
    if (old.ports, old.loopback_ports) != (new.ports, new.loopback_ports):
        yield _make_regression(
            step, f"it listens on {_format_ports(new)} where it listened on {_format_ports(old)}"
        )
    else:
        yield from _compare_responses(step, old, new, old_repeat)
    if old.health_status != new.health_status:
        yield _make_regression(
            step, f"its health check says {new.health_status or 'nothing'}, not {old.health_status}"
        )
    if old.exit_code == new.exit_code:
        lines = _list_changed_lines(old, new, old_repeat, is_other_program=is_other_program)
        yield from (_make_regression(step, line) for line in lines)


def inconclusive_reason(
    run: ContainerRun, *, exposes_ports: bool, speaks_http: bool = False
) -> str:
    """Return why repeating a run of the old image would prove nothing; empty if it would.

    Without a network or a database many a server ends, or keeps running and serves errors or
    nothing. With `exposes_ports` it should listen somewhere, with `speaks_http` answer there.
    """
    if run.service_error or run.start_error:
        return run.service_error or run.start_error
    if run.exit_code is not None:
        return _explain_end(run, is_server=exposes_ports and speaks_http)
    if exposes_ports and not run.responses:
        return "it listens on none of its ports"
    if run.health_status == "unhealthy":
        return "its health check fails"
    # It lives on, but only to ask again.
    if not run.responses and (service := find_missing_service(run.output)):
        return f"it listens nowhere and waits for {service}"
    return _explain_responses(run, speaks_http=speaks_http)


def _explain_end(run: ContainerRun, *, is_server: bool) -> str:
    """Return why a run that ended proves nothing; empty if it does."""
    if run.exit_code:
        return f"exit status {run.exit_code}"
    # A server may take it for an orderly end that it lacks a database or a token.
    if is_server:
        return "it ends, and has listened on none of its ports"
    service = find_missing_service(run.output)
    return f"it ends with status 0 because of {service}" if service else ""


def _explain_responses(run: ContainerRun, *, speaks_http: bool) -> str:
    """Return why the responses prove nothing; empty if they do, or if there are none."""
    for port, response in run.responses.items():
        if (response.status or 0) >= 500 and response.status not in _UNSUPPORTED_REQUESTS:
            return f"port {port} answers {response.status}"
    responses = (*run.responses.values(), *run.route_responses.values())
    is_silent = bool(responses) and not any(x.status or x.body_bytes for x in responses)
    if is_silent and (speaks_http or _FAILED_HANDLER.search(run.output)):
        return f"port {next(iter(run.responses))} accepts connections and answers no request"
    return ""


def exposes_tcp(config: ContainerConfig) -> bool:
    """Return True if an image exposes a TCP port, so that it should listen there."""
    return any(port.endswith("/tcp") for port in config.exposed_ports)


def get_last_lines(output: str) -> str:
    """Return the last five lines of an output, 800 letters at most."""
    return "\n".join(output.strip().splitlines()[-5:])[-800:]


def _simplify_responses(run: ContainerRun) -> ContainerRun:
    """Return a run without the texts for errors, and without UTF-8, which not all servers say."""

    def simplify(response: PortResponse) -> PortResponse:
        if (response.status or 0) >= 400:
            return PortResponse(response.status)
        kind = _normalize_media_type(response.content_type).removesuffix(";charset=utf-8")
        return replace(response, content_type=kind)

    return replace(
        run,
        responses={port: simplify(response) for port, response in run.responses.items()},
        route_responses={
            route: simplify(response) for route, response in run.route_responses.items()
        },
    )


def _compare_responses(
    step: str, old: ContainerRun, new: ContainerRun, old_repeat: ContainerRun | None
) -> Iterator[Regression]:
    repeat = old_repeat or ContainerRun(None)
    for port, before in old.responses.items():
        after = new.responses.get(port, PortResponse(None))
        problem = _compare_response(before, after, repeat.responses.get(port))
        if problem:
            yield _make_regression(step, f"port {port} answers {problem}")
    for (port, path), before in old.route_responses.items():
        route_response = new.route_responses.get((port, path))
        other = repeat.route_responses.get((port, path))
        if route_response and (problem := _compare_response(before, route_response, other)):
            yield _make_regression(step, f"port {port} answers GET {path} with {problem}")


def _compare_response(
    before: PortResponse, after: PortResponse, repeat: PortResponse | None
) -> str:
    """Return what is different in a response; empty if the old image's own runs differ in it.

    `repeat` is the response of the old image's second run.
    """
    # Before the bodies: with another status these differ in any case.
    kinds = list(map(_get_kind, (before, after, repeat or before)))
    if kinds[0] != kinds[1]:
        is_stable = kinds[0] == kinds[2]
        answers = f"{_format_response(after)} where it answered {_format_response(before)}"
        return answers if is_stable else ""
    # Repeated requests of one run had bodies of different sizes, so that sizes say nothing. Nobody
    # sees the body of a redirect.
    if before.varies or after.varies or before.is_redirect:
        return ""
    if _MEASUREMENTS.match(before.content_type):
        return _find_lost_measurement(before, after, repeat or before)
    if before.body_bytes != after.body_bytes:
        is_stable = repeat is None or repeat.body_bytes == before.body_bytes
        sizes = f"{after.body_bytes:,} bytes where it was {before.body_bytes:,}"
        return sizes if is_stable else ""
    bodies = [normalize_output(x.body) for x in (before, after, repeat or before)]
    is_same = bodies[0] == bodies[1] or bodies[0] != bodies[2]
    # A line that is new says more than one that is gone.
    lines = sorted(bodies[1] - bodies[0]) or sorted(bodies[0] - bodies[1])
    return "" if is_same else f"another text: {lines[0][:_MAX_LINE_LENGTH]}"


def _find_lost_measurement(before: PortResponse, after: PortResponse, repeat: PortResponse) -> str:
    """Return a measurement that both runs of the old image have, and not the new one, if known."""
    names, new_names, other_names = (
        frozenset(_MEASUREMENT_NAME.findall(response.body)) for response in (before, after, repeat)
    )
    is_whole = len(after.body.encode()) >= after.body_bytes
    lost = sorted((names & other_names) - new_names) if is_whole else []
    return f"no {lost[0]}" if lost else ""


def _get_kind(response: PortResponse) -> tuple[int | None, str]:
    """Return the status, and where a redirect leads or the media type."""
    if response.is_redirect:
        return response.status, response.location
    return response.status, _normalize_media_type(response.content_type)


def _normalize_media_type(text: str) -> str:
    """Return a media type as RFC 9110 (8.3.1) and RFC 9239 (6) compare them.

    A script or a style in UTF-8 is read as the page that loads it.
    """
    kind, *parameters = (word.strip().lower() for word in text.split(";"))
    if kind not in _PAGE_TYPES:
        parameters = [word for word in parameters if word != "charset=utf-8"]
    return ";".join([_SCRIPT_TYPE.sub("text/javascript", kind), *parameters])


def _list_changed_lines(
    old: ContainerRun, new: ContainerRun, old_repeat: ContainerRun | None, *, is_other_program: bool
) -> Iterator[str]:
    """Yield the lines of the output that are lost or new, a few of each."""
    before, after = normalize_output(old.output), normalize_output(new.output)
    lost, added = before - after, after - before
    if old_repeat is not None:
        other = normalize_output(old_repeat.output)
        unstable = before != other
        lost -= before - other
        # Where the old image differs from run to run, a new line may be noise, too, but no error.
        added = frozenset(filter(_is_error_line, added)) if unstable else added - other
    if is_other_program:
        lost, added = frozenset(), frozenset(filter(_is_error_line, added))
    for word, lines in (("no longer says", sorted(lost)), ("now says", sorted(added))):
        for line in lines[:_MAX_LINES_SHOWN]:
            yield f"it {word}: {line[:_MAX_LINE_LENGTH]}"


def _is_error_line(line: str) -> bool:
    return bool(_ERROR_WORD.search(_NO_ERROR.sub("", line)))


def _describe_end(run: ContainerRun) -> str:
    if run.exit_code is None:
        return "lives on"
    return f"ends with status {run.exit_code}" + (
        f" ({run.start_error})" if run.start_error else ""
    )


def _format_ports(run: ContainerRun) -> str:
    shown = [*map(str, run.ports), *(f"{port} (loopback)" for port in run.loopback_ports)]
    return ", ".join(shown) or "no port"


def _format_response(response: PortResponse) -> str:
    if response.status is None:
        return "no HTTP"
    kind = f"to {response.location}" if response.is_redirect else response.content_type
    return f"{response.status} {kind}".strip()


def _make_regression(step: str, message: str, detail: str = "") -> Regression:
    text = f"{step}: {message}." if step else message
    return Regression(RegressionKind.BEHAVIOUR, step, text, detail=detail)
