"""The formats of the configuration's schema, each with the parser that refuses what is none."""

from collections.abc import Callable, Mapping

from bot.model.sizes import parse_percent, parse_size
from bot.project.build_needs import (
    check_repository_secret,
    check_secret_variable,
    parse_build_context,
    parse_build_minutes,
    parse_host,
    parse_secret,
    parse_secret_file,
    parse_secret_variable,
    parse_ssh,
    validate_address,
    validate_context,
    validate_context_name,
    validate_host,
    validate_secret_id,
    validate_secret_path,
    validate_variable,
)
from bot.project.cache_forms import parse_file_cache_source, parse_file_cache_target
from bot.project.history_place import validate_file_history
from bot.project.option_values import (
    AUTO,
    parse_builder,
    parse_growth_limit,
    validate_argument,
    validate_build_file,
    validate_max_size,
    validate_path,
    validate_platform,
)


def _check_auto(text: str) -> None:
    if text != AUTO:
        raise ValueError(f"{text!r} is neither {AUTO} nor a list of files")


FORMATS: Mapping[str, Callable[[str], object]] = {
    "size": parse_size,
    "max-size": validate_max_size,
    "percent": parse_percent,
    "growth": parse_growth_limit,
    "path": validate_path,
    "platform": validate_platform,
    "text": validate_argument,
    "auto": _check_auto,
    "build-file": validate_build_file,
    "secret": lambda text: check_repository_secret(parse_secret(text)),
    "secret-file": lambda text: check_repository_secret(parse_secret_file(text)),
    "secret-env": lambda text: check_repository_secret(parse_secret_variable(text)),
    "secret-id": validate_secret_id,
    "secret-path": validate_secret_path,
    "secret-variable": lambda text: check_secret_variable(validate_variable(text)),
    "ssh": parse_ssh,
    "build-context": parse_build_context,
    "context-name": validate_context_name,
    "context": validate_context,
    "host": parse_host,
    "host-name": validate_host,
    "address": validate_address,
    "minutes": parse_build_minutes,
    "cache-source": parse_file_cache_source,
    "cache-target": parse_file_cache_target,
    "history": validate_file_history,
    "builder": parse_builder,
}
