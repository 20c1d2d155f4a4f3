"""Shells, wrappers and package installers: programs that scripts call.

These are facts of the programs' manuals, which several rooms need. What follows from them (whether
a RUN may be changed, whether a program is missing) is decided there.
"""

from collections.abc import Mapping

# Shells with scripts that the parser reads: POSIX grammar, with the extensions of bash.
POSIX_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh"})
# Shells that a person types into; the grammar of fish is another one.
INTERACTIVE_SHELLS = POSIX_SHELLS | {"fish"}

# Programs that run another one as the same user and in the same file system, and the number of
# their own operands in front of it, options left out (`timeout 60 curl …`).
WRAPPER_OPERANDS: Mapping[str, int] = {
    "builtin": 0,
    "catchsegv": 0,
    "command": 0,
    "env": 0,
    "exec": 0,
    "nice": 0,
    "nohup": 0,
    "stdbuf": 0,
    "sudo": 0,
    "time": 0,
    "timeout": 1,
}
# Options of these wrappers that take the next word (sudo(8), env(1), nice(1), timeout(1), time(1)).
WRAPPER_OPTIONS_WITH_VALUE: Mapping[str, frozenset[str]] = {
    "env": frozenset({"-C", "-S", "-u", "--chdir", "--unset"}),
    "nice": frozenset({"-n"}),
    "stdbuf": frozenset({"-e", "-i", "-o"}),
    "sudo": frozenset({"-C", "-D", "-R", "-T", "-U", "-g", "-h", "-p", "-r", "-t", "-u"})
    | {"--chdir", "--chroot", "--group", "--host", "--other-user", "--prompt", "--user"},
    "time": frozenset({"-f", "-o", "--format", "--output"}),
    "timeout": frozenset({"-k", "-s", "--kill-after", "--signal"}),
}
# Wrappers of a container's start command as well: they become process 1, or change the user. A RUN
# with one of them differs from the wrapped command alone, as the caches of that user lie elsewhere.
STARTUP_WRAPPER_OPERANDS: Mapping[str, int] = {
    **WRAPPER_OPERANDS,
    "catatonit": 0,
    "dumb-init": 0,
    "gosu": 1,
    "setpriv": 0,
    "su-exec": 1,
    "tini": 0,
    "wait-for-it.sh": 1,
}

# Installers of a distribution's packages, and the subcommands that install packages by their names.
INSTALL_SUBCOMMANDS: Mapping[str, tuple[str, ...]] = {
    "apt-get": ("install",),
    "apt": ("install",),
    "aptitude": ("install",),
    "apk": ("add",),
    "dnf": ("install",),
    "yum": ("install",),
    "microdnf": ("install",),
    "zypper": ("install", "in"),
}
# Subcommands of package managers of all kinds that remove packages, and with them programs.
REMOVE_SUBCOMMANDS = frozenset(
    {"autoremove", "del", "erase", "purge", "remove", "rm", "un", "uninstall"}
)
APT_PROGRAMS = ("apt-get", "apt", "aptitude")
# Programs that start the user's shell with `-c`, as another user.
USER_SWITCHING_PROGRAMS = frozenset({"runuser", "su"})
