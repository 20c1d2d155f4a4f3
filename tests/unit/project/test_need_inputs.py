"""What builds need from outside, as inputs and options write it."""

from collections.abc import Callable

import pytest

from bot.model.spec import BuildNeeds, Preparation, SecretKind, SecretSource
from bot.project.build_needs import parse_build_minutes
from bot.project.need_arguments import list_need_arguments
from bot.project.need_inputs import (
    parse_add_hosts,
    parse_build_contexts,
    parse_cache_sources,
    parse_cache_targets,
    parse_preparation,
    parse_secret_envs,
    parse_secret_files,
    parse_secrets,
    parse_ssh_keys,
    split_items,
)

# The examples of docker/build-push-action's documentation, and what is often written besides.
ITEMS = """
"MYSECRET=aaaaaaaa
bbbbbbb

ccccccccc"
FOO=bar, "baz"
"JSON={""key"":""value""}"
  PLAIN={"key": "value", "other": 1}
EMPTY=
"""


def values(text: str) -> dict[str, str]:
    return {x.id: x.source for x in parse_secrets(text)}


def test_secrets_are_written_as_for_build_push_action() -> None:
    assert values(ITEMS) == {
        "MYSECRET": "aaaaaaaa\nbbbbbbb\n\nccccccccc",
        "FOO": 'bar, "baz"',
        "JSON": '{"key":"value"}',
        "PLAIN": '{"key": "value", "other": 1}',
        "EMPTY": "",
    }


def test_a_quote_without_an_end_is_text() -> None:
    assert split_items('"a=b\nc=d') == ('"a=b', "c=d")


def test_secrets_of_files_and_variables() -> None:
    assert parse_secret_files("npmrc=./app/.npmrc") == (
        SecretSource("npmrc", SecretKind.FILE, "app/.npmrc"),
    )
    assert parse_secret_envs("npm=NPM_TOKEN\naws=KEY") == (
        SecretSource("npm", SecretKind.ENVIRONMENT, "NPM_TOKEN"),
        SecretSource("aws", SecretKind.ENVIRONMENT, "KEY"),
    )


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_secrets, "hunter2"),
        (parse_secrets, "a,b=hunter2"),
        (parse_secrets, "ok=x\n=hunter2"),
        (parse_secret_files, "a=/etc/hunter2"),
        (parse_secret_files, "a=../hunter2"),
        (parse_secret_envs, "a=GITHUB_TOKEN"),
        (parse_secret_envs, "a=github_token"),
        (parse_secret_envs, "a=ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        (parse_secret_envs, "a=INPUT_SECRETS"),
        (parse_secret_envs, "a=1-x"),
        (parse_ssh_keys, "default=/root/.ssh/id_rsa"),
        (parse_ssh_keys, "default="),
        (parse_add_hosts, "db"),
        (parse_build_contexts, "lib"),
        (parse_build_contexts, "lib=../lib"),
        (parse_build_contexts, "lib=/lib"),
        (parse_build_contexts, "lib=oci-layout://lib"),
        (parse_build_contexts, "lib=file:///lib"),
        (parse_build_contexts, "lib=docker-image://"),
        (parse_build_minutes, "0"),
        (parse_build_minutes, "-5"),
        (parse_build_minutes, "nan"),
        (parse_build_minutes, "inf"),
        (parse_build_minutes, "soon"),
        (parse_preparation, "mvn package"),
        (parse_preparation, "image: maven:3"),
        (parse_preparation, "image: a b\nrun: [x]"),
        (parse_preparation, "image: maven:3\nrun: []"),
        (parse_preparation, "image: maven:3\nrun: [x]\nmount: /"),
        (parse_preparation, "image: [\nrun"),
    ],
)
def test_a_mistake_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_mistake_in_a_secret_shows_nothing_of_it() -> None:
    with pytest.raises(ValueError, match=r"^item 2: it is not ID=VALUE$"):
        parse_secrets("a=b\nhunter2")


def test_ssh_hosts_and_contexts() -> None:
    assert parse_ssh_keys("default\ndeploy=keys/deploy") == ("default", "deploy=keys/deploy")
    assert parse_add_hosts("db:10.0.0.1, cache:10.0.0.2\nsix:::1") == (
        "db=10.0.0.1",
        "cache=10.0.0.2",
        "six=::1",
    )
    assert parse_build_contexts(
        "lib=./libs/lib/\nbase=docker-image://debian:12\ngit=https://example.com/x.git#v1"
    ) == {
        "lib": "libs/lib",
        "base": "docker-image://debian:12",
        "git": "https://example.com/x.git#v1",
    }


@pytest.mark.parametrize(
    ("text", "seconds"), [("45", 2700), ("0.5", 30), ("45m", 2700), ("1h30m", 5400), ("90s", 90)]
)
def test_times(text: str, seconds: float) -> None:
    assert parse_build_minutes(text) == seconds


def test_a_preparation() -> None:
    text = 'image: maven:3\nrun:\n  - mvn -q package\n  - "echo a: b"\n'
    assert parse_preparation(text) == Preparation("maven:3", ("mvn -q package", "echo a: b"))


def test_the_command_that_reproduces_a_report_has_no_value_of_a_secret() -> None:
    needs = BuildNeeds(
        secrets=(
            SecretSource("a", SecretKind.VALUE, "hunter2"),
            SecretSource("b", SecretKind.ENVIRONMENT, "B"),
            SecretSource("c", SecretKind.FILE, "d/e"),
        ),
        ssh=("default",),
        network="host",
        add_hosts=("db=::1",),
        preparation=Preparation("maven:3", ("mvn package",)),
        timeout_s=2700,
        cache_from=parse_cache_sources("type=gha\na/b"),
        cache_to=parse_cache_targets("type=gha,mode=max"),
    )
    assert list(list_need_arguments(needs, {"lib": "libs/lib"})) == [
        *("--secret", "id=a", "--secret", "id=b,env=B", "--secret", "id=c,src=d/e"),
        *("--ssh", "default", "--build-context", "lib=libs/lib", "--add-host", "db:::1"),
        *("--build-network", "host", "--build-timeout", "2700s"),
        *("--cache-from", "type=gha", "--cache-from", "type=registry,ref=a/b"),
        *("--prepare", '{"image": "maven:3", "run": ["mvn package"]}'),
    ]
