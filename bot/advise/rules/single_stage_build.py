"""Images that are built in a single stage, with the tools of the build in them."""

from collections.abc import Iterator

from bot.advise.build_stage_worth import BuildSign, find_build_signs
from bot.advise.finding import Finding
from bot.advise.image_purpose import find_work_reason
from bot.advise.subject import RuleInput


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report a Dockerfile of one stage that builds what it starts.

    With an image the rewriter says more. A file with several stages has the tools elsewhere.
    """
    if rule_input.image is not None or len(rule_input.dockerfile.stages) != 1:
        return
    if find_work_reason(rule_input, may_start_nothing=True):
        return
    starts_something = not find_work_reason(rule_input)
    signs = find_build_signs(rule_input)
    # Without a command it may be a toolbox, unless it builds what was copied into it.
    sign = next((sign for sign in signs if starts_something or sign.has_sources), None)
    if sign is not None:
        yield _build_finding(rule_input, sign, starts_something=starts_something)


def _build_finding(rule_input: RuleInput, sign: BuildSign, *, starts_something: bool) -> Finding:
    command = "" if starts_something else "give it the `ENTRYPOINT` or `CMD` that it lacks, and "
    return Finding(
        rule_input.final_stages[0].from_instruction,
        "Use a multi-stage build and copy only what runs",
        f"Line {sign.line} {sign.description}, and what only the build needs is shipped. Only "
        f"the image shows how much that is: {command}build it with `--verify`, which also makes a "
        "verified rewrite.",
    )
