"""Builds of which nothing is left but caches, since the same `RUN` removes their folder."""

from bot.advise.script_paths import find_folder, list_removed_paths
from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call

# What they build stays in its folder, and what they download in a cache.
_CACHE_BUILDERS = ("mvn", "mvnw", "gradle", "gradlew", "sbt", "npm", "yarn", "pnpm")
_COPY_PROGRAMS = ("cp", "mv", "install", "rsync", "tar")


def leaves_nothing(step: Step, call: Call) -> bool:
    """Return True if the `RUN` removes the folder of a build, and only its caches are left.

    In an image to build in, this fills `~/.m2` and its like for the builds to come.
    """
    if call.name not in _CACHE_BUILDERS:
        return False
    later = step.calls[step.calls.index(call) + 1 :]
    if any(other.name in _COPY_PROGRAMS for other in later):
        return False
    folder = find_folder(step, call)
    removed = (path for _, path in list_removed_paths(step, later))
    return bool(folder) and any(f"{folder}/".startswith(f"{path}/") for path in removed)
