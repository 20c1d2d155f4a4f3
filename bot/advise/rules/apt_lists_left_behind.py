"""Package lists that `apt-get update` fetched and nobody removed in the same layer."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import appended
from bot.advise.finding import Finding, Tier
from bot.advise.package_caches import removes, worth
from bot.advise.subject import Step, Subject

_LISTS, _ARCHIVES = "/var/lib/apt/lists", "/var/cache/apt"
_APT = ("apt-get", "apt", "aptitude")
_TITLE = "Delete the package lists in the RUN that fetched them"


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that leaves lists behind; it may not delete them if a later one needs them."""
    for step in subject.runs():
        if _fetches(step) and not removes(step, _LISTS) and not step.mounts(_LISTS):
            yield _finding(subject, step, _needed_later(subject, step))


def _finding(subject: Subject, step: Step, later: Step | None) -> Finding:
    places = [_LISTS, *([_ARCHIVES] if subject.weigh(step, _ARCHIVES) else [])]
    saving = worth(subject, step, places)
    if later:
        line = later.statement.line_start
        message = (
            f"Line {line} installs packages from the lists that this RUN fetched. Put "
            "`apt-get update`, what it is for and `rm -rf /var/lib/apt/lists/*` into one RUN each."
        )
        return Finding(step.statement, _TITLE, message, saving)
    remove = "rm -rf " + " ".join(f"{place}/*" for place in places)
    return Finding(
        step.statement,
        _TITLE,
        "Nothing reads them once the packages are installed, and a later RUN cannot take them out.",
        saving,
        appended(subject.dockerfile, step.statement, remove),
        Tier.APPLY,
    )


def _fetches(step: Step) -> bool:
    return any(call.name in _APT and call.verb == "update" for call in step.calls)


def _needed_later(subject: Subject, step: Step) -> Step | None:
    """The first `RUN` further down that installs without an update of its own."""
    for later in subject.after(step):
        if _fetches(later):
            return None
        if any(call.name in _APT and call.verb in ("install", "build-dep") for call in later.calls):
            return later
    return None
