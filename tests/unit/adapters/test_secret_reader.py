"""The values of build secrets: who may be their source, and what is masked from then on."""

import base64
from pathlib import Path

import pytest

from bot.adapters.secret_reader import SecretReader
from bot.errors import InputError
from bot.model.spec import SecretKind, SecretSource

TOKEN = "the-token-of-the-job"


def read(folder: Path, kind: SecretKind, source: str, **environment: str) -> bytes | None:
    return SecretReader(environment, folder, TOKEN).read(SecretSource("x", kind, source))


@pytest.mark.parametrize(
    ("kind", "source", "value"),
    [
        (SecretKind.VALUE, "abc", b"abc"),
        (SecretKind.VALUE, TOKEN, TOKEN.encode()),  # somebody wrote it into the workflow
        (SecretKind.VALUE, "", None),
        (SecretKind.ENVIRONMENT, "NPM_TOKEN", b"def"),
        (SecretKind.ENVIRONMENT, "EMPTY", None),
        (SecretKind.ENVIRONMENT, "NOT_SET", None),
        (SecretKind.FILE, "a/file", b"ghi\n"),
        (SecretKind.FILE, "a/empty", None),
        (SecretKind.FILE, "a/nothing", None),
        (SecretKind.FILE, "link", b"ghi\n"),
    ],
)
def test_a_secret_is_read_from_its_source(
    tmp_path: Path, kind: SecretKind, source: str, value: bytes | None
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").write_bytes(b"ghi\n")
    (tmp_path / "a/empty").touch()
    (tmp_path / "link").symlink_to("a/file")
    assert read(tmp_path, kind, source, NPM_TOKEN="def", EMPTY="") == value


@pytest.mark.parametrize(
    "name",
    ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "INPUT_SECRETS", "DOCKER_AUTH_CONFIG", "COPY"],
)
def test_no_variable_with_a_token_of_the_job_is_a_secret(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as raised:
        read(tmp_path, SecretKind.ENVIRONMENT, name, **{name: TOKEN})
    assert name in raised.value.what
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "path", ["out", ".git/config", "to-git", ".GIT/config", "a", "large", "../outside"]
)
def test_no_file_outside_of_the_checkout_is_a_secret(tmp_path: Path, path: str) -> None:
    root = tmp_path / "workspace"
    (root / ".git").mkdir(parents=True)
    (root / "a").mkdir()
    (root / ".git/config").write_text("token")
    (root / ".GIT").mkdir(exist_ok=True)
    (root / ".GIT/config").write_text("token")
    (tmp_path / "outside").write_text("other secret")
    (root / "out").symlink_to("../outside")
    (root / "to-git").symlink_to(".git/config")
    (root / "large").write_bytes(bytes(500 * 1024 + 1))
    with pytest.raises(InputError):
        read(root, SecretKind.FILE, path)


def test_a_file_of_the_command_line_may_be_anywhere(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("abc")
    assert read(tmp_path / "elsewhere", SecretKind.FILE, f"{tmp_path}/file") == b"abc"


def test_what_is_read_is_masked_in_every_form() -> None:
    announced: list[str] = []
    reader = SecretReader(announce=announced.extend)
    value = 'first line\n{"key": "' + "k" * 100 + '"}\nab'
    reader.read(SecretSource("x", SecretKind.VALUE, value))
    encoded = base64.b64encode(value.encode()).decode()
    assert {"first line", '{"key": "' + "k" * 100 + '"}', encoded.rstrip("=")} <= set(announced)
    assert {encoded[:76], encoded[76:152]} <= set(announced)  # as base64(1) prints it
    assert base64.b64encode(b"first line\n").decode().rstrip("=") in announced  # echo | base64
    assert "ab" not in announced
    assert reader.texts == tuple(announced)


def test_a_secret_is_in_no_representation() -> None:
    source = SecretSource("x", SecretKind.VALUE, "value-of-it")
    reader = SecretReader({"A": "value-of-it"}, token="value-of-it")
    reader.read(source)
    assert "value-of-it" not in repr(reader) + repr(source)


@pytest.mark.parametrize("value", ["login me\tpassword abc", "no\u00a0break", "zero\u200bwidth"])
def test_a_secret_with_blanks_of_any_kind_is_masked(value: str) -> None:
    announced: list[str] = []
    SecretReader(announce=announced.extend).read(SecretSource("x", SecretKind.VALUE, value))
    assert value in announced


def test_a_binary_secret_is_masked_as_base64_alone(tmp_path: Path) -> None:
    announced: list[str] = []
    content = bytes(range(256))
    (tmp_path / "file").write_bytes(content)
    reader = SecretReader({}, tmp_path, announce=announced.extend)
    reader.read(SecretSource("x", SecretKind.FILE, "file"))
    assert base64.b64encode(content).decode()[:76] in announced
    assert all(text.isascii() and text.isprintable() for text in announced)
