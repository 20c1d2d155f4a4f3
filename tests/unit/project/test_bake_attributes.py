"""What targets of bake files ask for, read from the text of the files."""

import pytest

from bot.project.bake_attributes import find_unused_keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('target "a" {\n  secret = ["id=npm"]\n  ssh=["default"]\n}', ("secret", "ssh")),
        ('target "a" { cache-to = ["type=gha"] }', ("cache-to",)),
        ('target "a" { secret = [{ type = "env", id = "npm" }] }', ("secret",)),
        ('target "a" { secret = concat(["id=x"], common) }', ("secret",)),
        (
            '{"target": {"a": {"context": ".", "cache-from": ["x"], "ssh": ["default"]}}}',
            ("ssh", "cache-from"),
        ),
        ('target "a" {\n  # secret = ["id=npm"]\n  // ssh = ["x"]\n}', ()),
        ('/* secret = ["x"]\nssh = ["x"] */\ntarget "a" {\n  secret = []\n}', ()),
        ('target "a" {\n  args = { ssh = "a", x = "b,secret=c" }\n}', ()),
        ('target "a" {\n  args = { x = "}" }\n  ssh = ["default"]\n}', ("ssh",)),
        ('target "a" { context = "src/*" }\ntarget "b" { ssh = ["default"] } // */', ()),
        ('target "a" {\n  dockerfile-inline = <<EOT\nRUN {\nssh = 1\nEOT\n}', ()),
        ('{"target": {"a": {"secret": [], "tags": ["ssh"]}}}', ()),
        ('variable "x" { default = "y" }\ntarget "a" { ssh = ["default"] }', ("ssh",)),
        ('function "target" {\n  params = [ssh]\n  result = ssh == 1\n}\ntarget "a" {}', ()),
    ],
)
def test_the_attributes_of_a_target(text: str, keys: tuple[str, ...]) -> None:
    assert find_unused_keys([text], ["a"]) == ({"a": keys} if keys else {})


def test_each_target_has_its_own_and_those_that_it_inherits() -> None:
    text = """
        target "_common" { secret = ["id=npm"] }
        target "api" {
          inherits = ["_common", "api"]
          ssh = ["default"]
        }
        target "web" { inherits = [
          "_common",
        ] }
        target "plain" { context = "." }
        """
    override = '{"target": {"plain": {"inherits": ["web"]}, "other": {"ssh": ["default"]}}}'
    names = ["api", "web", "plain"]
    keys = {"api": ("secret", "ssh"), "web": ("secret",)}
    assert find_unused_keys([text], names) == keys
    assert find_unused_keys([text, override], names) == {**keys, "plain": ("secret",)}


def test_targets_of_a_matrix_have_what_the_matrix_has() -> None:
    text = """
        target "app" {
          name = "app-${item}"
          matrix = { item = ["one", "two"] }
          ssh = ["default"]
        }
        target "plain" { secret = ["id=npm"] }
        """
    assert find_unused_keys([text], ["app-one", "plain"]) == {
        "app-one": ("ssh",),
        "plain": ("secret",),
    }


@pytest.mark.parametrize("parents", ['["_${KIND}"]', 'concat(["b"], [])', "NAMES"])
def test_parents_that_only_bake_can_tell_may_be_any_target(parents: str) -> None:
    text = f'target "a" {{ inherits = {parents} }}\ntarget "b" {{ ssh = ["default"] }}'
    assert find_unused_keys([text], ["a"]) == {"a": ("ssh",)}
