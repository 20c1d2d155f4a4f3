"""The YAML of the configuration: plain values, and a mistake with its line for everything else."""

from typing import Any

import pytest

from bot.project.yaml_nodes import MAX_CHARACTERS, MAX_VALUES, YamlMistake
from bot.project.yaml_reader import TaggedValue, find_line, read_yaml


def mistake(text: str) -> YamlMistake:
    with pytest.raises(YamlMistake) as caught:
        read_yaml(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("1.50", 1.5),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1e400", "1e400"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("2001-13-45", "2001-13-45"),
        ("2001-12-14t21:59:43.10-99:00", "2001-12-14t21:59:43.10-99:00"),
        ("yes", "yes"),
        ("1:30", "1:30"),
        ("9" * 19, "9" * 19),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1.20", "1.20"),
        ("! 1.20", "1.20"),
        ("|\n  1\n", "1\n"),
    ],
)
def test_a_scalar_is_plain_or_the_text_that_stands_there(text: str, value: object) -> None:
    assert read_yaml(f"a: {text}") == {"a": value}


def test_below_a_text_key_every_scalar_is_text() -> None:
    text = "args: {a: 1.20, b: 0x1F, c: true, d: ~, e: '~', f: {g: [010]}}\nother: {a: 1.20}"
    assert read_yaml(text, {"args"}) == {
        "args": {"a": "1.20", "b": "0x1F", "c": "true", "d": None, "e": "~", "f": {"g": ["010"]}},
        "other": {"a": 1.2},
    }


def test_an_alias_below_a_text_key_is_text_too() -> None:
    assert read_yaml("a: &v 1.20\nargs: {b: *v}", {"args"}) == {"a": 1.2, "args": {"b": "1.20"}}


def test_merge_keys_add_what_a_mapping_lacks() -> None:
    text = "one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nall: {<<: [*one, *two], c: 3}"
    assert read_yaml(text)["all"] == {"a": 1, "b": 1, "c": 3}
    assert read_yaml("'<<': 1") == {"<<": 1}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n"])
def test_an_empty_document_has_no_value(text: str) -> None:
    assert read_yaml(text) is None


def test_lines_are_those_of_keys_and_items() -> None:
    data: Any = read_yaml("\ufeffa: 1\r\n# c\r\nb:\r\n  - x: 1\r\n  -\r\n    y: 2\r\n")
    paths: list[list[Any]] = [["a"], ["b"], ["b", 0], ["b", 1, "y"], ["b", 7], ["none"], []]
    assert [find_line(data, path) for path in paths] == [1, 3, 4, 6, 3, 1, 1]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: !!int x", 2, "!!int"),
        ("a: !!bool x", 1, "!!bool"),
        ("a: !!float 1.0", 1, "!!float"),
        ("a: !!timestamp 2001-01-01", 1, "!!timestamp"),
        ("a: !!binary aGk=", 1, "!!binary"),
        ("\na: !!set {b, c}", 2, "!!set"),
        ("a: !!omap [b: 1]", 1, "!!omap"),
        ("a: !!python/object/apply:os.system [x]", 1, "!!python"),
        ("%TAG !e! tag:e,\n---\na: !e!x 1", 3, "tag:e,x"),
        ("a: &a\n  b: *a", 2, "*a"),
        ("a: &a {<<: *a}", 1, "*a"),
        ("a: *none", 1, "*none"),
        ("a: {<<: 1}", 1, "<<"),
        ("a: {<<: [1]}", 1, "<<"),
        ("a: 1\na: 2", 2, "appears twice"),
        ("a: {b: 1,\n b: 2}", 2, "appears twice"),
        ("? [a]\n: b", 1, "cannot be a key"),
        ("a: 1\n---\nb: 1", 2, "second document"),
        ("a: 1\n\tb: 2", 2, ""),
        ("a: [1,\n", 2, ""),
        ('a: "\\UFFFFFFFF"', 1, ""),
        ("%YAML 9.9\n---\na", 1, ""),
        ("a\nb\0", 2, "U+0000"),
        ("a: \x1b[31m", 1, "U+001B"),
        ("# c\x85a: 1", 1, "U+0085"),
        ("# c\u2028a: 1", 1, "U+2028"),
        ("a: na\ufffdve", 1, "UTF-8"),
        (r'a: "x\0y"', 1, "U+0000"),
        ('a: 1\n"b\\x00": 1', 2, "U+0000"),
        (r'a: "\ud800"', 1, "U+D800"),
        (r'a: [b, "\U0000DFFF"]', 1, "U+DFFF"),
    ],
)
def test_a_mistake_has_its_line_and_says_what_it_is(text: str, line: int, word: str) -> None:
    problem = mistake(text)
    assert problem.line == line
    assert word in problem.reason


def test_bytes_that_are_no_text_may_be_in_a_comment() -> None:
    assert read_yaml("a: 1 # na\ufffdve") == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 900_000,
        "{a: " * 200_000,
        "- " * 400_000,
        "a: &a [x" + ",x" * 400_000,
        "\n".join(f"k{number}: {number}" for number in range(60_000)),
        "x" * (MAX_CHARACTERS + 1),
        "a0: &a0 {a: 1}\n" + "".join(f"a{n}: &a{n} {{b: *a{n - 1}}}\n" for n in range(1, 40)),
        "a0: &a0 {a: 1}\n"
        + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 30)),
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
    ],
    ids=["lists", "mappings", "items", "values", "keys", "text", "chain", "merges", "bomb"],
)
def test_a_text_without_bounds_is_refused_shortly(text: str) -> None:
    assert len(mistake(text).reason) < 250


def test_as_many_values_as_are_allowed_are_read() -> None:
    text = "\n".join(f"k{number}:" for number in range(MAX_VALUES // 2 - 1))
    assert len(read_yaml(text)) == MAX_VALUES // 2 - 1


def test_tags_can_be_kept() -> None:
    text = "a: !reset null\nb: !override\n  - x\nc: {d: !reset {e: 1}}\n"
    assert read_yaml(text, kept_tags={"!reset", "!override"}) == {
        "a": TaggedValue("!reset", None),
        "b": TaggedValue("!override", ["x"]),
        "c": {"d": TaggedValue("!reset", {"e": 1})},
    }
    with pytest.raises(YamlMistake, match="!reset"):
        read_yaml(text, kept_tags={"!override"})


def test_a_kept_tag_means_nothing_to_a_merge_key() -> None:
    text = "a: &a !override {b: 1}\nc: {<<: *a, d: 2}\n"
    assert read_yaml(text, kept_tags={"!override"})["c"] == {"b": 1, "d": 2}
