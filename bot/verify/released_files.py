"""Files of Erlang's and Elixir's applications that a release holds again: `priv` and settings."""

import re
from collections.abc import Callable, Mapping

from bot.model.files import Entry

_PRIV_FILE = re.compile(r"(?:^|/)priv/(?P<name>.+)")
# The library of an application in a release: `lib/shop-0.1.0/priv/static/app.css`
_RELEASED_FILE = re.compile(r"(?:^|/)lib/[a-z]\w*-[^/]+/priv/(?P<name>.+)")
# `config/sys.config.src` and `rel/env.sh.eex` become `releases/0.1.0/sys.config` and `…/env.sh`.
_SETTINGS_FILE = re.compile(
    r"(?:^|/)(?:(?P<name>sys\.config|vm\.args)(?:\.src)?|rel/(?P<template>[\w.]+)\.eex)$"
)
_RELEASED_SETTINGS = re.compile(r"(?:^|/)releases/[^/]+/(?P<name>[\w.]+)$")
# `src/shop.app.src` becomes `lib/shop-0.1.0/ebin/shop.app`.
_RESOURCE_FILE = re.compile(r"(?:^|/)(?P<name>\w+)\.app\.src$")
_RELEASED_RESOURCE = re.compile(r"/ebin/(?P<name>\w+)\.app$")
# A path from the working folder: `File.read!("priv/x.csv")`, `"priv/x.csv" |> File.read!()`,
# `@words "priv/x.csv"`, and not `Application.app_dir(:shop, "priv/x.csv")`.
_READ = re.compile(
    r"\b(?:File|Path|EEx|Code|IO|file|filelib)[.:]\w+[!?]?\(\s*\"[\w./-]*priv/"
    r"|\"[\w./-]*priv/[^\"\n]*\"\s*\|>|@\w+\s+\"[\w./-]*priv/"
)


def make_released_file_matcher(
    tree: Mapping[str, Entry], sources: Mapping[str, str]
) -> Callable[[str, Entry], bool]:
    """Return a predicate for files that are in a release again: settings, and those of `priv`.

    Those of `priv` have the same content there. It is for none of them where a source may read them
    from the project's own folder.
    """
    reads_priv = any(map(_READ.search, sources.values()))
    resources = {match["name"] for match in map(_RELEASED_RESOURCE.search, tree) if match}
    settings = {match["name"] for match in map(_RELEASED_SETTINGS.search, tree) if match}
    released = {
        (match["name"], entry.content_hash)
        for path, entry in tree.items()
        if entry.content_hash and (match := _RELEASED_FILE.search(path))
    }

    def is_released(path: str, entry: Entry) -> bool:
        if template := _SETTINGS_FILE.search(path):
            name = template["name"] or template["template"]
            return name in settings or f"{name}.src" in settings
        if resource := _RESOURCE_FILE.search(path):
            return resource["name"] in resources
        match = _PRIV_FILE.search(path)
        is_again = match is not None and (match["name"], entry.content_hash) in released
        return is_again and not reads_priv

    return is_released
