"""Checkouts after the commands that run before a build, each made once and removed at the end."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.adapters.docker.build_errors import parse_build_failure, tail_log
from bot.adapters.docker.build_secrets import join_fields, list_network_arguments
from bot.adapters.docker.preparation import (
    explain_preparation,
    find_special_file,
    make_removable,
    write_recipe,
)
from bot.adapters.process import ProcessResult
from bot.adapters.temporary_folders import LockedFolder, temporary_folder
from bot.image.archives.reference import explain_invalid_reference, is_reference
from bot.line.pins import Pins
from bot.line.worktree import PreparedCheckout
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.named_contexts import IMAGE_PREFIX
from bot.model.spec import ImageSpec, Preparation

# Runs buildx with arguments, under the name of a step.
Run = Callable[[str, Sequence[str | Path]], ProcessResult]


class Preparer:
    """Prepares checkouts; images with the same commands share the result."""

    def __init__(self) -> None:
        self._prepared: dict[object, PreparedCheckout | BuildFailure] = {}
        self._folders: list[LockedFolder] = []

    def prepare(
        self, spec: ImageSpec, root: Path, pins: Pins, run: Run
    ) -> PreparedCheckout | BuildFailure:
        """Return the folder to build from; `pins` has the image that the commands run in."""
        preparation = spec.needs.preparation
        if preparation is None:
            return PreparedCheckout(root, 0)
        if not is_reference(preparation.image):
            reason = f"prepare failed: {explain_invalid_reference(preparation.image)}"
            return BuildFailure(reason, kind=FailureKind.PREPARATION)
        network = list_network_arguments(spec.needs)
        # The network as well: with `none` a command may leave another folder than with the default.
        key = (root, preparation, network)
        if key not in self._prepared:
            arguments = (*network, *_list_pins(preparation, pins))
            self._prepared[key] = self._prepare(preparation, root, arguments, run)
        return self._prepared[key]

    def close(self) -> None:
        """Remove the folders."""
        for folder in self._folders:
            make_removable(folder.path)
            folder.remove()

    def _prepare(
        self, preparation: Preparation, root: Path, arguments: Sequence[str], run: Run
    ) -> PreparedCheckout | BuildFailure:
        output = LockedFolder()
        self._folders.append(output)
        started = time.monotonic()
        with temporary_folder() as folder:
            result = run(
                f"prepare with {preparation.image}",
                (
                    *("--output", join_fields("type=local", f"dest={output.path}")),
                    *arguments,
                    *("--file", write_recipe(folder, preparation), root),
                ),
            )
        return _read_result(result, PreparedCheckout(output.path, time.monotonic() - started))


def _list_pins(preparation: Preparation, pins: Pins) -> tuple[str, ...]:
    reference = pins.resolved.get(preparation.image)
    if reference is None:
        return ()
    return ("--build-context", f"{preparation.image}={IMAGE_PREFIX}{reference}")


def _read_result(
    result: ProcessResult, prepared: PreparedCheckout
) -> PreparedCheckout | BuildFailure:
    if result.timed_out:
        return BuildFailure(
            f"prepare failed: it was stopped after {prepared.seconds / 60:.3g} minutes "
            "(--build-timeout)",
            tail_log(result.stderr_lines),
            FailureKind.TIME,
        )
    if result.status:
        return explain_preparation(parse_build_failure(result))
    try:
        special = find_special_file(prepared.root)
    except OSError as problem:
        failure = BuildFailure(f"what it left cannot be read: {problem.strerror}")
        return explain_preparation(failure)
    if special:
        failure = BuildFailure(f"it left {special!r}, which is not a file, folder or link")
        return explain_preparation(failure)
    return prepared
