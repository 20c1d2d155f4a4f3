"""Services of a compose file that an application needs."""

from hypothesis import given
from hypothesis import strategies as st

from bot.model.service_container import ServiceContainer
from bot.project.compose_services import (
    ComposeCommand,
    ComposeService,
    ServiceMount,
    names_host,
    read_compose_services,
)
from bot.project.compose_values import ReferenceValues

VALUES = ReferenceValues({"PASSWORD": "secret"}, lambda name: "made" if name == "USER" else None)


def list_needed(text: str, *texts: str, path: str = "compose.yml") -> tuple[ComposeService, ...]:
    return read_compose_services(text, path, VALUES).list_needed("Dockerfile", ".", texts)


def list_names(text: str, *texts: str) -> list[str]:
    return [service.container.name for service in list_needed(text, *texts)]


def read_service(text: str) -> ComposeService:
    (service,) = list_needed(f"services: {{app: {{build: ., depends_on: [db]}}, db: {{{text}}}}}")
    return service


COMPOSE = """\
services:
  app: {build: ., depends_on: [queue, worker], environment: {URL: "redis://cache:6379"}}
  worker: {build: worker, depends_on: [other]}
  queue: {image: rabbitmq, depends_on: {db: {condition: service_healthy}}}
  db: {image: "postgres:15"}
  cache: {image: redis}
  other: {image: busybox}
"""


def test_what_the_application_depends_on_comes_after_what_that_needs() -> None:
    assert list_names(COMPOSE) == ["db", "queue"]


def test_what_a_text_names_as_a_host_is_needed() -> None:
    assert list_names(COMPOSE, "redis://cache:6379/0") == ["cache", "db", "queue"]
    assert list_names(COMPOSE, "http://cached.example.com", "my-cache") == ["db", "queue"]


def test_what_is_built_is_another_application() -> None:
    assert "worker" not in list_names(COMPOSE, "http://worker:80")


def test_links_and_aliases_are_hosts() -> None:
    text = """\
services:
  app: {build: ., links: ["db:database", cache]}
  db: {image: postgres, container_name: main-db, hostname: dbhost, networks: {n: {aliases: [pg]}}}
  cache: {image: redis}
"""
    db, cache = list_needed(text)
    assert db.container.hosts == ("db", "main-db", "dbhost", "pg", "database")
    assert cache.container.hosts == ("cache",)


def test_a_file_without_a_service_of_the_dockerfile_starts_nothing() -> None:
    assert list_names("services: {app: {build: other, depends_on: [db]}, db: {image: a}}") == []
    assert list_names("services: {app: {image: b, depends_on: [db]}, db: {image: a}}") == []
    assert list_names("services: [") == []


def test_a_circle_of_services_ends() -> None:
    text = """\
services:
  app: {build: ., depends_on: [a]}
  a: {image: a, depends_on: [b]}
  b: {image: b, depends_on: [a, app]}
"""
    assert list_names(text) == ["b", "a"]


def test_a_service_is_read_with_its_values() -> None:
    service = read_service(
        """
        image: "postgres:${TAG:-15}", user: "70", command: "postgres -c 'a b'", entrypoint: [sh],
        environment: {POSTGRES_PASSWORD: "${PASSWORD}", POSTGRES_USER: "${USER:?set it}", A: $$B},
        healthcheck: {test: "pg_isready -U ${USER}"}, ports: ["127.0.0.1:1:5432/tcp", "8080:80"],
        expose: [9000], env_file: db.env, volumes: ["data:/a", "./init.sql:/b:ro", "/host:/c"]
        """
    )
    assert service.container == ServiceContainer(
        *("db", "postgres:15", ("db",)),
        variables=(("POSTGRES_PASSWORD", "secret"), ("POSTGRES_USER", "made"), ("A", "$B")),
        entrypoint=("sh",),
        command=("postgres", "-c", "a b"),
        user="70",
        health_test=("CMD-SHELL", "pg_isready -U made"),
        ports=(5432, 80, 9000),
    )
    assert service.variable_files == ("db.env",)
    assert service.mounts == (
        ServiceMount("init.sql", "/b", "./init.sql"),
        ServiceMount(None, "/c", "/host"),
    )


def test_a_health_check_can_be_a_list_or_none() -> None:
    check = read_service("image: a, healthcheck: {test: [CMD, check]}").container.health_test
    assert check == ("CMD", "check")
    assert read_service("image: a, healthcheck: {disable: true}").container.health_test == ("NONE",)
    assert read_service("image: a").container.health_test == ()


def test_a_value_that_nobody_gives_is_a_problem() -> None:
    assert read_service("image: $IMAGE").container.problem.startswith("the name of its image has")
    command = read_service("image: a, command: run $PORT").container
    assert command.problem == "its command has a variable without a value"
    assert read_service("image: a, command: run").container.problem == ""


def test_what_a_service_asks_of_the_machine_is_not_read() -> None:
    service = read_service(
        """
        image: a, privileged: true, network_mode: host, pid: host, cap_add: [ALL], devices: [/dev/x],
        security_opt: ["seccomp:unconfined"], extra_hosts: ["x:10.0.0.1"], runtime: nvidia,
        volumes: ["/var/run/docker.sock:/s", "../..:/up", "~/.ssh:/keys", "$HOME:/home",
        {type: bind, source: /, target: /host}]
        """
    )
    assert service.container == ServiceContainer("db", "a", ("db",))
    assert {mount.source for mount in service.mounts} == {None}


def test_a_job_must_end() -> None:
    condition = "{condition: service_completed_successfully}"
    text = f"services: {{app: {{build: ., depends_on: {{a: {condition}}}}}, a: {{image: x}}}}"
    (service,) = list_needed(text, "http://a")
    assert service.container.must_end


@given(st.text(), st.text(min_size=1))
def test_any_text_may_name_any_host(text: str, host: str) -> None:
    assert isinstance(names_host(text, host), bool)


SCALARS = st.text() | st.integers() | st.none()
VALUES_OF_KEYS = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(VALUES_OF_KEYS)
def test_any_value_of_a_key_is_read_or_left_out(value: object) -> None:
    keys = ("command", "entrypoint", "environment", "healthcheck", "ports", "volumes", "networks")
    declared = {"image": "a", **dict.fromkeys(keys, value), "user": value, "links": value}
    services = read_compose_services("", "compose.yml", VALUES)
    services = type(services)(
        {"app": {"build": ".", "depends_on": ["a"]}, "a": declared}, ".", VALUES
    )
    (service, *_) = services.list_needed("Dockerfile", ".", [])
    assert service.container.name == "a"


def test_services_of_a_dockerfile_replace_its_commands() -> None:
    text = """\
services:
  web: {build: .}
  worker: {build: {context: .}, command: "celery -A app worker --loglevel='info'"}
  migrate: {build: ., entrypoint: [sh, -c], command: ["./migrate $$HOME ${PASSWORD}"]}
  open: {build: ., command: "tool ${NOBODY_SETS_IT}"}
  empty: {build: ., command: ""}
  other: {build: other, command: other}
  db: {image: postgres, command: postgres}
"""
    services = read_compose_services(text, "compose.yml", VALUES)
    assert list(services.list_own_commands("Dockerfile", ".")) == [
        ComposeCommand("worker", None, ("celery", "-A", "app", "worker", "--loglevel=info")),
        ComposeCommand("migrate", ("sh", "-c"), ("./migrate $HOME secret",)),
    ]
