"""The digest of what a context sends."""

from bot.dockerfile.dockerignore import parse_dockerignore
from bot.project.context_digest import IgnoreRules, digest_context
from bot.project.file_tree import FileTree

TREE = {
    "api/Dockerfile": "100644 a",
    "api/x": "100644 b",
    "web/x": "100644 c",
    "api.md": "100644 d",
}


def digest(changes: dict[str, str], rules: IgnoreRules | None = None, context: str = "api") -> str:
    tree = {**TREE, **changes}
    return digest_context(FileTree(tree), context, rules)


def test_files_and_modes_of_the_context_count() -> None:
    before = digest({})
    assert digest({"web/x": "100644 z", "api.md": "100644 z", "apis/x": "100644 z"}) == before
    assert digest({"api/x": "100755 b"}) != before
    assert digest({"api/new": "100644 b"}) != before
    assert digest({"web/x": "100644 z"}, context=".") != digest({}, context=".")


def test_ignored_files_do_not_count() -> None:
    rules = parse_dockerignore(b"*.log\nlogs\n")
    before = digest({}, rules)
    assert digest({"api/a.log": "100644 q", "api/logs/x": "100644 q"}, rules) == before
    assert digest({"api/a.Log": "100644 q"}, rules) != before


def test_a_folder_of_ignored_files_counts_for_it_is_sent() -> None:
    rules = parse_dockerignore(b"**/*.log\n")
    assert digest({"api/logs/a.log": "100644 q"}, rules) != digest({}, rules)


def test_a_submodule_counts_unless_all_of_it_is_ignored() -> None:
    module = {"api/module": "160000 a"}
    other = {"api/module": "160000 b"}
    for patterns, counts in [(b"", True), (b"module/*", True), (b"module\n!module/x", True)]:
        rules = parse_dockerignore(patterns)
        assert (digest(module, rules) != digest(other, rules)) is counts
    rules = parse_dockerignore(b"module")
    assert digest(module, rules) == digest(other, rules)


def test_names_that_are_no_text_count() -> None:
    assert digest({"api/\udcff": "100644 q"}) != digest({"api/\udcfe": "100644 q"})
