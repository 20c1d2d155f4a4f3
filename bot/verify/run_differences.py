"""Two runs of the same: whether the new image does what the old one did."""

import re
from collections.abc import Iterator

from bot.model.container_run import Answer, Run
from bot.model.proof import Lesson, Objection

_NOISE = (
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
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "<hex>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b"), "<id>"),
    (re.compile(r"(?i)\b(pid|process|worker|thread|tid)([ =:#(\[\"]+)\d+"), r"\1\2<n>"),
    (re.compile(r"\[\d+\]|#\d+(?=#|:)"), "[<n>]"),
    (re.compile(r"/tmp/[\w./-]+"), "<tmp>"),  # noqa: S108 - a pattern
    (re.compile(r"\b1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?\b"), "<time>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:[KMG]i?B|bytes)\b"), "<size>"),
)
_MAX_TOLD = 3


def normal(output: str) -> frozenset[str]:
    """The lines of an output without what differs from run to run. How often one comes does not
    matter, nor when: we ask a server as often as it takes."""
    return frozenset(_quiet(line) for line in output.splitlines() if line.strip())


def _quiet(line: str) -> str:
    for pattern, name in _NOISE:
        line = pattern.sub(name, line)
    return " ".join(line.split())


def compare(what: str, old: Run, new: Run, again: Run | None = None) -> Iterator[Objection]:
    """What a run of the new image does otherwise; `again` is a second run of the old one, whose
    differences from the first are nobody's fault."""
    if new.problem and not old.problem:
        yield _differs(what, f"the new image could not be started: {new.problem}")
        return
    if old.exit != new.exit:
        yield _differs(what, f"it {_end(new)} where it {_end(old)}", tail(new.output))
    if (old.ports, old.loopback) != (new.ports, new.loopback):
        yield _differs(what, f"it listens on {_ports(new)} where it listened on {_ports(old)}")
    else:
        yield from _answers(what, old, new, again)
    if old.health != new.health:
        yield _differs(what, f"its health check says {new.health or 'nothing'}, not {old.health}")
    if old.exit == new.exit:
        yield from _outputs(what, old, new, again)


def proves_nothing(run: Run, *, exposes: bool) -> str:
    """Why it would prove nothing to do the same as this run of the old image; empty if it would.

    Without a network or a database many a server ends, or lives on and serves errors; `exposes` says
    that it should listen somewhere.
    """
    if run.problem:
        return run.problem
    if run.exit is not None:
        return f"exit status {run.exit}" if run.exit else ""
    if exposes and not run.answers:
        return "it listens on none of its ports"
    if run.health == "unhealthy":
        return "its health check fails"
    bad = [
        f"{port} answers {x.status}" for port, x in run.answers.items() if (x.status or 0) >= 500
    ]
    return f"port {bad[0]}" if bad else ""


def says_the_same(old: Run, new: Run, again: Run | None = None) -> bool:
    """Whether nothing differs."""
    return not any(compare("", old, new, again))


def tail(output: str) -> str:
    """The last lines of an output."""
    return "\n".join(output.strip().splitlines()[-5:])[-800:]


def _answers(what: str, old: Run, new: Run, again: Run | None) -> Iterator[Objection]:
    for port, before in old.answers.items():
        after = new.answers.get(port, Answer(None))
        stable = not (before.varies or after.varies) and (
            again is None or again.answers.get(port) == before
        )
        if (before.status, before.kind) != (after.status, after.kind):
            yield _differs(
                what, f"port {port} answers {_said(after)} where it answered {_said(before)}"
            )
        elif before.length != after.length and stable:
            sizes = f"{after.length:,} bytes where it was {before.length:,}"
            yield _differs(what, f"the answer on port {port} has {sizes}")


def _outputs(what: str, old: Run, new: Run, again: Run | None) -> Iterator[Objection]:
    before, after = normal(old.output), normal(new.output)
    lost, more = before - after, after - before
    if again is not None:
        other = normal(again.output)
        unstable = before != other
        lost -= before - other
        # A line that nobody has seen before may be one of those that always differ.
        more = frozenset(filter(_is_alarm, more)) if unstable else more - other
    for word, lines in (("no longer says", sorted(lost)), ("now says", sorted(more))):
        for line in lines[:_MAX_TOLD]:
            yield _differs(what, f"it {word}: {line[:200]}")


def _is_alarm(line: str) -> bool:
    return bool(re.search(r"(?i)error|exception|fail|not found|cannot|denied|missing|panic", line))


def _end(run: Run) -> str:
    if run.exit is None:
        return "lives on"
    return f"ends with status {run.exit}" + (f" ({run.problem})" if run.problem else "")


def _ports(run: Run) -> str:
    shown = [*map(str, run.ports), *(f"{port} (loopback)" for port in run.loopback)]
    return ", ".join(shown) or "no port"


def _said(answer: Answer) -> str:
    return "no HTTP" if answer.status is None else f"{answer.status} {answer.kind}".strip()


def _differs(what: str, message: str, detail: str = "") -> Objection:
    text = f"{what}: {message}." if what else message
    return Objection(Lesson.BEHAVIOUR, what, text, detail=detail)
