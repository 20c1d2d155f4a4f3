"""The configuration, setting by setting."""

from typing import Any

import pytest

from bot.model.container_config import ContainerConfig, HealthCheck
from bot.verify.checks.configuration import check
from tests.support.image_pair_world import SHELL, list_subjects, make_image, make_image_pair

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


def list_regressions(
    after: dict[str, Any], explained: dict[str, str] | None = None, **fields: Any
) -> list[str]:
    old, new = make_image(SHELL, **{**FULL, **fields}), make_image(SHELL, **after)
    return sorted(list_subjects(check(make_image_pair(old, new, accepted_changes=explained or {}))))


def test_equal_settings_are_equal() -> None:
    assert list_regressions(FULL) == []


def test_every_lost_setting_is_reported() -> None:
    lost = list_regressions({"command": ()})
    assert lost == sorted([*NAMES, "ENV GOPATH", "ENV PORT", "VOLUME", "WORKDIR"])


def test_a_reason_counts_for_tools_and_not_for_what_programs_read() -> None:
    env = {"PATH": "/go/bin:/bin"}
    reasons = {"ENV PORT": "no need", "ENV GOPATH": "no Go", "HEALTHCHECK": "x", "VOLUME": "x"}
    assert list_regressions({**FULL, "env": env}, reasons) == ["ENV PORT"]
    assert list_regressions({**FULL, "health_check": None, "volumes": ()}, reasons) == [
        "HEALTHCHECK",
        "VOLUME",
    ]
    assert list_regressions({**FULL, "command": ("x",)}, {"CMD": "node is gone"}) == []


def test_a_reason_counts_for_a_volume_of_the_old_base_that_is_gone() -> None:
    reasons = {"VOLUME /cache": "only a build tool writes there"}
    before, after = {**FULL, "volumes": ("/cache", "/data")}, {**FULL, "volumes": ("/data",)}
    below = ContainerConfig(volumes=("/cache",))
    volumes = before["volumes"]
    assert list_regressions(after, reasons, volumes=volumes, below=below) == []
    assert list_regressions(after, reasons, volumes=volumes) == ["VOLUME"]
    assert list_regressions(after, {}, volumes=volumes, below=below) == ["VOLUME"]
    lost = {**after, "volumes": ()}
    assert list_regressions(lost, reasons, volumes=volumes, below=below) == ["VOLUME"]
    # Where the folder is still there, something may write to it.
    old, new = (
        make_image({**SHELL, "cache/file": "x"}, **settings, below=below)
        for settings in (before, after)
    )
    assert list_subjects(check(make_image_pair(old, new, accepted_changes=reasons))) == ["VOLUME"]


def test_folders_that_are_gone_may_leave_the_path() -> None:
    assert list_regressions({**FULL, "env": {**FULL["env"], "PATH": "/bin"}}) == []
    assert list_regressions({**FULL, "env": {**FULL["env"], "PATH": "/usr/bin"}}) == ["ENV PATH"]


def test_labels_of_the_old_base_are_not_missed() -> None:
    base = ContainerConfig(labels={"team": "a"})
    assert list_regressions({**FULL, "labels": {}}, below=base) == []


def test_a_reason_counts_for_variables_of_the_old_base() -> None:
    env = {**FULL["env"], "X_VERSION": "1", "X_HOME": "/opt/x", "X_MODE": "1"}
    full = {**FULL, "env": env, "below": ContainerConfig(env=env)}
    old = make_image({**SHELL, "opt/x/run": "x"}, **full)
    reasons = {f"ENV {name}": "the old base's" for name in env}
    new = make_image(SHELL, **FULL)
    assert list_subjects(check(make_image_pair(old, new, accepted_changes=reasons))) == [
        "ENV X_MODE"
    ]
    still = make_image({**SHELL, "opt/x/run": "x"}, **FULL)
    assert list_subjects(check(make_image_pair(old, still, accepted_changes=reasons))) == [
        "ENV X_HOME",
        "ENV X_MODE",
    ]


def test_the_working_directory_changes_only_with_the_command() -> None:
    after = {**FULL, "workdir": "/"}
    assert list_regressions(after, {"WORKDIR": "x"}) == ["WORKDIR"]
    assert list_regressions(after, {"WORKDIR": "x", "CMD": "another server"}) == []
    assert list_regressions({**FULL, "workdir": "/srv/"}) == []


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "NODE_OPTIONS"])
def test_loader_variables_are_not_added(name: str) -> None:
    assert list_regressions({**FULL, "env": {**FULL["env"], name: "x"}}) == [f"ENV {name}"]
    assert list_regressions({**FULL, "env": {**FULL["env"], "HARMLESS": "x"}}) == []


def test_a_variable_of_a_tool_that_sources_call_is_needed() -> None:
    reasons = {"ENV PIP_TARGET": "only its build reads it"}
    call = "import subprocess\nsubprocess.run([sys.executable, '-m', 'pip', 'install', name])\n"
    for source, subjects in ((call, ["ENV PIP_TARGET"]), ("import subprocess\n", [])):
        files = {"app/a.py": source}
        old = make_image(SHELL, copy=files, workdir="/app", env={"PIP_TARGET": "/plugins"})
        new = make_image(SHELL, copy=files, workdir="/app")
        pair = make_image_pair(old, new, accepted_changes=reasons)
        assert list_subjects(check(pair)) == subjects
