import json
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.registry.client_logins import ClientLogins
from bot.adapters.registry.helper_answers import add_answers, list_questions
from bot.adapters.registry.login_entries import Credentials
from bot.errors import InputError

HUB = "https://index.docker.io/v1/"
ANSWER = '{"ServerURL":"","Username":"somebody","Secret":"s3cret"}'


def make_environment(folder: Path, **document: Any) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps(document), "utf-8")
    return {"DOCKER_CONFIG": str(folder)}


def test_helpers_are_asked_for_their_servers(tmp_path: Path) -> None:
    environment = make_environment(
        tmp_path, credHelpers={"gcr.io": "gcloud", "x.test": "", "a b": "c", "y.test": "../d"}
    )
    assert list_questions(environment) == ("get gcloud gcr.io",)


def test_the_common_helper_is_asked_for_all_others(tmp_path: Path) -> None:
    environment = make_environment(
        tmp_path, credsStore="pass", credHelpers={"gcr.io": "gcloud"}, auths={"r.test:5000": {}}
    )
    assert list_questions(environment) == (
        "get gcloud gcr.io",
        f"get pass {HUB}",
        "get pass r.test:5000",
        "list pass",
    )


@pytest.mark.parametrize("text", [None, "{", "[]", '{"credHelpers": []}'])
def test_a_file_without_helpers_has_no_questions(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "config.json").write_text(text, "utf-8")
    assert list_questions({"DOCKER_CONFIG": str(tmp_path)}) == ()


def test_an_answer_is_a_login(tmp_path: Path) -> None:
    environment = make_environment(tmp_path, credHelpers={"r.test": "x"})
    token = '{"Username":"<token>","Secret":"t0ken"}'
    environment["INPUT_HELPER_ANSWERS"] = (
        f"r.test {ANSWER}\n{HUB} {token}\nbroken {{\nlist []\ndeep {'[' * 100_000}\n\nother"
    )
    logins = ClientLogins(add_answers(environment))
    assert logins.find("r.test").credentials == Credentials("somebody", "s3cret")
    assert logins.find("docker.io").credentials == Credentials(identity_token="t0ken")
    for host in ("broken", "list", "deep"):
        assert logins.find(host).credentials is None
    assert "s3cret" in logins.list_secrets()


def test_the_variable_of_the_step_wins_over_answers(tmp_path: Path) -> None:
    handed_in = {"auths": {"r.test": {"username": "a", "password": "b"}}}
    environment = make_environment(tmp_path) | {
        "DOCKER_AUTH_CONFIG": json.dumps(handed_in),
        "INPUT_HELPER_ANSWERS": f"r.test {ANSWER}",
    }
    login = ClientLogins(add_answers(environment)).find("r.test")
    assert login.credentials == Credentials("a", "b")


def test_a_broken_variable_is_a_mistake() -> None:
    environment = {"DOCKER_AUTH_CONFIG": "{", "INPUT_HELPER_ANSWERS": f"r.test {ANSWER}"}
    with pytest.raises(InputError, match="DOCKER_AUTH_CONFIG cannot be read"):
        add_answers(environment)
