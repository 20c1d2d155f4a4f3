"""An image's config, as the engine's API shows it."""

import pytest

from bot.adapters.docker.image_files import parse_container_config
from bot.model.container_config import ContainerConfig, HealthCheck


def test_every_setting_is_read() -> None:
    config = parse_container_config(
        {
            "Env": ["PORT=80", "EMPTY=", "EQUALS=a=b"],
            "User": "7:8",
            "WorkingDir": "/data",
            "Entrypoint": ["/bin/cat"],
            "Cmd": ["/data/link"],
            "ExposedPorts": {"9/udp": {}, "80/tcp": {}},
            "Volumes": {"/data/empty": {}},
            "Labels": {"a": "b"},
            "Healthcheck": {"Test": ["CMD", "true"], "Interval": 3_000_000_000, "Retries": 2},
            "StopSignal": "SIGINT",
            "Shell": ["/bin/bash", "-c"],
            "OnBuild": ["RUN true"],
        }
    )
    assert config == ContainerConfig(
        env={"PORT": "80", "EMPTY": "", "EQUALS": "a=b"},
        user="7:8",
        workdir="/data",
        entrypoint=("/bin/cat",),
        command=("/data/link",),
        exposed_ports=("80/tcp", "9/udp"),
        volumes=("/data/empty",),
        labels={"a": "b"},
        health_check=HealthCheck(("CMD", "true"), interval_ns=3_000_000_000, retries=2),
        stop_signal="SIGINT",
        shell=("/bin/bash", "-c"),
        onbuild=("RUN true",),
    )


def test_an_empty_config_sets_nothing() -> None:
    assert parse_container_config({}) == ContainerConfig()
    assert parse_container_config({"Env": None, "Labels": None}) == ContainerConfig()


@pytest.mark.parametrize("test", [["NONE"], [], None])
def test_a_health_check_that_was_switched_off_is_none(test: list[str] | None) -> None:
    assert parse_container_config({"Healthcheck": {"Test": test}}).health_check is None
