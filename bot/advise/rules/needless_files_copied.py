"""What a copied context has that no program reads: git's history, modules of the host, tests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.advise.copy_targets import destination, from_context, is_whole_context
from bot.advise.finding import Finding
from bot.advise.path_patterns import inside
from bot.advise.subject import Step, Subject


@dataclass(frozen=True, slots=True)
class _Needless:
    """A folder that a build does not need, and what people call it."""

    name: str
    words: str


_NEEDLESS = (
    _Needless(".git", "git's history"),
    _Needless("node_modules", "the host's node modules"),
    _Needless(".venv", "the host's virtual environment"),
    _Needless("venv", "the host's virtual environment"),
    _Needless("target", "the host's build folder"),
    _Needless("__pycache__", "the host's compiled Python"),
    _Needless("tests", "tests"),
    _Needless("test", "tests"),
    _Needless("spec", "tests"),
    _Needless("coverage", "reports of tests"),
    _Needless(".github", "workflows"),
)


def find(subject: Subject) -> Iterator[Finding]:
    """Every `COPY` of the whole context that brings such folders along, by image or by context."""
    for step in from_context(subject.steps):
        if is_whole_context(step):
            weights = _weights(subject, step)
            held = [each for each in _NEEDLESS if weights.get(each.name)]
            if held:
                yield _finding(subject, step, held, sum(weights[each.name] for each in held))


def _finding(subject: Subject, step: Step, held: list[_Needless], saving: int) -> Finding:
    words = ", ".join(dict.fromkeys(each.words for each in held))
    lines = ", ".join(f"`{each.name}`" for each in held)
    has = "The" if subject.context and subject.context.ignores else "There is no"
    where = f"{has} `.dockerignore`" + (" can leave them out" if has == "The" else "")
    return Finding(
        step.statement,
        "Leave out of the build context what no program reads",
        f"This copies {words}. {where}: a line each for {lines}. Check that nothing reads them "
        "while the image is built or run.",
        saving if subject.evidence else None,
    )


def _weights(subject: Subject, step: Step) -> Mapping[str, int]:
    """The bytes of each such folder in what was copied: by the image, or else by the context."""
    target = destination(step)
    if subject.evidence and target:
        files = subject.evidence.files(step.statement)
        return _sums(files, target.rstrip("/"))
    return _sums(subject.context.files, "") if subject.context else {}


def _sums(files: Mapping[str, int], above: str) -> Mapping[str, int]:
    """Those at the top of a folder alone: a package's own `tests` are its own affair."""
    patterns = {each.name: inside([f"{above}/{each.name}"]) for each in _NEEDLESS}
    return {
        name: sum(size for path, size in files.items() if pattern.match(path))
        for name, pattern in patterns.items()
    }
