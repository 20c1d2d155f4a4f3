"""The needs of builds from outside, as arguments of the command line that reproduces a report."""

import json
from collections.abc import Iterator, Mapping

from bot.model.spec import BuildNeeds, Preparation, SecretKind, SecretSource


def list_need_arguments(
    needs: BuildNeeds,
    build_contexts: Mapping[str, str] = {},
) -> Iterator[str]:
    """Yield the arguments; a secret has its ID and its source, and never its value.

    Who makes a report again writes no cache.
    """
    for source in needs.secrets:
        yield from ("--secret", _name_secret(source))
    for entry in needs.ssh:
        yield from ("--ssh", entry)
    for name, value in build_contexts.items():
        yield from ("--build-context", f"{name}={value}")
    for entry in needs.add_hosts:
        # The manual of docker build has the colon; the model has the form of BuildKit.
        yield from ("--add-host", entry.replace("=", ":", 1))
    if needs.network:
        yield from ("--build-network", needs.network)
    if needs.timeout_s:
        yield from ("--build-timeout", f"{needs.timeout_s:.0f}s")
    for cache in needs.cache_from:
        yield from ("--cache-from", str(cache))
    if needs.preparation:
        yield from ("--prepare", _format_preparation(needs.preparation))


def _name_secret(source: SecretSource) -> str:
    """Return `id=ID` with its file or variable; a value is asked for as the variable `ID`."""
    match source.kind:
        case SecretKind.FILE:
            return f"id={source.id},src={source.source}"
        case SecretKind.ENVIRONMENT:
            return f"id={source.id},env={source.source}"
        case SecretKind.VALUE:
            return f"id={source.id}"


def _format_preparation(preparation: Preparation) -> str:
    """Return a preparation as JSON, which is YAML as well."""
    return json.dumps({"image": preparation.image, "run": list(preparation.commands)})
