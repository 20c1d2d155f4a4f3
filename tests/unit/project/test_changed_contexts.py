"""What changed of a context, against the digests of all that both revisions send."""

from hypothesis import example, given
from hypothesis import strategies as st

from bot.dockerfile.dockerignore import parse_dockerignore
from bot.project.context_digest import digest_context, has_sent_changes
from bot.project.file_tree import FileTree

_NAMES = st.sampled_from(["a", "b", "a.log", "logs", "a-b", "x.md"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=4).map("/".join)
_ENTRIES = st.sampled_from(["100644 1", "100644 2", "100755 1", "120000 1", "160000 1", "160000 2"])
_TREES = st.dictionaries(_PATHS, _ENTRIES, max_size=8)
_PATTERNS = st.sampled_from(
    [
        "a",
        "*",
        "**",
        "**/*.log",
        "logs",
        "logs/**",
        "a/*",
        "!a",
        "!a/b",
        "!**/x.md",
        "b/**/a",
        "*-b",
    ]
)


def _make_tree(entries: dict[str, str]) -> FileTree:
    """Return a tree as git has them: what has files in it is no file."""
    folders = {path[:end] for path in entries for end in range(len(path)) if path[end] == "/"}
    return FileTree({path: entry for path, entry in entries.items() if path not in folders})


@given(_TREES, _TREES, st.lists(_PATTERNS, max_size=5), st.sampled_from([".", "a", "logs/b"]))
@example({"logs/a.log": "100644 1"}, {}, ["**/*.log"], ".")
@example({"a/b": "100644 1"}, {"a": "100644 1"}, ["*", "!a"], ".")
def test_changes_are_sent_if_and_only_if_the_digests_differ(
    base: dict[str, str], head: dict[str, str], patterns: list[str], context: str
) -> None:
    # Half of the files stay as they are, as in most changes.
    trees = _make_tree(base), _make_tree({**base, **dict(list(head.items())[::2])})
    text = "\n".join(patterns).encode()
    for rules in (None, parse_dockerignore(text)):
        digests = [digest_context(tree, context, rules) for tree in trees]
        assert has_sent_changes(trees, context, rules) is (digests[0] != digests[1])
        assert not has_sent_changes((trees[0], trees[0]), context, rules)
