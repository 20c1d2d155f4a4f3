"""The builder of buildx that a run uses, and why there is none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.process import ProcessResult
from bot.errors import EngineUnavailableError

_ENGINE_DRIVER = "docker"
BUILDER_VARIABLE = "BUILDX_BUILDER"
_TIMEOUT_S = 60

# Runs buildx with some arguments, for at most some seconds.
RunBuildx = Callable[[Sequence[str | Path], float], ProcessResult]


@dataclass(frozen=True, slots=True)
class BuildxInstance:
    """A builder of buildx: its name, the kind of its driver, and its own platform, if known."""

    name: str
    driver: str
    platform: str = ""

    @property
    def uses_store(self) -> bool:
        """True if builds see the engine's images: only those of the driver `docker` do."""
        return self.driver == _ENGINE_DRIVER


def find_buildx_instance(run: RunBuildx, environment: Mapping[str, str]) -> BuildxInstance:
    """Return the builder in use; raise EngineUnavailableError if buildx does not work."""
    result = run(["inspect"], _TIMEOUT_S)
    if result.status:
        raise _explain_missing(run, environment, "\n".join(result.stderr_lines[-3:]))
    # The first two: `docker buildx inspect` goes on with the nodes, which have names of their own.
    fields = dict(re.findall(r"^(Name|Driver):[ \t]+(\S+)", result.text, re.MULTILINE)[:2])
    platform = re.search(r"^Platforms:\s+([a-z0-9]+/[a-z0-9]+)", result.text, re.MULTILINE)
    return BuildxInstance(
        fields.get("Name", "default"),
        fields.get("Driver", _ENGINE_DRIVER),
        platform[1] if platform else "",
    )


def _explain_missing(
    run: RunBuildx, environment: Mapping[str, str], words: str
) -> EngineUnavailableError:
    """Return the error for a builder that cannot be used, or for a plug-in that is missing."""
    if run(["version"], _TIMEOUT_S).status:
        fix = "install the docker-buildx plug-in; `docker buildx inspect` must work"
        return EngineUnavailableError("docker buildx does not work.", words, fix)
    name = environment.get(BUILDER_VARIABLE)
    if not name:
        fix = "`docker buildx ls` lists the builders, `docker buildx use default` selects one"
        return EngineUnavailableError("The builder of buildx cannot be used.", words, fix)
    fix = (
        "leave out --builder (the input or key builder, the variable "
        f"{BUILDER_VARIABLE}), or create the builder first (docker/setup-buildx-action, "
        "`docker buildx create --name NAME`); "
        "`docker buildx ls` lists those that there are"
    )
    return EngineUnavailableError(f"The builder {name!r} cannot be used.", words, fix)
