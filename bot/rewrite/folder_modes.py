"""The modes of folders that matter in the last stage: where other users than root may write.

Root reads and writes everywhere: where only root runs, a mode has no effect.
"""

import re
from collections.abc import Iterator

from bot.advise.subject import Step
from bot.rewrite.build_facts import ROOT_NAMES, BuildFacts
from bot.rewrite.startup import resolve_startup
from bot.rewrite.user_commands import list_created_groups, list_created_users

DEFAULT_MODE = 0o755  # of a folder that COPY or WORKDIR creates
# Programs that start others as another user, and servers with workers of one (php:apache, nginx).
_USER_CHANGERS = re.compile(
    r"(?<![\w-])(?:gosu|su-exec|su|sudo|runuser|setpriv|chpst|setuidgid|s6-setuidgid|supervisord|"
    r"apache2\S*|apachectl|httpd|nginx|php-fpm\S*|lighttpd|caddy|unitd|crond?)(?![\w.-])"
)

# apt and apk give some of their own files to a user or group (`_apt`, `adm`, `shadow`): each
# `apt-get install` leaves them, and no program of the application runs as that user.
_INSTALLER_PATHS = re.compile(
    r"(?:var/(?:cache|log|lib)/(?:apt|dpkg)|etc/g?shadow-?|etc/apk|lib/apk)(?:/|$)"
)


def runs_other_users(facts: BuildFacts) -> bool:
    """Return True if a program may run as another user than root, as far as can be seen."""
    built = facts.built
    users = list_created_users(facts)
    if built.config.user not in ROOT_NAMES or users or list_created_groups(facts, users):
        return True
    owned = (*built.own_files.values(), *built.own_folders.values())
    if any((x.uid or x.gid) and not _INSTALLER_PATHS.match(x.path) for x in owned):
        return True
    texts = (*built.config.command_line, *map(built.read_text, resolve_startup(facts).scripts))
    return any(_USER_CHANGERS.search(text) for text in texts)


def is_mode_needed(facts: BuildFacts, folder: str, *, is_common: bool) -> bool:
    """Return True if a folder needs its mode where other users run.

    A stricter mode, and any mode of a folder that every image has (`is_common`), is needed only if
    the Dockerfile says it.
    """
    mode = facts.built.image.directories[folder].mode & 0o7777
    is_looser = bool(mode & ~DEFAULT_MODE)
    return mode != DEFAULT_MODE and ((is_looser and not is_common) or _is_mode_set(facts, folder))


def _is_mode_set(facts: BuildFacts, folder: str) -> bool:
    """Return True if a `RUN` sets the mode of a folder, by its name or with one above it."""
    return any(
        path == f"/{folder}" or (is_recursive and f"/{folder}".startswith(f"{path}/"))
        for step in facts.rule_input.iter_runs()
        for path, is_recursive in _list_mode_targets(step)
    )


def _list_mode_targets(step: Step) -> Iterator[tuple[str, bool]]:
    for call in step.calls:
        is_recursive = call.name == "chmod" and call.is_recursive
        sets_mode = call.name == "chmod" or (
            call.name in ("mkdir", "install") and call.has_option("-m", "--mode")
        )
        for word in call.known_arguments if sets_mode else ():
            path = step.resolve_path(word)
            if path:
                yield path.rstrip("/"), is_recursive
