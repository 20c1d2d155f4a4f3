"""Cuts GitHub's whole description of its REST API down to the operations that the stand-in serves.

The whole is 13 MB, which no repository should carry; the part is under 1.5 MB, so tests need no
download. How to run it: see README.md beside this file.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE / "api.github.com.json"

_REPO = "/repos/{owner}/{repo}"
_ISSUE = _REPO + "/issues/{issue_number}"
_PULL = _REPO + "/pulls/{pull_number}"
OPERATIONS: dict[str, tuple[str, ...]] = {
    "/rate_limit": ("get",),
    "/user": ("get",),
    "/users/{username}": ("get",),
    _REPO: ("get",),
    _REPO + "/collaborators/{username}/permission": ("get",),
    _REPO + "/commits/{ref}": ("get",),
    _REPO + "/commits/{ref}/status": ("get",),
    _REPO + "/commits/{commit_sha}/pulls": ("get",),
    _REPO + "/statuses/{sha}": ("post",),
    _REPO + "/actions/runs/{run_id}": ("get",),
    _REPO + "/actions/runs/{run_id}/artifacts": ("get",),
    _REPO + "/issues/comments/{comment_id}": ("get", "patch", "delete"),
    _REPO + "/issues": ("get", "post"),
    _ISSUE: ("get", "patch"),
    _ISSUE + "/comments": ("get", "post"),
    _ISSUE + "/labels": ("get", "post", "put", "delete"),
    _ISSUE + "/labels/{name}": ("delete",),
    _ISSUE + "/events": ("get",),
    _ISSUE + "/timeline": ("get",),
    _PULL: ("get",),
    _PULL + "/files": ("get",),
    _PULL + "/reviews": ("get", "post"),
    _PULL + "/comments": ("get", "post"),
    _PULL + "/comments/{comment_id}/replies": ("post",),
    _REPO + "/pulls/comments/{comment_id}": ("get", "patch", "delete"),
}
# Illustrations and Octokit's or GitHub's own remarks: nothing of them takes part in a check.
_DROPPED = frozenset({"example", "examples", "x-github", "x-octokit", "summary", "tags"})
# Under these keys stand names chosen by GitHub, so a property called "example" is kept.
_NAME_MAPS = frozenset({"properties", "schemas", "parameters", "responses", "headers", "paths"})


def trim(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the description that covers OPERATIONS."""
    paths = {path: _path_item(whole["paths"][path], verbs) for path, verbs in OPERATIONS.items()}
    return {
        "openapi": whole["openapi"],
        "info": whole["info"],
        "servers": whole["servers"],
        "paths": paths,
        "components": _needed_components(whole, paths),
    }


def _path_item(item: dict[str, Any], verbs: tuple[str, ...]) -> dict[str, Any]:
    path_item: dict[str, Any] = _without_examples({verb: item[verb] for verb in verbs})
    return path_item


def _needed_components(whole: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Return every component that the paths refer to, directly or through others."""
    components: dict[str, dict[str, Any]] = {}
    waiting = sorted(set(_references(paths)))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name in components.setdefault(kind, {}):
            continue
        components[kind][name] = _without_examples(whole["components"][kind][name])
        waiting.extend(_references(components[kind][name]))
    return {kind: dict(sorted(named.items())) for kind, named in sorted(components.items())}


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def _without_examples(node: Any, names: bool = False) -> Any:
    """Return a copy without illustrations; `names` marks keys that are names."""
    if isinstance(node, list):
        return [_without_examples(child) for child in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_examples(child, names=not names and key in _NAME_MAPS)
        for key, child in node.items()
        if names or key not in _DROPPED
    }


def main(arguments: list[str] | None = None) -> int:
    """Read the unpacked npm package, write the trimmed description and its licence here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the unpacked npm package @octokit/openapi")
    package: Path = parser.parse_args(arguments).package
    whole = json.loads((package / "generated" / TARGET.name).read_text(encoding="utf-8"))
    text = json.dumps(trim(whole), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    TARGET.write_text(text, encoding="utf-8")
    shutil.copyfile(package / "LICENSE", HERE / "LICENSE")
    version = whole["info"]["version"]
    sys.stdout.write(f"{TARGET.name}: {len(text.encode()):,} bytes, version {version}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
