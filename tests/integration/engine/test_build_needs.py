"""What builds get from outside: it is there in the build, and nowhere else."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.buildx_command import run_buildx
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.environment import find_program
from bot.adapters.secret_reader import SecretReader
from bot.adapters.temporary_folders import FOLDER_PREFIX
from bot.adapters.terminal_progress import TerminalProgress
from bot.line.pins import Pins
from bot.line.worktree import PreparedCheckout
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure, BuiltImage
from bot.model.spec import BuildNeeds, ImageSpec, Preparation, SecretKind, SecretSource
from tests.support.engine import PrivateEngine

VALUE = 'a, b="quoted" & multi\nline-of-the-secret'
USES_SECRET = "FROM busybox\nRUN --mount=type=secret,id=x,required=true "


@pytest.fixture
def engine(overlay2_engine: PrivateEngine) -> PrivateEngine:
    overlay2_engine.ensure("busybox")
    return overlay2_engine


@pytest.fixture
def reader(tmp_path: Path) -> SecretReader:
    return SecretReader({"X": VALUE}, tmp_path)


@pytest.fixture
def builder(engine: PrivateEngine, reader: SecretReader) -> Iterator[BuildxBuilder]:
    environment = {**os.environ, **engine.environment}
    screen = TerminalProgress(Console(quiet=True))
    options = BuildOptions(600, reader)
    builder = BuildxBuilder(EngineHandle(environment), environment, screen, options)
    yield builder
    builder.close()


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    return folder


def needs_secret(kind: SecretKind, source: str) -> BuildNeeds:
    return BuildNeeds(secrets=(SecretSource("x", kind, source),))


def run(builder: BuildxBuilder, spec: ImageSpec, root: Path) -> BuiltImage | BuildFailure:
    return builder.build(spec, root, Pins(), "x")


@pytest.mark.parametrize(
    ("kind", "source"),
    [(SecretKind.VALUE, VALUE), (SecretKind.ENVIRONMENT, "X"), (SecretKind.FILE, "secret")],
)
def test_a_build_gets_a_secret_to_the_byte(
    engine: PrivateEngine, builder: BuildxBuilder, tmp_path: Path, kind: SecretKind, source: str
) -> None:
    write(tmp_path, secret=VALUE)
    digest = hashlib.sha256(VALUE.encode()).hexdigest()
    command = f"echo '{digest}  /run/secrets/x' | sha256sum -c > /result"
    write(tmp_path, Dockerfile=f"FROM busybox\n#{kind}\n{USES_SECRET[13:]}{command}\n")
    write(tmp_path, **{".dockerignore": "secret\n"})
    spec = ImageSpec("x", "Dockerfile", ".", needs=needs_secret(kind, source))
    built = run(builder, spec, tmp_path)
    assert isinstance(built, BuiltImage), built
    saved = tmp_path / "saved.tar"
    engine.docker("save", "--output", str(saved), built.reference)
    assert digest.encode() in saved.read_bytes()
    assert b"line-of-the-secret" not in saved.read_bytes()


def test_a_secret_is_in_no_process_list_and_no_file_after_the_build(
    builder: BuildxBuilder, tmp_path: Path
) -> None:
    # The time keeps an earlier run's layer from being taken, which would leave nothing to watch.
    write(tmp_path, Dockerfile=f"{USES_SECRET}sleep 3; : {time.time_ns()}\n")
    spec = ImageSpec("x", "Dockerfile", ".", needs=needs_secret(SecretKind.VALUE, "hunter2-x"))
    texts: list[bytes] = []
    with ThreadPoolExecutor() as pool:
        building = pool.submit(run, builder, spec, tmp_path)
        while not building.done():
            texts += read_processes()
            time.sleep(0.2)
    assert isinstance(building.result(), BuiltImage)
    assert any(b"id=x" in text for text in texts)
    assert not any(b"hunter2-x" in text for text in texts)
    assert not any(b"hunter2-x" in text for text in read_temporary_files())


def read_temporary_files() -> Iterator[bytes]:
    """Yield what is in the program's folders; those of others may go away meanwhile."""
    for top in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        for folder, _, names in os.walk(top):  # unlike rglob, goes on where a folder is gone
            for name in names:
                with suppress(OSError):
                    yield Path(folder, name).read_bytes()


def read_processes() -> Iterator[bytes]:
    """Yield the arguments and the variables of all other processes."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    yield (folder / name).read_bytes()


@pytest.mark.parametrize(
    ("kind", "source", "reason"),
    [
        (SecretKind.VALUE, "", "what it is set to is empty"),
        (SecretKind.ENVIRONMENT, "NOT_SET", "the variable NOT_SET is not set"),
        (SecretKind.FILE, "none", "there is no file none, or it is empty"),
    ],
)
def test_a_missing_secret_is_named(
    builder: BuildxBuilder, tmp_path: Path, kind: SecretKind, source: str, reason: str
) -> None:
    write(tmp_path, Dockerfile=USES_SECRET + f"echo {source}\n")
    failure = run(
        builder, ImageSpec("x", "Dockerfile", ".", needs=needs_secret(kind, source)), tmp_path
    )
    assert isinstance(failure, BuildFailure)
    assert failure.kind is FailureKind.SECRET
    assert failure.reason == f"secret x: not found (the secret x has no value: {reason})"


def test_a_build_that_does_without_its_secret_says_so(
    builder: BuildxBuilder, tmp_path: Path
) -> None:
    write(tmp_path, Dockerfile="FROM busybox\nRUN --mount=type=secret,id=x true\n")
    spec = ImageSpec("x", "Dockerfile", ".", needs=needs_secret(SecretKind.VALUE, ""))
    built = run(builder, spec, tmp_path)
    assert isinstance(built, BuiltImage)
    assert built.notes == ("Built although the secret x has no value: what it is set to is empty.",)


def test_a_missing_ssh_agent_is_named(builder: BuildxBuilder, tmp_path: Path) -> None:
    write(tmp_path, Dockerfile="FROM busybox\nRUN --mount=type=ssh,required=true true\n")
    spec = ImageSpec("x", "Dockerfile", ".", needs=BuildNeeds(ssh=("default",)))
    failure = run(builder, spec, tmp_path)
    assert isinstance(failure, BuildFailure)
    assert failure.kind.lies_in_surroundings
    assert "the SSH key default is not there" in failure.reason


def test_hosts_and_named_contexts_reach_the_build(builder: BuildxBuilder, tmp_path: Path) -> None:
    (tmp_path / "libs").mkdir()
    write(tmp_path / "libs", file="1")
    text = "FROM base\nCOPY --from=lib file /file\nRUN grep -E '10.1.2.3.db|::2.six' /etc/hosts\n"
    write(tmp_path, Dockerfile=text)
    spec = ImageSpec(
        *("x", "Dockerfile", "."),
        build_contexts={"lib": "libs", "base": "docker-image://busybox"},
        needs=BuildNeeds(add_hosts=("db=10.1.2.3", "six=::2")),
    )
    assert isinstance(run(builder, spec, tmp_path), BuiltImage)


@pytest.mark.parametrize("folder", ["out", "none", "lib/out"])
def test_a_named_context_outside_of_the_checkout_is_refused(
    builder: BuildxBuilder, tmp_path: Path, folder: str
) -> None:
    root = tmp_path / "checkout"
    (root / "lib").mkdir(parents=True)
    (root / "out").symlink_to("..")
    (root / "lib/out").symlink_to("/etc")
    write(root, Dockerfile="FROM scratch\nCOPY --from=lib . /\n")
    spec = ImageSpec("x", "Dockerfile", ".", build_contexts={"lib": folder})
    failure = run(builder, spec, root)
    assert isinstance(failure, BuildFailure)
    assert failure.kind is FailureKind.MISSING_FILE
    assert repr(folder) in failure.reason


@pytest.mark.parametrize("value", ["foo://../.git", "git://[/../../.git", "ssh://%zz/../../.git"])
def test_an_address_that_buildx_takes_for_a_path_reads_nothing(
    engine: PrivateEngine,
    builder: BuildxBuilder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    value: str,
) -> None:
    """Buildx itself is asked as well: it runs where no relative path leads to anything."""
    workspace, root = tmp_path / "workspace", tmp_path / "checkout"
    (workspace / ".git").mkdir(parents=True)
    write(workspace / ".git", config="the-token")
    for name in ("foo:", "git:/[", "ssh:/%zz"):
        (workspace / name).mkdir(parents=True)
    root.mkdir()
    write(root, Dockerfile="FROM busybox\nRUN --mount=from=lib,target=/x cat /x/config; exit 1\n")
    monkeypatch.chdir(workspace)
    assert Path(value).exists()
    spec = ImageSpec("x", "Dockerfile", ".", build_contexts={"lib": value})
    failure = run(builder, spec, root)
    assert isinstance(failure, BuildFailure)
    assert failure.kind is FailureKind.MISSING_FILE
    environment = {**os.environ, **engine.environment}
    docker = find_program("docker", environment)
    assert docker
    arguments = ("build", "--build-context", f"lib={value}", "--progress=plain", root)
    result = run_buildx(docker, arguments, environment, timeout_s=300)
    assert result.status
    assert "the-token" not in "".join(result.stderr_lines)


def prepare(
    builder: BuildxBuilder, root: Path, *commands: str, image: str = "busybox"
) -> PreparedCheckout | BuildFailure:
    needs = BuildNeeds(
        secrets=(SecretSource("x", SecretKind.VALUE, VALUE),),
        preparation=Preparation(image, commands),
    )
    return builder.prepare(ImageSpec("x", "Dockerfile", ".", needs=needs), root, "x (head)")


def test_commands_change_a_copy_of_the_checkout(builder: BuildxBuilder, tmp_path: Path) -> None:
    files = {".dockerignore": "*\n", "a": "1", "b": "2"}
    write(tmp_path, **files)
    (tmp_path / "link").symlink_to("a")
    commands = ("rm b", "mkdir -p dist && cat <<EOF > dist/out\n$(cat a) <b>\nEOF\n", "# a comment")
    prepared = prepare(builder, tmp_path, *commands)
    assert isinstance(prepared, PreparedCheckout), prepared
    assert prepared.seconds > 0
    assert sorted(x.relative_to(prepared.root).as_posix() for x in prepared.root.rglob("*")) == [
        *(".dockerignore", "a", "dist", "dist/out", "link"),
    ]
    assert (prepared.root / "dist/out").read_text("utf-8") == "1 <b>\n"
    assert (prepared.root / "link").is_symlink()
    assert (prepared.root / "dist/out").stat().st_uid == os.getuid()
    assert (tmp_path / "b").exists()
    assert prepare(builder, tmp_path, *commands) is prepared
    builder.close()
    assert not prepared.root.exists()


def test_commands_get_no_secret_and_no_socket(builder: BuildxBuilder, tmp_path: Path) -> None:
    write(tmp_path, a="1")
    prepared = prepare(
        builder, tmp_path, "env > env; ls -R /run /var/run > run; ls /run/secrets || true"
    )
    assert isinstance(prepared, PreparedCheckout), prepared
    texts = (prepared.root / "env").read_text("utf-8") + (prepared.root / "run").read_text("utf-8")
    assert "secret" not in texts
    assert "docker.sock" not in texts
    assert "TOKEN" not in texts


@pytest.mark.parametrize(
    ("commands", "kind", "reason"),
    [
        (("false",), FailureKind.PREPARATION, "prepare failed: `false` ended with exit status 1"),
        (("mkfifo pipe",), FailureKind.PREPARATION, "prepare failed: it left 'pipe'"),
        (("echo to fetch; wget http://none.invalid/x",), FailureKind.NETWORK, "prepare failed: "),
    ],
)
def test_a_command_that_fails_is_reported(
    builder: BuildxBuilder,
    tmp_path: Path,
    commands: tuple[str, ...],
    kind: FailureKind,
    reason: str,
) -> None:
    write(tmp_path, a="1")
    failure = prepare(builder, tmp_path, *commands)
    assert isinstance(failure, BuildFailure), failure
    assert failure.kind is kind
    assert failure.reason.startswith(reason)


def test_an_image_without_a_name_prepares_nothing(builder: BuildxBuilder, tmp_path: Path) -> None:
    failure = prepare(builder, tmp_path, "true", image="busybox\nRUN true")
    assert isinstance(failure, BuildFailure)
    assert failure.kind is FailureKind.PREPARATION


def test_a_link_that_commands_leave_leads_nowhere(builder: BuildxBuilder, tmp_path: Path) -> None:
    write(tmp_path, Dockerfile="FROM scratch\nCOPY . /\n")
    prepared = prepare(builder, tmp_path, "ln -s / out", "mkdir d && chmod 0 d")
    assert isinstance(prepared, PreparedCheckout), prepared
    failure = run(builder, ImageSpec("x", "Dockerfile", "out"), prepared.root)
    assert isinstance(failure, BuildFailure)
    assert failure.reason == "the context 'out' leads out of the repository"
