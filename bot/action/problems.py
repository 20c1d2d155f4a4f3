"""The last words of a job that could not complete: a verdict, a summary and an annotation.

Whatever ended the job, its checks and its readers must see that it ended and why.
"""

from collections.abc import Callable

from bot.adapters.github.workflow_commands import RunnerCommands
from bot.errors import ReviewError, explain_disk_error
from bot.model.report import Outcome
from bot.redaction import redact
from bot.report.formats.error_page import render_problem

_DEFECT_TEXT = "Image Size Review failed because of a bug in it."
_DEFECT_FIX = "report it, with the log of this job"
_CANCELLED_TEXT = "The job was cancelled before Image Size Review had finished."


def report_problem(
    workflow: RunnerCommands, problem: BaseException, *, is_red: bool = True
) -> None:
    """Write an annotation, the summary and the verdict; a verdict that was given before stays.

    What cannot be written is left out, so that the rest is not lost.
    """
    error = _explain(problem)
    parts = [redact(part) for part in (error.what, error.why, error.fix)]
    steps: tuple[Callable[[], None], ...] = (
        # The annotation first: the log is there even where no file can be written.
        lambda: (workflow.error if is_red else workflow.warning)(str(error)),
        lambda: workflow.set_missing_output("verdict", Outcome.ERROR.value),
        lambda: workflow.add_summary(render_problem(*parts)),
    )
    collect_problems(*steps)


def collect_problems(*steps: Callable[[], None]) -> list[ReviewError]:
    """Run all steps and return the errors of those that failed: one does not prevent the next."""
    problems = []
    for step in steps:
        try:
            step()
        except ReviewError as problem:
            problems.append(problem)
    return problems


def _explain(problem: BaseException) -> ReviewError:
    if isinstance(problem, ReviewError):
        return problem
    if isinstance(problem, KeyboardInterrupt):
        return ReviewError(_CANCELLED_TEXT, fix="run the job again")
    if disk_error := explain_disk_error(problem):
        return disk_error
    return ReviewError(_DEFECT_TEXT, f"{type(problem).__name__}: {problem}", _DEFECT_FIX)
