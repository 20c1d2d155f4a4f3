"""Variables as BuildKit fills them in."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dockerfile.expansion import expand
from bot.dockerfile.expansion_allowance import BadExpansion, ExpansionAllowance

VARIABLES = {"v": "1", "empty": "", "path": "foobarbaz", "file": "a.tar.gz", "stars": "a*b*c"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:$v", "a:1"),
        ("a:${v}", "a:1"),
        ("$v$v", "11"),
        ("${v:-d}", "1"),
        ("${v-d}", "1"),
        ("${w:-d}", "d"),
        ("${w-d}", "d"),
        ("${empty:-d}", "d"),
        ("${empty-d}", ""),
        ("${v:+a}", "a"),
        ("${empty:+a}", ""),
        ("${empty+a}", "a"),
        ("${w+a}", ""),
        ("${v?no}", "1"),
        ("${empty?no}", ""),
        ("${path#foo}", "barbaz"),
        ("${path#*b}", "arbaz"),
        ("${path##*b}", "az"),
        ("${path#x}", "foobarbaz"),
        ("${path%baz}", "foobar"),
        ("${path%b*}", "foobar"),
        ("${path%%b*}", "foo"),
        ("${file%.*}", "a.tar"),
        ("${file%%.*}", "a"),
        ("${path/ba/BA}", "fooBArbaz"),
        ("${path//ba/BA}", "fooBArBAz"),
        ("${path/ba?/-}", "foo-baz"),
        ("${path//[z]/-}", "foobarbaz"),
        ("${path//*/x}", "x"),
        ("${v///-}", "-1-"),
        (r"${stars//\*/+}", "a+b+c"),
        (r"${w:-a\}b}", "a}b"),
        ("${w:-${v:+x$path}}", "xfoobarbaz"),
        ("${w:-'${v}'}", "${v}"),
        ("'$v'", "$v"),
        ('"$v"', "1"),
        (r"\$v", "$v"),
        (r'"\$v \" \x"', r'$v " \x'),
        ("a 'b c' d", "a b c d"),
        ("$w", "$w"),
        ("${w}", "${w}"),
        ("$", "$"),
        ("a$/b", "a$/b"),
        ("<<EOF", "<<EOF"),
    ],
)
def test_expanded_text(text: str, expected: str) -> None:
    assert expand(text, VARIABLES) == expected


@pytest.mark.parametrize(
    "text",
    [
        "${}",
        "${v",
        "${:x}",
        "${{v}}",
        "${v!x}",
        "${v:#x}",
        "${w?no}",
        "${empty:?no}",
        "${v/x}",
        "'open",
        '"open',
        r"${path#\a}",
        "${w:-" * 200,
    ],
)
def test_expressions_that_buildkit_refuses_are_refused(text: str) -> None:
    with pytest.raises(BadExpansion):
        expand(text, VARIABLES)


def test_with_another_escape_character_a_backslash_is_literal() -> None:
    assert expand(r"C:\$v `$v", VARIABLES, "`") == r"C:\1 $v"


def test_a_variable_without_value_can_be_empty() -> None:
    assert expand("a${w}b$w", {}, unset_value="") == "ab"


@given(st.text(alphabet="$v{}:-+?#%/'\"\\`<* a"))
def test_arbitrary_text_is_expanded_or_refused(text: str) -> None:
    with suppress(BadExpansion):
        assert expand(text, VARIABLES) == expand(text, VARIABLES, unset_value=None)


@given(st.text(alphabet="abc.-_/:@ é"), st.text(alphabet="abc.-_/:@é"))
def test_plain_text_is_unchanged(before: str, after: str) -> None:
    assert expand(before + "${v}" + after, VARIABLES) == before + "1" + after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:$V", "a:1"),
        ("a:${V}", "a:1"),
        ("a:${V:-2}", "a:1"),
        ("a:${W:-2}", "a:2"),
        ("a${V:+-slim}", "a-slim"),
        ("a${W:+-slim}", "a"),
        ("a:$W", "a:$W"),
    ],
)
def test_variables_in_an_image_name(text: str, expected: str) -> None:
    assert expand(text, {"V": "1"}) == expected


def test_a_value_above_the_limit_is_refused() -> None:
    large = {"v": "a" * 900_000}
    assert len(expand("$v", large)) == 900_000
    for text in ("$v$v", '"$v"$v', "${v/a/$v}", "${w:-$v$v}"):
        with pytest.raises(BadExpansion):
            expand(text, large)


def test_all_texts_of_a_dockerfile_share_an_allowance() -> None:
    allowance = ExpansionAllowance(10)
    assert expand("$v$v", {"v": "abcde"}, allowance=allowance) == "abcdeabcde"
    with pytest.raises(BadExpansion):
        expand("$v", {"v": "a"}, allowance=allowance)


def test_a_replacement_is_counted_before_it_is_made() -> None:
    with pytest.raises(BadExpansion):
        expand("${v//?/$v}", {"v": "a" * 20_000})


def test_a_pattern_that_cannot_match_costs_its_characters_once() -> None:
    allowance = ExpansionAllowance(2_000_000)
    variables = {"v": "a" * 50_000}
    pattern = "*a" * 100 + "*b"
    assert expand(f"${{v//{pattern}/x}}", variables, allowance=allowance) == variables["v"]
    assert expand(f"${{v%%{pattern}}}", variables, allowance=allowance) == variables["v"]
