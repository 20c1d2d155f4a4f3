"""Commands with which a compose file starts an image."""

from bot.dockerfile.build_context import BuildContext
from bot.line.compose_commands import ProjectCommand, list_compose_commands, list_health_tests
from bot.line.setting_sources import SettingSources
from bot.model.container_config import ContainerConfig
from bot.model.spec import ImageSpec

CONFIG = ContainerConfig(entrypoint=("/entry.sh",), command=("serve",))


def make_sources(services: str) -> SettingSources:
    files = {"app/compose.yaml": f"services: {{{services}}}", "app/.env": "MODE=fast"}
    context = BuildContext(read_repository_text=lambda path: files.get(path, ""))
    return SettingSources(context, ImageSpec("app", "app/Dockerfile", "app"))


def list_commands(services: str, config: ContainerConfig = CONFIG) -> list[ProjectCommand]:
    return list(list_compose_commands(config, make_sources(services)))


def test_a_command_keeps_the_entry_point() -> None:
    worker = "worker: {build: ., command: work hard, environment: {MODE: fast}}"
    assert list_commands(worker) == [
        ProjectCommand(
            "app/compose.yaml, service worker",
            ("/entry.sh", "work", "hard"),
            "worker",
            (("MODE", "fast"),),
        )
    ]


def test_an_entry_point_drops_the_command() -> None:
    (only,) = list_commands("tool: {build: ., entrypoint: /tool}")
    assert only.arguments == ("/tool",)
    (both,) = list_commands("tool: {build: ., entrypoint: /tool, command: [a, b]}")
    assert both.arguments == ("/tool", "a", "b")


def test_only_three_that_differ_from_the_own_one_are_listed() -> None:
    same = "a: {build: ., command: serve}"
    workers = ", ".join(f"w{n}: {{build: ., command: work {n % 4}}}" for n in range(8))
    arguments = [x.arguments[2] for x in list_commands(f"{same}, {workers}")]
    assert arguments == ["0", "1", "2"]


def test_a_variable_without_a_value_hides_its_command() -> None:
    assert list_commands('a: {build: ., command: "work ${UNSET_MODE}"}') == []


def test_health_checks_are_command_lines() -> None:
    services = """
        a: {build: ., healthcheck: {test: curl -f http://localhost}},
        b: {build: ., healthcheck: {test: [CMD, /check, -a]}},
        c: {build: ., healthcheck: {disable: true}},
        d: {build: other, healthcheck: {test: curl}}
    """
    assert [x.arguments for x in list_health_tests(make_sources(services))] == [
        ("/bin/sh", "-c", "curl -f http://localhost"),
        ("/check", "-a"),
    ]
