"""Full base images."""

from dataclasses import replace

import pytest

from bot.advise.base_images import find_slim_variant
from bot.advise.java_images import find_jre_variant
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "full-base-where-slim-serves"


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.13-slim\nCOPY a /a",
        "FROM python:3.13-alpine\nCOPY a /a",
        "FROM python:3.13@sha256:0\nCOPY a /a",
        "FROM mirror.example/python:3.13\nCOPY a /a",
        "FROM nginx\nCOPY a /a",
        "FROM golang:1.24\nCOPY a /a",
        "FROM php:8.3\nCOPY a /a",
        "ARG TAG=3.13\nFROM python:$TAG\nCOPY a /a",
        "FROM python:3.13\nRUN gcc a.c",
        # What a program that is no script of Python needs is not known.
        "FROM python:3.13\nCOPY bin/start /a/",
        "FROM debian:bookworm\nRUN apt-get install -y man-db less",
        "FROM node:22\nRUN git clone u",
        "FROM python:3.13\nRUN apt-get install -y gcc libpq-dev",
        "FROM python:3.13\nRUN pip install git+https://example.com/x",
        "FROM python:3.13\nRUN python3 setup.py install",
        "FROM python:3.13\nRUN pip install flask uWSGI==2.0.30",
        "FROM python:3.13\nRUN pip install 'psycopg2>=2.9'",
        "FROM node:12.19.0\nRUN apt-get install bash git",
        "FROM python:3.11\nRUN addgroup --system app && adduser --system app",
        "FROM ruby:3.3\nRUN bundle install",
        "FROM ruby:3.3\nRUN bundle _2.4.1_ install --jobs 4",
        "FROM ruby:3.3\nRUN gem install nokogiri",
        "FROM perl:5.38\nRUN cpanm EV",
        "FROM node:22\nRUN curl -sSf https://example.com/x | sh",
        "FROM node:22\nRUN wget -q https://example.com/x",
        "FROM node:14\nRUN npm install -g node-pre-gyp",
        "FROM node:22\nHEALTHCHECK CMD curl -f localhost",
        "FROM node:22\nONBUILD COPY . .",
        "FROM python:3.13 AS dev\nCOPY a /a",
        "FROM a AS b\nFROM python:3.13 AS builder\nCOPY a /a",
        "FROM python:3.13\nENV FLASK_ENV=development",
        "FROM python:3.13 AS b\nRUN x\nFROM python:3.13-slim\nCOPY --from=b /x /x",
        "# image-size: ignore[full-base-where-slim-serves] we load libmagic\nFROM python\nCOPY a /a",
        "FROM eclipse-temurin:17\nRUN ./gradlew jar",
        "FROM eclipse-temurin:17\nRUN javac A.java",
        "FROM eclipse-temurin:17-jre\nCOPY a /a",
        "FROM eclipse-temurin:17\nRUN /src/build.sh",
    ],
)
def test_not_reported(text: str) -> None:
    start = "java" if "temurin" in text else "/a/start"
    assert run_rule(RULE, f'{text}\nCMD ["{start}", "x"]\n') == []


@pytest.mark.parametrize(
    ("packages", "run", "count"),
    [
        ('"dependencies": {"@prisma/client": "5"}', "npm ci", 0),
        ('"devDependencies": {"prisma": "5"}', "npm ci", 0),
        ('"dependencies": {"@prisma/client": "5"}', "apt-get update && apt-get install openssl", 1),
        ('"dependencies": {"pg": "8"}', "npm ci", 1),
    ],
)
def test_libraries_that_only_the_full_image_has(packages: str, run: str, count: int) -> None:
    files = {"web/package.json": f"{{{packages}}}"}
    context = BuildContext(dict.fromkeys(files, 1), read_text=files.__getitem__)
    text = f'FROM node:22\nCOPY . .\nRUN {run}\nCMD ["node", "x.js"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


def test_slim_images_before_debian_13_have_adduser() -> None:
    text = 'FROM node:22-bookworm\nRUN adduser app\nCMD ["node", "x.js"]\n'
    assert len(run_rule(RULE, text)) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "COPY a /a",
        'CMD ["python3"]',
        'CMD ["bash"]',
        "ENTRYPOINT /bin/bash",
        'CMD ["jupyter", "lab"]',
        "CMD nohup poetry run jupyter notebook --no-browser",
        'CMD ["uvicorn", "a:b", "--reload"]',
        'ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["bash"]',
        'CMD ["sleep", "infinity"]',
        "CMD ['/bin/sh', '-c', 'sleep infinity']",
        'CMD ["npm", "run", "start:debug"]',
        'CMD ["npm", "run", "start_docker_dev"]',
        'ENTRYPOINT ["python3", "manage.py", "test", "--no-input"]',
        'ENTRYPOINT ["/docker-entrypoint-development"]',
        'CMD ["/app/tests.sh"]',
        'ENTRYPOINT ["man/generate.sh"]',
        'ENTRYPOINT ["/dind"]',
        'CMD ["/usr/libexec/s2i/usage"]',
        'RUN pip install numpy jupyterlab==4.1\nCMD ["supervisord", "-n"]',
        'LABEL io.openshift.s2i.scripts-url=image:///x\nCMD ["/a", "usage"]',
        'CMD ["pip", "install", "-r", "x"]',
    ],
)
def test_not_reported_of_images_to_work_in(lines: str) -> None:
    assert run_rule(RULE, f"FROM python:3.13\n{lines}\n") == []


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile.dev",
        "Dockerfile.lint",
        "Dockerfile.travis",
        "vagrant/Dockerfile",
        "a/dev.Dockerfile",
        ".devcontainer/Dockerfile",
    ],
)
def test_not_reported_of_files_for_development(path: str) -> None:
    rule_input = make_rule_input('FROM python:3.13\nCMD ["/a", "x"]\n')
    assert run_rule(RULE, replace(rule_input, path=path)) == []
    assert len(run_rule(RULE, replace(rule_input, path="dev-tools/web/Dockerfile"))) == 1


@pytest.mark.parametrize(
    "run",
    [
        "RUN apt-get update && apt-get install -y curl && curl x",
        "RUN pip install -r requirements.txt",
        "RUN npm ci --omit=dev",
    ],
)
def test_reported_where_slim_serves(run: str) -> None:
    (finding,) = run_rule(RULE, f'FROM python:3.13\n{run}\nCMD ["python", "a.py"]\n')
    assert finding.title == "Use python:3.13-slim as the base image"


@pytest.mark.parametrize(
    ("image", "jre"),
    [
        ("eclipse-temurin:17", "eclipse-temurin:17-jre"),
        ("eclipse-temurin:17-alpine", "eclipse-temurin:17-jre-alpine"),
        ("eclipse-temurin:21-jdk-jammy", "eclipse-temurin:21-jre-jammy"),
        ("eclipse-temurin:17.0.9_9-jdk-focal", "eclipse-temurin:17.0.9_9-jre-focal"),
        ("docker.io/library/eclipse-temurin:17", "docker.io/library/eclipse-temurin:17-jre"),
        ("openjdk:8", "openjdk:8-jre"),
        ("openjdk:8u292-jdk-slim", "openjdk:8u292-jre-slim"),
        ("openjdk:11-slim-buster", "openjdk:11-jre-slim-buster"),
        ("ibm-semeru-runtimes:open-17-jdk", "ibm-semeru-runtimes:open-17-jre"),
        ("azul/zulu-openjdk:17", "azul/zulu-openjdk:17-jre"),
        ("bellsoft/liberica-openjdk-alpine:17", "bellsoft/liberica-openjre-alpine:17"),
        ("openjdk:17", None),
        ("eclipse-temurin:latest", None),
        ("eclipse-temurin:17-jdk-nanoserver", None),
        ("eclipse-temurin:17-jre", None),
        ("eclipse-temurin:17@sha256:0", None),
        ("amazoncorretto:17", None),
        ("example.com/eclipse-temurin:17", None),
    ],
)
def test_the_jre_variants(image: str, jre: str | None) -> None:
    assert find_jre_variant(image) == jre


@pytest.mark.parametrize(
    "start",
    [
        'ENTRYPOINT ["java", "-jar", "/a.jar"]',
        "CMD java $JAVA_OPTS -jar /a.jar",
        'ENTRYPOINT ["sh", "-c", "exec java -jar /a.jar"]',
        'ENTRYPOINT ["tini", "--", "/opt/java/openjdk/bin/java", "-jar", "/a.jar"]',
    ],
)
def test_a_jdk_that_only_starts_java(start: str) -> None:
    text = f"FROM eclipse-temurin:17\nCOPY a.jar /a.jar\n{start}\n"
    assert apply_rule(RULE, text) == text.replace("17", "17-jre")


def test_a_jdk_that_starts_something_else_is_not_reported() -> None:
    assert run_rule(RULE, 'FROM eclipse-temurin:17\nCMD ["/start.sh"]\n') == []


@pytest.mark.parametrize(
    ("image", "slim"),
    [
        ("python", "python:slim"),
        ("python:latest", "python:slim"),
        ("python:3.13", "python:3.13-slim"),
        ("python:3.13-bookworm", "python:3.13-slim-bookworm"),
        ("docker.io/library/python:3", "docker.io/library/python:3-slim"),
        ("ruby:3.3.1", "ruby:3.3.1-slim"),
        ("node:20", "node:20-slim"),
        ("node:lts", "node:lts-slim"),
        ("node:20-bookworm", "node:20-bookworm-slim"),
        ("debian", "debian:stable-slim"),
        ("debian:bookworm", "debian:bookworm-slim"),
        ("debian:12", "debian:12-slim"),
        ("python:3.13-windowsservercore", None),
        ("node:20-slim", None),
        ("debian:bookworm-backports", None),
        ("ubuntu:24.04", None),
    ],
)
def test_the_slim_variants(image: str, slim: str | None) -> None:
    assert find_slim_variant(image) == slim


def test_saving_is_the_size_of_the_build_packages() -> None:
    text = 'FROM python:3.13\nCOPY a /a\nCMD ["b", "c"]\n'
    world = "FROM p 90MB (deb gcc-12 12 60MB, deb libssl-dev 3 10MB, deb libc6 2 20MB) / COPY a 1MB"
    (finding,) = run_rule(RULE, make_rule_input(text, world, "a 1MB @2"))
    assert finding.saving_bytes == 70_000_000


def test_not_reported_if_the_base_has_no_build_packages() -> None:
    text = 'FROM python:3.13\nCOPY a /a\nCMD ["b", "c"]\n'
    world = "FROM p 20MB (deb libc6 2 20MB) / COPY a 1MB"
    assert run_rule(RULE, make_rule_input(text, world, "a 1MB @2")) == []


def test_the_message_for_a_bare_distribution() -> None:
    (debian,) = run_rule(RULE, "FROM debian:bookworm\nCMD /a x\n")
    (python,) = run_rule(RULE, "FROM python:3.13\nCMD /a x\n")
    assert "compilers" not in debian.message
    assert "without documentation" in debian.message
    assert "without compilers" in python.message


@pytest.mark.parametrize(
    ("requirements", "count"),
    [("flask\nuwsgi  # serves\n", 0), ("mysqlclient==2.2.7\n", 0), ("flask\npsycopg2-binary\n", 1)],
)
def test_requirements_that_are_compiled(requirements: str, count: int) -> None:
    text = (
        'FROM python:3.13\nCOPY . /a\nRUN pip install -r /a/requirements.txt\nCMD ["/a/x", "y"]\n'
    )
    context = BuildContext({"requirements.txt": 9}, read_text=lambda path: requirements)
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("package", "count"), [("man", 0), ("openjdk-11-jdk", 0), ("mandatory", 1)]
)
def test_a_script_that_installs_manual_pages(package: str, count: int) -> None:
    script = f"apt-get install -y \\\n  {package} \\\n  less\n"
    context = BuildContext({"build/setup.sh": 1}, read_text=lambda path: script)
    text = 'FROM debian:bookworm\nADD build /build\nRUN bash /build/setup.sh\nCMD ["/x", "y"]\n'
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("run", "files", "count"),
    [
        ("pip install -r requirements.txt", {"requirements.txt": "flask\n"}, 1),
        ("pip install -r requirements.txt", {"requirements.txt": "llama-cpp-python==0.2\n"}, 0),
        ("pip install -r requirements.txt", {"requirements.txt": "flask  # GitPython\n"}, 1),
        ("pip install -r requirements.txt", {"requirements.txt": "GitPython>=3\n"}, 0),
        ("pip install -r requirements.txt", {"requirements.txt": "a @ git+https://x/a\n"}, 0),
        ("pip install -r requirements.txt", {"requirements.txt": "requests_kerberos\n"}, 0),
        ("pip install -r requirements.txt", {"requirements.txt": "psycopg[pool]\n"}, 0),
        ("pip install -r requirements.txt", {"requirements.txt": "psycopg[binary]\n"}, 1),
        # Requirements that others include, and those that nobody has seen.
        ("pip install -r all.txt", {"all.txt": "-r base.txt\n", "base.txt": "dlib"}, 0),
        ("pip install -r all.txt", {"all.txt": "-r all.txt\n-r base.txt\n", "base.txt": "x"}, 1),
        ("pip install -r requirements.txt", {"README.md": ""}, 0),
        ("poetry install --with dev", {"README.md": ""}, 0),
        ("uv sync", {"uv.lock": ""}, 0),
        ("pip install .", {"pyproject.toml": 'dependencies = ["weasyprint>=60"]'}, 0),
        ("poetry install", {"pyproject.toml": "[tool.poetry.dependencies]\nannoy = '*'"}, 0),
        ("poetry install", {"pyproject.toml": "[tool.poetry.dependencies]\nflask = '*'"}, 1),
        # Sources that start a program.
        ("true", {"a/b.py": "subprocess.run(\n    ['git', 'log'])"}, 0),
        ("true", {"a/b.py": "import git\nprint('git')"}, 1),
        ("true", {"venv/lib/site-packages/b.py": "os.system('git log')"}, 1),
    ],
)
def test_what_a_python_project_needs(run: str, files: dict[str, str], count: int) -> None:
    assert len(run_rule(RULE, _make_input("python:3.12", run, files))) == count


@pytest.mark.parametrize(
    ("run", "files", "count"),
    [
        ("npm ci", {"package.json": '{"dependencies": {"express": "^4"}}'}, 1),
        ("npm ci", {"package.json": '{"dependencies": {"simple-git": "^3"}}'}, 0),
        ("npm ci", {"package.json": '{"dependencies": {"a": "github:b/a"}}'}, 0),
        ("npm ci", {"package.json": '{"devDependencies": {"a": "git+ssh://git@x/a"}}'}, 0),
        ("npm ci", {"README.md": ""}, 0),
        ("npm install express", {"README.md": ""}, 1),
        ("npm install phantomjs-prebuilt@2", {"package.json": "{}"}, 0),
        ("npm ci", {"package.json": '{"dependencies": {"node-sass": "^9"}}'}, 0),
        # The releases before have binaries of few releases of Node.
        ("npm ci", {"package.json": '{"dependencies": {"bcrypt": "^3.0.6"}}'}, 0),
        ("npm ci", {"package.json": '{"dependencies": {"bcrypt": "^5.1.0", "x": "1"}}'}, 1),
        ("npm ci", {"package.json": '{"dependencies": {"bcrypt": "latest"}}'}, 1),
        ("true", {"src/a.ts": "await execa('git', ['log'])"}, 0),
        ("apt-get update && apt-get install -y openjdk-17-jre-headless", {"x": ""}, 0),
        ("apt-get update && apt-get install -y postgresql-client", {"x": ""}, 0),
    ],
)
def test_what_a_node_project_needs(run: str, files: dict[str, str], count: int) -> None:
    assert len(run_rule(RULE, _make_input("node:22", run, files))) == count


def _make_input(base: str, run: str, files: dict[str, str]) -> RuleInput:
    sizes = {name: len(text) for name, text in files.items()}
    context = BuildContext(sizes, read_text=files.__getitem__)
    return make_rule_input(f'FROM {base}\nRUN {run}\nCMD ["/a", "x"]\n', context=context)


@pytest.mark.parametrize(
    ("script", "count"), [("npm install\nnode x.js\n", 0), ("exec node x.js\n", 1)]
)
def test_an_entry_script_that_installs_may_compile(script: str, count: int) -> None:
    context = BuildContext({"run.sh": 9}, read_text={"run.sh": script}.__getitem__)
    text = "FROM node:22\nCOPY . /\nCMD /run.sh\n"
    assert len(run_rule(RULE, make_rule_input(text, context=context))) == count


@pytest.mark.parametrize(
    ("comment", "count"),
    [
        ("We need JDK as some of the lessons compile Java code", 0),
        ("the JDK of our choice", 1),
        ("alpine fails with our fonts", 0),
    ],
)
def test_a_comment_says_what_the_base_is_for(comment: str, count: int) -> None:
    text = f'# {comment}\nFROM eclipse-temurin:17\nCOPY a.jar /\nCMD ["java", "-jar", "/a.jar"]\n'
    assert len(run_rule(RULE, text)) == count


@pytest.mark.parametrize(
    ("path", "count"), [("/usr/local/bundle", 0), ("/app/vendor/bundle/ruby", 0), ("/app", 1)]
)
def test_gems_of_another_stage_load_libraries(path: str, count: int) -> None:
    text = f"FROM ruby:3.2-bullseye AS b\nFROM ruby:3.2-bullseye\nCOPY --from=b {path} {path}\n"
    assert len(run_rule(RULE, f'{text}CMD ["ruby", "/app/run.rb"]\n')) == count
