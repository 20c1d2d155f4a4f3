"""Builds and installs when the container starts or runs, for which it needs the tools."""

import posixpath
import re

from bot.advise.clear_starts import has_clear_start
from bot.advise.copied_scripts import list_copied_scripts
from bot.advise.program_starts import starts_compiler, starts_installer
from bot.advise.started_commands import read_start_commands
from bot.advise.started_scripts import read_started_scripts
from bot.advise.subject import RuleInput

_COMPILE = re.compile(
    r"(?m)(?:^|&&|[;|(]|\b(?:then|do|else|exec|env)\b)[ \t]*(?:\w+=\S*[ \t]+)*(?:\S*/)?"
    r"(?:cmake|emcmake|emcc|em\+\+|gcc|g\+\+|clang(?:\+\+)?|javac|rustc|cargo build|go build)"
    r"(?![\w.-])"
)
# Programs of Node that compile, and development servers: `vite` is one, `vite preview` is not.
_NODE_BUILD = re.compile(
    r"(?:^|[\s/;&|(\"'])(?:nest (?:start|build)|ng (?:serve|build)|vue-cli-service|"
    r"react-scripts|nodemon|ts-node|ts-node-dev|tsx|tsc|babel|babel-node|webpack|"
    r"webpack-dev-server|parcel|gulp|grunt|rollup|esbuild|vite(?! preview)|expo|"
    r"(?:next|nuxt|astro|remix|gatsby) (?:dev|develop|build)|docusaurus (?:start|build)|"
    r"(?:npm|yarn|pnpm|bun) (?:run )?(?:build|dev|serve)(?:[:-]\S*)?)(?![\w.-])"
)
# The same in a script of the shell, at the start of a command.
_SHELL_BUILD = re.compile(
    r"(?m)(?:^|&&|\|\||[;|(!]|\b(?:then|do|else|exec|sudo|env)\b)[ \t]*(?:\w+=\S*[ \t]+)*(?:\S*/)?"
    r"(?:(?:npm|yarn|pnpm|bun) (?:ci|i|install|(?:run )?(?:build|dev)(?:[:-]\S*)?)|"
    r"(?:composer|bundle|pip3?|poetry|pipenv|uv|npx|go|cargo|mix|dotnet|swift) (?:install|sync|"
    r"tsc|build|get|compile|deps\.get|run|publish|watch|vite|webpack|nest|next (?:build|dev))|"
    r"yarn(?=[ \t]*(?:$|&))|mvnw?|gradlew?|make|cmake|sbt|javac|gcc|g\+\+|tsc|nodemon|webpack|"
    r"(?:bundle exec )?(?:rails|rake) assets:precompile)(?![\w.-])"
)
_COMPILING_PACKAGES = frozenset(
    {"webpack", "webpack-dev-server", "webpack-dev-middleware", "vite", "esbuild", "browserify"}
    | {"@babel/register", "babel-register", "ts-node", "tsx", "parcel", "parcel-bundler"}
)
_MODE_PROGRAMS = ("chmod", "chown")
_COMPILER_VARIABLES = frozenset({"CC", "CXX"})


def find_run_time_build(rule_input: RuleInput) -> str:
    """Return the name of a copied script that compiles and that no `RUN` starts; empty if none.

    `compile.sh` of 9LiveZZZ-Git/Allolib-Studio-Online compiles what its users write.
    """
    context = rule_input.context
    for path in list_copied_scripts(rule_input) if context else ():
        name = posixpath.basename(path)
        text = context.read_text(path) if context and path in context.file_sizes else ""
        if _COMPILE.search(text) and not _is_run(rule_input, name):
            return name
    return ""


def builds_at_start(rule_input: RuleInput) -> bool:
    """Return True if the container builds or installs when it starts, as far as that is known.

    A script of package.json or an entry script may do it, or a package that a file loads.
    """
    started = rule_input.ask_once(read_started_scripts)
    return (
        installs_at_start(rule_input)
        or any(map(_NODE_BUILD.search, (*started.package_scripts, *started.commands)))
        or not _COMPILING_PACKAGES.isdisjoint(started.packages.started)
    )


def may_compile_at_start(rule_input: RuleInput) -> bool:
    """Return True if something that starts compiles, or if what starts is not clear.

    `npm start` of a workspace, or of a script that package.json does not have, may compile again.
    """
    if builds_at_start(rule_input) or not has_clear_start(rule_input):
        return True
    installs_itself = rule_input.ask_once(starts_installer)
    return installs_itself or starts_compiler(rule_input) or sets_compiler(rule_input)


def installs_at_start(rule_input: RuleInput) -> bool:
    """Return True if an entry script builds or installs, or a command that a wrapper gets.

    `["prehook", "bundle install -j4", "--", …]`, as HillTopTRPG/manchat starts.
    """
    scripts = rule_input.ask_once(read_started_scripts).shell_scripts
    commands = read_start_commands(rule_input).commands
    texts = (word for command in commands for word in command if " " in word)
    return any(map(_SHELL_BUILD.search, (*scripts, *texts)))


def sets_compiler(rule_input: RuleInput) -> bool:
    """Return True for `ENV CC=gcc`: what compiles in the container reads it (PyTorch, Triton)."""
    environments = (x.instruction for x in rule_input.steps if x.instruction.keyword == "ENV")
    return any(not _COMPILER_VARIABLES.isdisjoint(x.words[::2]) for x in environments)


def _is_run(rule_input: RuleInput, name: str) -> bool:
    """Return True if a `RUN` mentions a script, but for its mode."""
    return any(
        name in word.text
        for call in rule_input.list_run_calls()
        if call.name not in _MODE_PROGRAMS
        for word in call.command.words
    )
