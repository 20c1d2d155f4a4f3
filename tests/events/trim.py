"""Cuts recorded webhook payloads down to the fields that an action may go by.

How to run it: see README.md beside this file.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_REPOSITORY: dict[str, Any] = {
    "full_name": {},
    "default_branch": {},
    "fork": {},
    "owner": {"login": {}},
}
_END = {"ref": {}, "sha": {}, "repo": _REPOSITORY}
_PERSON: dict[str, Any] = {"login": {}, "type": {}}
# Names to keep; an empty mapping keeps all that stands there.
KEPT: dict[str, Any] = {
    "action": {},
    "number": {},
    "pull_request": {
        **{name: {} for name in ("number", "state", "draft", "merged", "merge_commit_sha")},
        "updated_at": {},
        "user": _PERSON,
        "head": _END,
        "base": _END,
    },
    "label": {"name": {}},
    "merge_group": {name: {} for name in ("head_sha", "head_ref", "base_sha", "base_ref")},
    **{name: {} for name in ("ref", "before", "after", "created", "deleted", "forced")},
    "inputs": {},
    "workflow_run": {
        **{name: {} for name in ("id", "event", "status", "conclusion", "head_sha", "head_branch")},
        "created_at": {},
        "actor": _PERSON,
        "head_repository": {"full_name": {}, "fork": {}},
        "pull_requests": {},
    },
    "issue": {"number": {}},
    "comment": {"id": {}},
    "repository": _REPOSITORY,
    "sender": _PERSON,
}
# Which example becomes which file: the event, and what tells the example apart from its siblings.
CHOSEN: dict[str, tuple[str, dict[str, Any]]] = {
    **{
        f"pull_request.{action}": ("pull_request", {"action": action})
        for action in ("opened", "synchronize", "reopened", "labeled", "unlabeled", "closed")
    },
    "merge_group.checks_requested": ("merge_group", {"action": "checks_requested"}),
    "push.new-default-branch": ("push", {"ref": "refs/heads/master"}),
    "push.tag": ("push", {"ref": "refs/tags/simple-tag", "created": True}),
    "push.deletion": ("push", {"deleted": True}),
    "workflow_dispatch": ("workflow_dispatch", {}),
    "workflow_run.requested": ("workflow_run", {"action": "requested"}),
    "workflow_run.completed": ("workflow_run", {"action": "completed"}),
    "issue_comment.created": ("issue_comment", {"action": "created"}),
}


def trim(payload: Any, kept_fields: Mapping[str, Any] = KEPT) -> Any:
    """Return the payload without the fields that `kept_fields` does not name."""
    if not kept_fields or not isinstance(payload, dict):
        return payload
    return {name: trim(payload[name], kept_fields[name]) for name in kept_fields if name in payload}


def choose(examples: list[dict[str, Any]], event: str, like: Mapping[str, Any]) -> Any:
    """Return the first example of an event that matches."""
    (of_event,) = (each["examples"] for each in examples if each["name"] == event)
    return next(each for each in of_event if like.items() <= each.items())


def main(arguments: list[str] | None = None) -> int:
    """Read the unpacked npm package and write the trimmed payloads into this folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the unpacked @octokit/webhooks-examples")
    package: Path = parser.parse_args(arguments).package
    examples = json.loads((package / "api.github.com/index.json").read_text(encoding="utf-8"))
    for name, (event, like) in CHOSEN.items():
        text = json.dumps(trim(choose(examples, event, like)), indent=2) + "\n"
        (HERE / "recorded" / f"{name}.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
