"""Images that are built in a single stage, with the tools of the build in them."""

from collections.abc import Iterator

from bot.advise.base_images import is_public_image
from bot.advise.build_stage_users import is_build_stage_elsewhere
from bot.advise.build_stage_worth import BuildSign, find_build_signs
from bot.advise.finding import Finding
from bot.advise.full_image_calls import serves_slim_base
from bot.advise.image_purpose import find_work_reason
from bot.advise.run_time_builds import may_compile_at_start
from bot.advise.shipped_programs import has_program
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput

# They build what has changed, which is nothing in a container, and need the tools for that.
_RUNNERS = ("cargo run", "make run")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report a Dockerfile of one stage that builds what it starts.

    With an image the rewriter says more. A file with several stages has the tools elsewhere.
    """
    if rule_input.image is not None or len(rule_input.dockerfile.stages) != 1:
        return
    runner = _find_runner(rule_input)
    if not runner and find_work_reason(rule_input, may_start_nothing=True):
        return
    if not has_program(rule_input) or may_compile_at_start(rule_input):
        return
    starts_something = bool(runner) or not find_work_reason(rule_input)
    if not starts_something and is_build_stage_elsewhere(rule_input):
        return
    signs = find_build_signs(rule_input)
    # Without a command it may be a toolbox, unless it builds what was copied into it; on a base of
    # a project's own, which may have a command, it may be a stage of another image.
    needs_sources = not starts_something
    if needs_sources and not is_public_image(rule_input.base_image or ""):
        return
    sign = next((sign for sign in signs if sign.has_sources or not needs_sources), None)
    # Where a slim base has all that is used, that is the advice.
    if sign is not None and not (sign.needs_base_compilers and serves_slim_base(rule_input)):
        yield _build_finding(rule_input, sign, runner, starts_something=starts_something)


def _find_runner(rule_input: RuleInput) -> str:
    """Return `cargo run` if that starts what a `RUN` has built, or the like; otherwise nothing."""
    command = read_start_commands(rule_input).main_command
    runner = " ".join(command[:2])
    reason = find_work_reason(rule_input, may_start_nothing=True)
    if runner not in _RUNNERS or reason != f"it builds when it starts: {runner}":
        return ""
    return runner if any(call.name == command[0] for call in rule_input.list_run_calls()) else ""


def _build_finding(
    rule_input: RuleInput, sign: BuildSign, runner: str, *, starts_something: bool
) -> Finding:
    other_start = f"start the program itself instead of `{runner}`, and " if runner else ""
    command = "" if starts_something else "give it the `ENTRYPOINT` or `CMD` that it lacks, and "
    return Finding(
        rule_input.final_stages[0].from_instruction,
        "Use a multi-stage build and copy only what runs",
        f"Line {sign.line} {sign.description}, and what only the build needs is shipped. Only "
        f"the image shows how much that is: {other_start or command}build it with `--verify`, "
        "which also makes a verified rewrite.",
    )
