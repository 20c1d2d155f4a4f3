"""The git command: one form of environment, of errors and of time limits for all its calls."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.adapters.certificates import find_ca_bundle
from bot.adapters.environment import make_child_environment
from bot.adapters.process import ProcessResult, run_program
from bot.errors import GitError

# A setting of git: its key and value. A key may come several times.
Setting = tuple[str, str]

# Longer than any fetch that a job would wait for; a network that never answers ends sooner.
_TIMEOUT_S = 1800
# Below a byte a second for two minutes, git gives up (git-config, http.lowSpeedLimit).
_NETWORK_SETTINGS = (("http.lowSpeedLimit", "1"), ("http.lowSpeedTime", "120"))
# No prompt, no lock and no write in the user's clone, and no `refs/replace`, by which a commit
# could show other files than those that were pushed: git(1).
_VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
# Jenkins names a program that answers git. GitLab's runner names a configuration with a helper,
# which reads the job's token from its variable.
_CREDENTIAL_VARIABLES = ("GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "CI_JOB_TOKEN")
_DEFAULT_FIX = "run the same git command by hand to see more"
# Words in git's messages -> what to do about it; the first that fits.
_FIXES = (
    (
        ("unknown repository extension", "Expected git repo version"),
        "install a newer git: 2.45 reads repositories with reftables, and so does the action",
    ),
    (
        ("transport 'file' not allowed", "transport 'ext' not allowed"),
        "give the submodule the address of a server: git itself refuses this one",
    ),
    (
        ("alternate object path", "info/alternates"),
        "the clone borrows objects from a folder that does not exist here, for example in a "
        "container: clone without --reference and --shared",
    ),
    (
        ("not a git repository: ",),
        "`.git` names a folder that does not exist here, for example in a container: use a clone, "
        "not a worktree of another one",
    ),
    (
        ("cannot run ssh", "ssh: not found"),
        "give the remote or the submodule an HTTPS address, or let actions/checkout fetch all "
        "history (fetch-depth: 0): there is no ssh here, and HTTPS replaces it only on the job's "
        "server",
    ),
    (
        ("could not read Username", "could not read Password", "Authentication failed"),
        "let the token read that repository (input github-token), or keep the credentials of "
        "actions/checkout (persist-credentials: true)",
    ),
    (
        (
            "corrupt",
            "inflate",
            "unable to read",
            "object file",
            "bad object",
            "bad tree object",
            "bad file",
            "valid object",
            "not a tree object",
        ),
        "`git fsck` lists what is damaged or missing; clone the repository again",
    ),
    (
        ("Operation too slow", "Could not resolve host", "Failed to connect", "timed out"),
        "check the network and the server, then run again",
    ),
)


@dataclass(frozen=True, slots=True)
class GitCommand:
    """The git command in one folder, with its environment and its settings.

    Unless it `is_ended` with this process, it goes on where this one is killed.
    """

    folder: Path
    environment: Mapping[str, str]
    settings: tuple[Setting, ...] = ()
    timeout_s: float = _TIMEOUT_S
    is_ended: bool = True

    def with_variables(self, **variables: str | Path) -> "GitCommand":
        """Return the command with more variables in its environment."""
        texts = {name: str(value) for name, value in variables.items()}
        return replace(self, environment={**self.environment, **texts})

    def with_settings(self, *settings: Setting) -> "GitCommand":
        """Return the command with more settings, which outrank those of files and earlier ones."""
        return replace(self, settings=(*self.settings, *settings))

    @property
    def full_environment(self) -> Mapping[str, str]:
        """The environment of the process, the settings included."""
        return {**self.environment, **_make_config_variables(self.settings)}

    def make_command(self, *arguments: str | Path) -> list[str | Path]:
        """Return the command line of the process."""
        return ["git", "-C", self.folder, *arguments]

    def run(self, *arguments: str | Path, stdin: bytes = b"") -> ProcessResult:
        """Run git; GitError if it fails or does not end."""
        result = self.attempt(*arguments, stdin=stdin)
        if result.status:
            raise self.make_error(f"git {arguments[0]} failed in {str(self.folder)!r}.", result)
        return result

    def attempt(self, *arguments: str | Path, stdin: bytes = b"") -> ProcessResult:
        """Run git and return its result, whatever its status; GitError if it does not end."""
        command = self.make_command(*arguments)
        try:
            environment = self.full_environment
            result = run_program(
                command,
                environment,
                timeout_s=self.timeout_s,
                stdin=stdin,
                is_ended=self.is_ended,
            )
        except FileNotFoundError:
            raise GitError("git is not installed.", fix="install git, 2.34 or newer") from None
        if result.timed_out:
            raise GitError(
                f"git {arguments[0]} did not end within {self.timeout_s:.0f} seconds.",
                "\n".join(result.stderr_lines[-5:]),
                "check the network and the server, then run again",
            )
        return result

    def make_error(self, what: str, result: ProcessResult) -> GitError:
        """Return an error with git's own words as the reason."""
        why = "\n".join(result.stderr_lines[-5:]) or f"exit status {result.status}"
        return GitError(what, why, _suggest_fix(why))


def make_git_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return git's environment: no prompts, and few of the GIT_ variables from outside."""
    child_environment = make_child_environment(environment)
    # GIT_DIR, GIT_INDEX_FILE and the like would lead to another repository, as in a hook.
    inherited = {k: v for k, v in child_environment.items() if not k.startswith("GIT_")}
    ca_bundle = find_ca_bundle(environment)
    certificates = {"GIT_SSL_CAINFO": ca_bundle} if ca_bundle else {}
    certificates |= {k: v for k, v in environment.items() if k.startswith("GIT_SSL_")}
    credentials = {k: environment[k] for k in _CREDENTIAL_VARIABLES if k in environment}
    return {**inherited, **certificates, **_VARIABLES, **credentials}


def _suggest_fix(why: str) -> str:
    for words, fix in _FIXES:
        if any(word in why for word in words):
            return fix
    return _DEFAULT_FIX


def _make_config_variables(settings: tuple[Setting, ...]) -> dict[str, str]:
    """Return settings as environment variables, so that secrets are in no argument and no file."""
    every_setting = (*_NETWORK_SETTINGS, *settings)
    variables = {"GIT_CONFIG_COUNT": str(len(every_setting))}
    for number, (key, value) in enumerate(every_setting):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables
