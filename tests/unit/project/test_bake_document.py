"""The JSON of buildx 0.13 and 0.29 for the same compose file, as they printed it."""

import pytest

from bot.project.bake_document import BakeTarget, parse_bake_document
from bot.project.compose_file import BuildFileMistake

OLD = b"""{
  "group": {"default": {"targets": ["a", "b_x"]}},
  "target": {
    "a": {
      "context": "svc",
      "contexts": {"base": "service:b.x", "other": "b"},
      "dockerfile": "Dockerfile",
      "args": {"BAR": "1", "V": "d"},
      "tags": ["x/y:1"],
      "cache-from": ["type=gha"],
      "output": ["type=cacheonly"]
    },
    "b_x": {"context": "b", "dockerfile": "Dockerfile", "output": ["type=cacheonly"]}
  }
}"""
NEW = b"""{
  "group": {"default": {"targets": ["a", "b_x"]}},
  "target": {
    "a": {
      "context": "svc",
      "contexts": {"base": "target:b_x", "other": "b"},
      "dockerfile": "Dockerfile",
      "args": {"BAR": "1", "V": "d"},
      "tags": ["x/y:1"],
      "cache-from": [{"type": "gha"}],
      "output": [{"type": "cacheonly"}]
    },
    "b_x": {"context": "b", "dockerfile": "Dockerfile", "output": [{"type": "cacheonly"}]}
  }
}"""


@pytest.mark.parametrize("text", [OLD, NEW])
def test_old_and_new_buildx_declare_the_same(text: bytes) -> None:
    assert parse_bake_document(text) == (
        BakeTarget(
            "a",
            "svc",
            args={"BAR": "1", "V": "d"},
            contexts={"base": "target:b_x", "other": "b"},
            tags=("x/y:1",),
        ),
        BakeTarget("b_x", "b"),
    )


def test_every_field_that_counts_is_read() -> None:
    text = b"""{"target": {
      "a": {"target": "dev", "dockerfile": "D", "platforms": ["linux/amd64"], "network": "host",
            "entitlements": ["network.host"], "args": {"A": null, "B": ""}},
      "b": {"dockerfile-inline": "FROM scratch"}}}"""
    assert parse_bake_document(text) == (
        BakeTarget(
            "a",
            dockerfile="D",
            target="dev",
            args={"B": ""},
            platforms=("linux/amd64",),
            machine_options=("network", "entitlements"),
        ),
        BakeTarget("b", is_inline=True),
    )


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"target": {"a": 1}}', b'{"target": [1]}'])
def test_other_output_is_refused(text: bytes) -> None:
    with pytest.raises(BuildFileMistake):
        parse_bake_document(text)
