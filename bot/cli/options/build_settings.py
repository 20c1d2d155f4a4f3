"""Arguments for the needs of builds from outside: secrets, SSH, contexts, network, time."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from bot.cli.options.argument_types import make_argument_type
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.commands import BuildSettings
from bot.cli.options.login_file import read_login_file
from bot.model.build_cache import BuildCache
from bot.model.spec import BuildNeeds, SecretKind, SecretSource
from bot.project.build_needs import (
    parse_build_context,
    parse_build_minutes,
    parse_host,
    parse_secret,
    validate_secret_id,
)
from bot.project.cache_forms import parse_cache_source, parse_cache_target
from bot.project.need_inputs import check_input_variable, parse_preparation
from bot.project.option_values import parse_builder, parse_jobs, validate_text

# The options that change nothing but builds, with their defaults, since `read_build_settings` also
# reads those of commands that build nothing.
_BUILD_OPTIONS = {
    "--verify": False,
    "--secret": (),
    "--ssh": (),
    "--add-host": (),
    "--build-timeout": None,
    "--build-network": None,
    "--builder": None,
    "--jobs": None,
    "--cache-from": (),
    "--cache-to": (),
    "--registry-auth": (),
}


def add_need_arguments(parser: CommandParser) -> None:
    """Add the arguments that `read_build_settings` reads, but for `--prepare`."""
    _add_list(
        parser,
        "--secret",
        _parse_secret,
        "id=ID[,src=FILE|,env=NAME]",
        "a secret of RUN --mount=type=secret; with its ID alone, the variable of that name",
    )
    _add_list(
        parser,
        "--ssh",
        _parse_ssh,
        "ID[=SOCKET|=KEY]",
        "an SSH agent (the default) or a key for RUN --mount=type=ssh",
    )
    add_context_argument(parser)
    _add_list(parser, "--add-host", parse_host, "HOST:IP", "a host name and its address for RUN")
    group = parser.group(HelpGroup.BUILDS)
    group.add_argument(
        "--build-timeout",
        type=make_argument_type(parse_build_minutes),
        metavar="TIME",
        help="the time limit of one build, in minutes or as in 1h30m; default: 25",
    )
    group.add_argument(
        "--build-network",
        type=make_argument_type(validate_text),
        metavar="MODE",
        help="the network mode of RUN, such as host",
    )
    group.add_argument(
        "--builder",
        type=make_argument_type(parse_builder),
        metavar="NAME",
        help="the builder of docker buildx; default: the configuration's, or the one in use",
    )
    group.add_argument(
        "--jobs",
        type=make_argument_type(parse_jobs),
        metavar="N",
        help="the number of images to build at once; default: one image, with both sides at once",
    )
    _add_list(parser, "--cache-from", _parse_cache_source, "CACHE", "a cache to read")
    _add_list(parser, "--cache-to", _parse_cache_target, "CACHE", "a cache to write")
    add_login_argument(parser)


def add_login_argument(parser: CommandParser) -> None:
    """Add `--registry-auth`."""
    parser.group(HelpGroup.BUILDS).add_argument(
        "--registry-auth",
        type=make_argument_type(read_login_file),
        default=(),
        metavar="FILE",
        help="logins for registries, a YAML list with registry, username and password; - for "
        "standard input",
    )


def add_context_argument(parser: CommandParser) -> None:
    """Add `--build-context`."""
    _add_list(
        parser,
        "--build-context",
        parse_build_context,
        "NAME=DIR|URL",
        "a named context: a folder of the repository, docker-image://NAME or an address",
    )


def refuse_build_arguments(parser: argparse.ArgumentParser) -> None:
    """Refuse the arguments that are about builds alone, so that nobody counts on them."""
    for option, value in _BUILD_OPTIONS.items():
        parser.add_argument(
            option, nargs="?", action=_RefusedOption, default=value, help=argparse.SUPPRESS
        )


class _RefusedOption(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> NoReturn:
        parser.error(
            f"{option_string} is for builds, and this command builds nothing: leave it out"
        )


def add_prepare_argument(parser: CommandParser) -> None:
    """Add `--prepare`."""
    parser.group(HelpGroup.BUILDS).add_argument(
        "--prepare",
        type=make_argument_type(parse_preparation),
        metavar="YAML",
        help="commands to run in each checkout before its builds: {image: NAME, run: [COMMAND]}",
    )


def read_build_settings(arguments: argparse.Namespace) -> BuildSettings:
    """Return what the builds need, and their named contexts."""
    needs = BuildNeeds(
        secrets=tuple(arguments.secret),
        ssh=tuple(arguments.ssh),
        network=arguments.build_network,
        add_hosts=tuple(arguments.add_host),
        preparation=getattr(arguments, "prepare", None),  # `advise` has no checkout to prepare
        timeout_s=arguments.build_timeout,
        cache_from=tuple(arguments.cache_from),
        cache_to=tuple(arguments.cache_to),
    )
    return BuildSettings(
        needs,
        dict(arguments.build_context),
        tuple(arguments.registry_auth),
        jobs=arguments.jobs,
        builder=arguments.builder,
    )


def _add_list(
    parser: CommandParser,
    name: str,
    parse: Callable[[str], object],
    metavar: str,
    description: str,
) -> None:
    """Add an option that may be repeated."""
    parser.group(HelpGroup.BUILDS).add_argument(
        name,
        action="append",
        default=[],
        type=make_argument_type(parse),
        metavar=metavar,
        help=f"{description}; may be repeated",
    )


def _parse_secret(text: str) -> SecretSource:
    """Parse `id=ID,src=FILE`, `id=ID,env=NAME` or `id=ID`, as docker build does."""
    secret = check_input_variable(parse_secret(text))
    # Builds run in a checkout elsewhere: a path is of the folder that the user is in.
    if secret.kind is SecretKind.FILE:
        return SecretSource(secret.id, secret.kind, _make_absolute(secret.source))
    return secret


def _parse_ssh(text: str) -> str:
    name, equals, path = validate_text(text).partition("=")
    validate_secret_id(name)
    return f"{name}={_make_absolute(path)}" if equals else name


def _parse_cache_source(text: str) -> BuildCache:
    return _locate_cache(parse_cache_source(text))


def _parse_cache_target(text: str) -> BuildCache:
    return _locate_cache(parse_cache_target(text))


def _locate_cache(cache: BuildCache) -> BuildCache:
    return cache.move(_make_absolute(cache.folder)) if cache.folder else cache


def _make_absolute(path: str) -> str:
    """Return the path of a file of the command line, which may be anywhere."""
    if not path:
        raise ValueError("the path is empty")
    return str(Path(path).expanduser().absolute())
