"""Programs that the sources of a project start, by the strings in which they name them."""

import posixpath
import re
from collections.abc import Callable, Iterator
from itertools import islice

from bot.advise.subject import RuleInput

_SOURCE_FILE = re.compile(r"\.(?:py|[cm]?js|tsx?|go|rb|php|java|kt|scala|rs|cs|ex|exs|pl)$")
# Files of a build, of tests and of dependencies: none of them runs in the container.
_OTHER_SOURCE = re.compile(
    r"(?:^|/)(?:node_modules|site-packages|vendor|tests?|spec|__tests__|e2e|docs?|ci|\.github)/"
    r"|(?:^|/)(?:setup|conanfile|noxfile|tasks|build|hatch_build|fabfile|gulpfile|Gruntfile)\.\w+$"
    r"|(?:^|/)webpack[\w.-]*$|[._-](?:test|spec)\.\w+$"
)
_MAX_SOURCES, _MAX_SOURCE_BYTES = 300, 200_000
# `"gcc"`, `'g++ -O2 …'`, `"/usr/bin/javac"`: of whatever calls it.
_COMPILER = re.compile(
    r"[\"'`](?:/usr/(?:local/)?bin/)?(?:gcc|g\+\+|clang(?:\+\+)?|javac|rustc|go build|cargo build|"
    r"cmake|ghc|fpc|dotnet build|mvn|tsc)(?:[\"'`]\s*[,\])]| -{1,2}\w| \S*[$%{])"
    # A word of English, too, in lists of words: only as the first one of a command.
    r"|[(\[{]\s*[\"'`]make(?:[\"'`]\s*[,\])]| -{1,2}\w| \S*[$%{])"
)

# What runs a command: `system "…"`, `subprocess.run([…`, `execSync(…`, `await execute(…`, `%x(…`.
_CALL = (
    r"(?:\b(?:system|exec\w*|p?open\w*|Popen|create_subprocess_\w+|spawn\w*|run|call|check_call|"
    r"check_output|shell_exec|passthru|Command|ProcessBuilder|cmd|sh)!?[ \t]*"
    r"[(\[{][\s\[{(]*[fr]?[\"'`]|\b(?:system|exec|sh)[ \t]+[\"']|%x[({\[])(?:sudo )?"
)
_BETWEEN_WORDS = r"[\s\"'`,]+"
# `system "bundle install"`, `execute("uv sync")`, `[sys.executable, "-m", "pip", "install", x]`
_INSTALLER = re.compile(
    rf"{_CALL}(?:bundle|composer|npm|yarn|pnpm|bun|pip3?|poetry|pipenv|pdm|uv(?:{_BETWEEN_WORDS}pip)?|gem|"
    rf"mix){_BETWEEN_WORDS}(?:install|ci|i|sync|add|update|upgrade|deps\.get)\b|"
    rf"sys\.executable{_BETWEEN_WORDS}-m{_BETWEEN_WORDS}pip{_BETWEEN_WORDS}install\b"
)
# `await execute("git pull --all")`, `["git", "-C", folder, "fetch"]`
_GIT = re.compile(
    rf"{_CALL}git(?:{_BETWEEN_WORDS}(?:-C{_BETWEEN_WORDS})?[\w./{{}}$-]*)?"
    rf"{_BETWEEN_WORDS}(?:pull|fetch|reset|checkout|describe|log|rev-parse|status)\b"
)
# Scripts for developers, which nobody calls in a container.
_DEVELOPER_FOLDER = re.compile(r"(?:^|/)(?:scripts?|tools?|dev|devtools|hack|contrib|examples?)/")
# `#!/usr/bin/make -rRf`, as bin/abyss-pe of bcgsc/abyss: a program in the language of make.
_MAKE_SCRIPT = re.compile(r"#!\s*\S*/(?:env (?:-S )?)?make\b")


def starts_compiler(rule_input: RuleInput) -> bool:
    """Return True if a source file names a compiler as a program: judges, notebooks, sandboxes."""
    return starts_program(rule_input, _COMPILER)


def starts_installer(rule_input: RuleInput) -> bool:
    """Return True if a source file that may run installs packages, as programs with plug-ins do."""
    return any(map(_INSTALLER.search, _read_files(rule_input, _may_run_in_container)))


def starts_git(rule_input: RuleInput) -> bool:
    """Return True if a source file that may run asks git, as programs do that update themselves."""
    return any(map(_GIT.search, _read_files(rule_input, _may_run_in_container)))


def has_make_script(rule_input: RuleInput) -> bool:
    """Return True if a program of the context is a script that make runs."""
    texts = _read_files(rule_input, lambda path: "." not in posixpath.basename(path))
    return any(map(_MAKE_SCRIPT.match, texts))


def starts_program(rule_input: RuleInput, pattern: re.Pattern[str]) -> bool:
    """Return True if a source file of the build context that may run has such a text."""
    texts = _read_files(rule_input, _may_run)
    return any(map(pattern.search, texts))


def _may_run(path: str) -> bool:
    return bool(_SOURCE_FILE.search(path)) and not _OTHER_SOURCE.search(path)


def _may_run_in_container(path: str) -> bool:
    return _may_run(path) and not _DEVELOPER_FOLDER.search(path)


def _read_files(rule_input: RuleInput, accepts: Callable[[str], bool]) -> Iterator[str]:
    """Yield the texts of the first small files of the context with paths that are accepted."""
    context = rule_input.context
    sizes = context.file_sizes if context else {}
    paths = (path for path, size in sizes.items() if size <= _MAX_SOURCE_BYTES and accepts(path))
    for path in islice(paths, _MAX_SOURCES):
        if context:
            yield context.read_text(path)
