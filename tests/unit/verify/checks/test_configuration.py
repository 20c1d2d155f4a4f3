"""The configuration, setting by setting."""

from typing import Any

import pytest

from bot.model.container_config import ContainerConfig, HealthCheck
from bot.verify.checks.configuration import check
from tests.support.image_pair_world import SHELL, exhibit, piece, subjects

FULL: dict[str, Any] = {
    "env": {"PORT": "80", "GOPATH": "/go", "PATH": "/go/bin:/bin"},
    "user": "app",
    "workdir": "/srv",
    "entrypoint": ("/bin/sh",),
    "command": ("-c", "true"),
    "exposed_ports": ("80/tcp",),
    "volumes": ("/data",),
    "labels": {"team": "a"},
    "health_check": HealthCheck(("CMD", "true")),
    "stop_signal": "SIGINT",
    "shell": ("/bin/bash", "-c"),
    "onbuild": ("RUN true",),
}
NAMES = [
    "CMD",
    "ENTRYPOINT",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL team",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
]


def found(
    after: dict[str, Any], explained: dict[str, str] | None = None, **fields: Any
) -> list[str]:
    old, new = piece(SHELL, **{**FULL, **fields}), piece(SHELL, **after)
    return sorted(subjects(check(exhibit(old, new, accepted_changes=explained or {}))))


def test_equal_settings_are_equal() -> None:
    assert found(FULL) == []


def test_every_lost_setting_is_reported() -> None:
    lost = found({"command": ()})
    assert lost == sorted([*NAMES, "ENV GOPATH", "ENV PORT", "VOLUME", "WORKDIR"])


def test_a_reason_counts_for_tools_and_not_for_what_programs_read() -> None:
    env = {"PATH": "/go/bin:/bin"}
    reasons = {"ENV PORT": "no need", "ENV GOPATH": "no Go", "HEALTHCHECK": "x", "VOLUME": "x"}
    assert found({**FULL, "env": env}, reasons) == ["ENV PORT"]
    assert found({**FULL, "health_check": None, "volumes": ()}, reasons) == [
        "HEALTHCHECK",
        "VOLUME",
    ]
    assert found({**FULL, "command": ("x",)}, {"CMD": "node is gone"}) == []


def test_folders_that_are_gone_may_leave_the_path() -> None:
    assert found({**FULL, "env": {**FULL["env"], "PATH": "/bin"}}) == []
    assert found({**FULL, "env": {**FULL["env"], "PATH": "/usr/bin"}}) == ["ENV PATH"]


def test_labels_of_the_old_base_are_not_missed() -> None:
    base = ContainerConfig(labels={"team": "a"})
    assert found({**FULL, "labels": {}}, below=base) == []


def test_a_reason_counts_for_variables_of_the_old_base() -> None:
    env = {**FULL["env"], "X_VERSION": "1", "X_HOME": "/opt/x", "X_MODE": "1"}
    full = {**FULL, "env": env, "below": ContainerConfig(env=env)}
    old = piece({**SHELL, "opt/x/run": "x"}, **full)
    reasons = {f"ENV {name}": "the old base's" for name in env}
    new = piece(SHELL, **FULL)
    assert subjects(check(exhibit(old, new, accepted_changes=reasons))) == ["ENV X_MODE"]
    still = piece({**SHELL, "opt/x/run": "x"}, **FULL)
    assert subjects(check(exhibit(old, still, accepted_changes=reasons))) == [
        "ENV X_HOME",
        "ENV X_MODE",
    ]


def test_the_working_directory_changes_only_with_the_command() -> None:
    after = {**FULL, "workdir": "/"}
    assert found(after, {"WORKDIR": "x"}) == ["WORKDIR"]
    assert found(after, {"WORKDIR": "x", "CMD": "another server"}) == []
    assert found({**FULL, "workdir": "/srv/"}) == []


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "NODE_OPTIONS"])
def test_loader_variables_are_not_added(name: str) -> None:
    assert found({**FULL, "env": {**FULL["env"], name: "x"}}) == [f"ENV {name}"]
    assert found({**FULL, "env": {**FULL["env"], "HARMLESS": "x"}}) == []
