import json

import pytest

from bot.action.inputs import INPUT_NAMES, read_inputs
from bot.errors import InputError
from bot.model.registry_login import RegistryLogin
from bot.model.spec import GrowthLimit, Limits


def make_environment(**inputs: str) -> dict[str, str]:
    """Return the environment that the runner makes of a step's `with:`."""
    return {f"INPUT_{name.replace('_', '-').upper()}": value for name, value in inputs.items()}


def test_without_inputs_the_defaults_are_used() -> None:
    inputs = read_inputs({})
    assert (inputs.fail_on, inputs.mode, inputs.comment, inputs.config) == (
        None,
        "auto",
        None,
        None,
    )


def test_every_input_is_read() -> None:
    inputs = read_inputs(
        make_environment(
            github_token="t",
            config=".github/other.yml",
            dockerfile="./a/Dockerfile",
            context="a",
            target="x",
            build_args="A=1\n\nB=two words=2\n",
            platforms="linux/amd64, linux/arm64",
            images="api\nweb, docs",
            base_ref="v1",
            max_size="300MB",
            max_growth="5%",
            warn_size="250MB",
            warn_growth="1%",
            comment="Changes",
            fail_on="warn",
            mode="audit",
        )
    )
    overrides = inputs.overrides
    assert overrides.build_args == {"A": "1", "B": "two words=2"}
    assert overrides.platforms == ("linux/amd64", "linux/arm64")
    assert overrides.images == ("api", "web", "docs")
    assert overrides.dockerfile == "a/Dockerfile"
    assert overrides.limits == Limits(
        300_000_000, GrowthLimit(percent=5.0), 250_000_000, GrowthLimit(percent=1.0)
    )
    assert (inputs.comment, inputs.fail_on, inputs.mode, inputs.base_ref) == (
        "changes",
        "warn",
        "audit",
        "v1",
    )


def test_a_limit_that_never_warns_is_a_mistake() -> None:
    values = make_environment(
        max_size="1MB", warn_size="2MB", max_growth="1MB", warn_growth="1.5MB"
    )
    with pytest.raises(InputError) as caught:
        read_inputs(values)
    assert "warn-size: it is above max-size (1 MB), so it never warns" in caught.value.what
    assert "warn-growth: it is above max-growth, so it never warns" in caught.value.what


def test_logins_are_in_no_representation_and_in_no_option() -> None:
    text = "- registry: ghcr.io\n  username: ann\n  password: hunter22\n"
    inputs = read_inputs(make_environment(registry_auth=text))
    assert inputs.logins == (RegistryLogin("ghcr.io", "ann", "hunter22"),)
    assert "hunter22" not in repr(inputs)
    assert inputs.overrides == read_inputs({}).overrides


def test_a_wrong_login_is_a_mistake_without_its_password() -> None:
    with pytest.raises(InputError, match="registry-auth: login 1: ") as caught:
        read_inputs(make_environment(registry_auth="- {registry: a b, password: hunter22}"))
    assert "hunter22" not in str(caught.value)


def test_all_mistakes_are_reported_at_once() -> None:
    wrong = make_environment(
        config="../x",
        build_args="A",
        platforms="amd64",
        max_size="big",
        comment="maybe",
        fail_on="x",
    )
    with pytest.raises(InputError) as caught:
        read_inputs(wrong)
    named = [line.split(":")[0].strip() for line in caught.value.what.splitlines()[1:]]
    assert sorted(named) == ["build-args", "comment", "config", "fail-on", "max-size", "platforms"]


def test_suggestions_are_verified_if_the_input_says_so() -> None:
    assert read_inputs({"INPUT_VERIFY-SUGGESTIONS": "true"}).verify_suggestions
    assert not read_inputs({"INPUT_VERIFY-SUGGESTIONS": "false"}).verify_suggestions


def test_variable_names_are_those_of_the_runner() -> None:
    assert all(name == name.lower() and " " not in name for name in INPUT_NAMES)


@pytest.mark.parametrize("name", ["target", "dockerfile", "build_args", "images", "base_ref"])
def test_an_input_of_bytes_that_are_not_utf8_is_a_mistake(name: str) -> None:
    with pytest.raises(InputError, match=f"{name.replace('_', '-')}: it has bytes"):
        read_inputs(make_environment(**{name: "A=a\udcff"}))


def test_the_inputs_of_the_form_on_the_host_are_read_from_one_variable() -> None:
    values = {"fail-on": "warn", "build-args": "A=1\nB=2\n", "target": ""}
    inputs = read_inputs({"INPUT_JSON": json.dumps(values)})
    assert inputs == read_inputs(make_environment(fail_on="warn", build_args="A=1\nB=2\n"))


def test_one_variable_does_not_override_the_inputs_of_a_container() -> None:
    """The runner sets all of the latter, and an earlier step of the job can set any other."""
    environment = {**make_environment(fail_on="fail"), "INPUT_JSON": '{"fail-on": "never"}'}
    assert read_inputs(environment).fail_on == "fail"


@pytest.mark.parametrize("text", ["[]", "{", "[" * 100_000])
def test_a_variable_that_holds_no_object_is_a_mistake(text: str) -> None:
    with pytest.raises(InputError, match="INPUT_JSON cannot be read"):
        read_inputs({"INPUT_JSON": text})
