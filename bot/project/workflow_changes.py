"""Changes of the workflows that run this review, and of those who must agree to that.

On `pull_request` the workflow is the pull request's own, so the review cannot hold it to base's; it
says what is altered. Every step of a job with the review counts: one before it could undo it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from bot.model.report import GateChange, GateKind, Outcome
from bot.model.sizes import parse_size
from bot.model.spec import Budget
from bot.project.budget_changes import NOTHING, allows_larger, allows_more_growth
from bot.project.option_values import parse_growth_limit
from bot.project.workflow_file import ReviewStep, find_review_files, read_workflow
from bot.project.yaml_nodes import shorten

# The first that exists is GitHub's.
CODE_OWNER_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_WORKFLOW_FOLDER = ".github/workflows/"
_NO_STEP = ReviewStep("", {})
# Inputs that decide nothing about the check.
_HARMLESS_INPUTS = frozenset({"github-token", "review-comments", "verify-suggestions", "report"})


def list_workflow_changes(
    base: Mapping[str, str], head: Mapping[str, str], budgets: Sequence[Budget] = ()
) -> tuple[GateChange, ...]:
    """Compare the texts of workflows and actions of two revisions, by their paths.

    `budgets` are those of base's configuration file, which an input replaces.
    """
    review_files = find_review_files(base) | find_review_files(head)
    renames = _find_renames(base, head)
    return tuple(
        change
        for path in sorted(review_files - set(renames.values()))
        if base.get(path) != head.get(path)
        for change in (
            [_describe_file(path, f"renamed from {renames[path]}", is_looser=False)]
            if path in renames
            else _compare_files(path, (base.get(path), head.get(path)), review_files, budgets)
        )
    )


def _find_renames(base: Mapping[str, str], head: Mapping[str, str]) -> dict[str, str]:
    """Return the old paths of workflows that only have another name now, by their new ones.

    An action is none of them, nor is a workflow that head still calls by its old path.
    """
    named = "\n".join(head.values())
    removed_paths = [path for path in sorted(base.keys() - head.keys()) if path not in named]
    renames = dict[str, str]()
    for new in sorted(head.keys() - base.keys()):
        old = next((path for path in removed_paths if base[path] == head[new]), None)
        if old and all(path.startswith(_WORKFLOW_FOLDER) for path in (old, new)):
            removed_paths.remove(old)
            renames[new] = old
    return renames


def list_owner_changes(base: Mapping[str, str], head: Mapping[str, str]) -> tuple[GateChange, ...]:
    """Compare the code owners of two revisions: those of `.github` must agree to changes there."""
    old = next((path for path in CODE_OWNER_FILES if path in base), None)
    new = next((path for path in CODE_OWNER_FILES if path in head), None)
    before, after = base.get(old or "", ""), head.get(new or "", "")
    if old == new and before == after:
        return ()
    path = new or old or ""
    subject = f"the code owners ({path})"
    owners = [shorten("; ".join(_list_gate_owners(text))) or NOTHING for text in (before, after)]
    if owners[0] != owners[1]:
        subject = f"the code owners of .github ({path})"
        # Without owners before, nobody had to agree, so that any line is stricter.
        result = Outcome.PASS if owners[0] == NOTHING else Outcome.WARN
        return (GateChange(GateKind.CODE_OWNERS, subject, owners[0], owners[1], result, path),)
    text = "changed, but not for .github"
    return (GateChange(GateKind.CODE_OWNERS, subject, None, text, Outcome.PASS, path),)


def _list_gate_owners(text: str) -> Iterator[str]:
    """Yield the lines that may cover the files of the gate; of these the last one counts."""
    for line in text.splitlines():
        words = line.split("#")[0].split()
        # As in .gitignore, `*` and `/*` match all files of the top, and `**` all there are.
        if words and (words[0].startswith(("*", "/*")) or ".github" in words[0]):
            yield " ".join(words)


def _compare_files(
    path: str,
    texts: tuple[str | None, str | None],
    review_files: frozenset[str],
    budgets: Sequence[Budget],
) -> Iterator[GateChange]:
    old, new = texts
    if old is None or new is None:
        yield _describe_file(path, "added" if old is None else "deleted", is_looser=new is None)
        return
    try:
        before, after = (read_workflow(text, review_files) for text in (old, new))
    except ValueError as problem:
        yield _describe_file(path, f"changed, and cannot be read: {problem}", is_looser=True)
        return
    if bool(before.steps) != bool(after.steps):
        text = "no longer runs the review" if before.steps else "now runs the review"
        yield _describe_file(path, text, is_looser=bool(before.steps))
        return
    for step, pair in enumerate(zip_longest(before.steps, after.steps, fillvalue=_NO_STEP), 1):
        location = path if len(before.steps) == len(after.steps) == 1 else f"{path}, step {step}"
        yield from _compare_steps(path, location, pair, budgets)
    if before.surroundings != after.surroundings:
        yield _describe_file(path, "changed in its triggers, or around the review", is_looser=True)


def _describe_file(path: str, text: str, *, is_looser: bool) -> GateChange:
    result = Outcome.WARN if is_looser else Outcome.PASS
    return GateChange(GateKind.WORKFLOW, f"the workflow {path}", None, text, result, path)


def _compare_steps(
    path: str, location: str, pair: tuple[ReviewStep, ReviewStep], budgets: Sequence[Budget]
) -> Iterator[GateChange]:
    old, new = pair
    if old.program != new.program:
        before, after = (shorten(step.program) or NOTHING for step in (old, new))
        subject = f"what runs the review in {location}"
        result = Outcome.WARN if old.program else Outcome.PASS
        yield GateChange(GateKind.WORKFLOW, subject, before, after, result, path)
    for name in sorted({*old.inputs, *new.inputs}):
        values = (old.inputs.get(name, ""), new.inputs.get(name, ""))
        if values[0] != values[1]:
            result = Outcome.WARN if _is_looser(name, values, budgets) else Outcome.PASS
            before, after = (shorten(value) or NOTHING for value in values)
            subject = f"the input {name} in {location}"
            yield GateChange(GateKind.WORKFLOW, subject, before, after, result, path)


def _is_looser(name: str, values: tuple[str, str], budgets: Sequence[Budget]) -> bool:
    """Return True unless a limit is at most the old one, or the input decides nothing.

    A limit that is added replaces those of the file, so it may be above none of them.
    """
    before, after = values
    try:
        if name in ("max-size", "warn-size"):
            size = parse_size(after) if after else None
            set_sizes = [x.max_size if name == "max-size" else x.warn_size for x in budgets]
            sizes = [parse_size(before)] if before else set_sizes
            return any(allows_larger(old, size) for old in sizes)
        if name in ("max-growth", "warn-growth"):
            limit = parse_growth_limit(after) if after else None
            set_limits = [x.max_growth if name == "max-growth" else x.warn_growth for x in budgets]
            limits = [parse_growth_limit(before)] if before else set_limits
            return any(allows_more_growth(old, limit) for old in limits)
    except ValueError:
        return True
    return name not in _HARMLESS_INPUTS
