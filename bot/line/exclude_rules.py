"""The patterns of `exclude`, each known by its text, for reports name the one that excludes."""

from functools import lru_cache

from bot.dockerfile.dockerignore import (
    DockerIgnore,
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.errors import InputError
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import find_vendored_folder

DEFAULT_EXCLUDE = ("**/tests/**", "**/test/**", "**/testdata/**", "**/fixtures/**")
_MAX_KEPT_RULES = 256  # a plan asks for those of both revisions several times


class ExcludeRules:
    """The rules of a configuration; InputError for what is no pattern."""

    def __init__(self, config: ProjectConfig) -> None:
        self._origin = "by default" if config.exclude is None else "by the configuration"
        self._patterns = DEFAULT_EXCLUDE if config.exclude is None else config.exclude
        self._rules = _parse(tuple(self._patterns))
        self._single_rules: list[tuple[str, DockerIgnore]] | None = None

    def explain(self, path: str) -> str | None:
        """Return why a Dockerfile is excluded; None if it is not."""
        folder = find_vendored_folder(path)
        if folder is not None:
            return f"in {folder}"
        try:
            is_excluded = self._rules.is_ignored(path)
        except (IllegalIgnoreFileError, TooCostlyError):
            is_excluded = False  # what is in doubt is reviewed
        return f"excluded {self._origin} ({self._find_pattern(path)})" if is_excluded else None

    def _find_pattern(self, path: str) -> str:
        """Return the pattern that leaves a path out: of several the last, as exceptions count."""
        if self._single_rules is None:
            self._single_rules = [(x, _parse((x,))) for x in self._patterns if x[:1] != "!"]
        return next((x for x, rules in reversed(self._single_rules) if rules.is_ignored(path)), "…")


@lru_cache(_MAX_KEPT_RULES)
def _parse(patterns: tuple[str, ...]) -> DockerIgnore:
    try:
        rules = parse_dockerignore("\n".join(patterns).encode(errors="surrogateescape"))
        rules.check_buildable()
        # That patterns take too long shows only where a path is held against them.
        rules.is_ignored("Dockerfile")
    except (IllegalIgnoreFileError, TooCostlyError) as problem:
        raise InputError(
            "The configuration's `exclude` is not valid.",
            str(problem),
            "write patterns as in a .dockerignore, such as **/examples/**",
        ) from problem
    return rules
