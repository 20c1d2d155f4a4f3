"""The key of an image's build, and the commit that it was measured at before, as JSON."""

from bot.model.build_key import BaseDigest, BuildKey, RecordedCommit
from bot.report.document.json_types import Document, JsonObject


def write_build_key(key: BuildKey | None, recorded_at: RecordedCommit | None) -> Document:
    """Write the fields of an image about its build; none of what is not known."""
    document: Document = {}
    # Left out and not null where they are unknown, as in reports of older versions.
    if key is not None:
        bases = [{"name": base.name, "digest": base.digest} for base in key.bases]
        document["build_key"] = {"inputs": key.inputs, "bases": bases}
    if recorded_at is not None:
        document["recorded_at"] = {"commit": recorded_at.sha, "date": recorded_at.date}
    return document


def read_build_key(data: JsonObject) -> BuildKey | None:
    """Read what an image was built of."""
    key = data.get("build_key")
    if key is None:
        return None
    bases = tuple(BaseDigest(base["name"], base["digest"]) for base in key["bases"])
    return BuildKey(key["inputs"], bases)


def read_recorded_commit(data: JsonObject) -> RecordedCommit | None:
    """Read where an image was measured that was not built again."""
    commit = data.get("recorded_at")
    return None if commit is None else RecordedCommit(commit["commit"], commit["date"])
