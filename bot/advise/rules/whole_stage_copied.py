"""`COPY --from` of a whole stage where only its output is needed."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.copy_targets import is_copy, list_copy_sources, resolve_copy_destination
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile, Stage
from bot.image.archives.reference import split_reference

_SERVER_IMAGES = ("nginx", "nginx-unprivileged", "httpd", "caddy", "lighttpd", "static-web-server")
# Their pages say `COPY --from=… / /`: tonistiigi/xx, crazymax/goxx, just-containers/s6-overlay.
_OVERLAY_IMAGE = re.compile(r"xx|goxx|osxcross|rootfs|\S*overlay\S*")
_START_KEYWORDS = ("CMD", "ENTRYPOINT")
_BUILD_PROGRAMS = ("npm", "yarn", "pnpm", "npx", "vite", "ng", "bun")
_OUTPUT_FOLDERS = ("dist", "build", "out", "public", ".output/public", "_site", "www")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `COPY --from` of a stage's root, or of a front end's whole folder."""
    for step in rule_input.steps:
        stage = _find_source_stage(rule_input.dockerfile, step)
        if stage is None or len(list_copy_sources(step)) != 1:
            continue
        source = list_copy_sources(step)[0]
        # hadolint DL3067. On `scratch` it squashes the layers on purpose.
        if source == "/":
            if (
                resolve_copy_destination(step) == "/"
                and rule_input.final_stages[0].base_name != "scratch"
                and not _is_made_to_be_copied(stage)
            ):
                yield _build_root_finding(rule_input, step)
        elif (
            _is_front_end_build(rule_input, stage)
            and source.rstrip("/.") in _list_workdirs(stage)
            and not _is_started(rule_input, step)
        ):
            yield _build_output_finding(rule_input, step, source)


def _is_started(rule_input: RuleInput, step: Step) -> bool:
    """Return True if a command starts a program of the copied folder: `node /api/server.js`."""
    target = posixpath.join(resolve_copy_destination(step) or "/", "")
    instructions = (step.instruction for step in rule_input.steps)
    starts = (command.text for command in instructions if command.keyword in _START_KEYWORDS)
    return target != "/" and any(target in text for text in starts)


def _is_made_to_be_copied(stage: Stage) -> bool:
    """Return True for a stage that holds nothing but what it is there to hand on.

    So are overlay images such as tonistiigi/xx, others that are no official image of a system or a
    language and in which nothing is run, and stages on `scratch`.
    """
    reference = split_reference(stage.base_name)
    if stage.base_name == "scratch" or _OVERLAY_IMAGE.fullmatch(reference.name):
        return True
    is_run_in = any(x.keyword == "RUN" for x in stage.instructions)
    return bool(reference.prefix) and not is_run_in


def _build_root_finding(rule_input: RuleInput, step: Step) -> Finding:
    return Finding(
        step.instruction,
        "Copy only the needed paths, not the whole stage",
        "Everything in the stage is stored on top of the base image. Copy only the paths that the "
        "program reads; ENV, USER and CMD of the stage are not copied in any case.",
        rule_input.measure_bytes(
            step, "/usr/share/doc", "/usr/include", "/var/cache", "/var/lib/apt/lists"
        ),
    )


def _build_output_finding(rule_input: RuleInput, step: Step, source: str) -> Finding:
    """Build the finding; with an image, the fix copies the output folder."""
    output = _find_output_folder(rule_input, step)
    if output is None:
        message = (
            "The sources and `node_modules` are served as well. Copy only the output folder, often "
            "`dist` or `build`."
        )
        return Finding(step.instruction, "Copy only the build output", message)
    path = posixpath.join(source.rstrip("/."), output)
    return Finding(
        step.instruction,
        f"Copy only the build output: {path}",
        f"The image has an `index.html` in `{output}`; the rest are sources and modules that only "
        "the build needs. Check that the server's configuration finds it one folder higher.",
        _measure_rest(rule_input, step, output),
        (_narrow_source(rule_input, step, source, path),),
        FixSafety.NEEDS_CHECK,
    )


def _narrow_source(rule_input: RuleInput, step: Step, source: str, path: str) -> TextChange:
    """Replace the source path in the instruction by a longer one."""
    arguments = step.instruction.argument_text
    start = arguments.text.index(source)
    span = arguments[start : start + len(source)].span
    return TextChange(Span(span.start, span.end), path)


def _measure_rest(rule_input: RuleInput, step: Step, output: str) -> int | None:
    """Return the bytes of everything that the instruction adds except the output."""
    if rule_input.evidence is None:
        return None
    total = sum(rule_input.evidence.file_sizes(step.instruction).values())
    output_path = posixpath.join(resolve_copy_destination(step) or "/", output)
    return total - (rule_input.measure_bytes(step, output_path) or 0)


def _find_output_folder(rule_input: RuleInput, step: Step) -> str | None:
    """Return the only folder below the destination with a start page; None otherwise."""
    if rule_input.evidence is None:
        return None
    target = (resolve_copy_destination(step) or "/")[1:]
    files = rule_input.evidence.file_sizes(step.instruction)
    folders = [x for x in _OUTPUT_FOLDERS if posixpath.join(target, x, "index.html") in files]
    # `public` often holds the template of the start page beside the built one.
    outputs = [folder for folder in folders if folder != "public"] or folders
    return outputs[0] if len(outputs) == 1 else None


def _find_source_stage(dockerfile: Dockerfile, step: Step) -> Stage | None:
    """Return the stage that an instruction copies from."""
    name = step.instruction.flag_value("from") if is_copy(step) else None
    return dockerfile.find_earlier_stage(name, step.stage) if name else None


def _is_front_end_build(rule_input: RuleInput, stage: Stage) -> bool:
    """Return True if a web server for static files ships what the stage built."""
    name = (rule_input.base_image or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    return name in _SERVER_IMAGES and any(
        command.name in _BUILD_PROGRAMS
        and any("build" in (x or "") for x in command.argument_values)
        for instruction in stage.instructions
        if instruction.keyword == "RUN" and instruction.script
        for command in instruction.script.commands
    )


def _list_workdirs(stage: Stage) -> set[str]:
    """Return the working directories of a stage."""
    folders = {x.argument_text.text for x in stage.instructions if x.keyword == "WORKDIR"}
    return {folder.rstrip("/") for folder in folders}
