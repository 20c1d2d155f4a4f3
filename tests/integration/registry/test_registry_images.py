"""docker:// over HTTP: the same image as from an archive, and a clear word for each refusal."""

import io
import json
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from requests import Response, Session

from bot.adapters.image_sources import ImageSources
from bot.adapters.registry.auth import RegistryAuth
from bot.errors import InputError, RegistryError
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.archives.reference import parse_reference
from bot.image.layers.streams import Unreadable
from tests.support.github import GitHubStandIn
from tests.support.github.authority import Authority
from tests.support.registry.stand_in import (
    PASSWORD,
    TOKEN,
    USER,
    Bytes,
    RegistryStandIn,
    Reset,
    Status,
    Truncate,
    make_basic_auth,
    make_docker_config,
)
from tests.support.tar_world import (
    Item,
    Part,
    attestation,
    blob_name,
    config,
    descriptor,
    digest,
    encode,
    file,
    image,
    index,
    layer_tar,
    layout,
    pack,
    part,
    stored,
)

NOISE = random.Random(7).randbytes(3_000_000)
LAYERS = (layer_tar(file("a", 1000)), layer_tar(Item("b", NOISE)), layer_tar(file(".wh.a")))
GZIP = image(*LAYERS, compression="gzip")
BIG = f"blobs/{digest(stored(LAYERS[1], 'gzip'))}"


def read(
    registry: RegistryStandIn,
    name: str = "app",
    platform: str | None = None,
    cache: LayerCache | None = None,
    environment: Mapping[str, str] = {},
) -> ScannedImage:
    store = ImageSources(environment)
    return store.read(f"docker://{registry.host}/{name}", platform, cache or LayerCache())


@pytest.fixture
def registry() -> Iterator[RegistryStandIn]:
    with RegistryStandIn(layout(GZIP)) as running:
        yield running


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_registry_image_equals_its_archive(compression: str) -> None:
    members = layout(image(*LAYERS, compression=compression))
    with RegistryStandIn(members) as registry:
        measured = read(registry)
    saved = read_archive(pack(members))
    assert measured.read_method == "registry"
    assert (measured.image_id, measured.blobs) == (saved.image_id, saved.blobs)
    sizes = [len(stored(layer, compression)) for layer in LAYERS]
    assert [blob.size for blob in measured.blobs] == sizes


def test_uncompressed_layers_of_a_registry_have_exact_sizes() -> None:
    with RegistryStandIn(layout(image(*LAYERS))) as registry:
        measured = read(registry)
    assert [(blob.size, blob.size_error) for blob in measured.blobs] == [
        (len(layer), 0) for layer in LAYERS
    ]


def test_images_are_named_by_tag_digest_or_both() -> None:
    first, second = image(LAYERS[0]), image(LAYERS[2])
    tag = "org.opencontainers.image.ref.name"
    members = layout(first.with_annotations(**{tag: "1"}), second.with_annotations(**{tag: "2"}))
    with RegistryStandIn(members) as registry:
        names = ("team/app:1", f"app@{first.top['digest']}", f"app:2@{first.top['digest']}")
        image_ids = {read(registry, name).image_id for name in names}
        assert image_ids == {digest(config(LAYERS[:1]))}


def test_an_index_of_several_platforms() -> None:
    arm = image(LAYERS[0], platform="linux/arm64/v8")
    amd = image(LAYERS[2], platform="linux/amd64")
    with RegistryStandIn(layout(index(attestation(), index(arm, amd)))) as registry:
        assert read(registry, platform="linux/arm64").platform == "linux/arm64/v8"
        assert len(registry.requests_for("/blobs/")) == 2  # config and layer: nothing of the other


def test_cached_layers_are_not_requested(registry: RegistryStandIn) -> None:
    cache = LayerCache()
    first = read(registry, cache=cache)
    request_count = len(registry.requests_for(BIG))
    again = read(registry, cache=cache)
    assert (request_count, len(registry.requests_for(BIG))) == (1, 1)
    assert again == first


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_connection_is_resumed(ranges: bool) -> None:
    with RegistryStandIn(layout(GZIP), ranges=ranges) as registry:
        registry.inject_faults(BIG, Truncate(after=1_500_000), Reset(after=0))
        assert read(registry).blobs == read_archive(pack(layout(GZIP))).blobs
        first, *retries = registry.requests_for(BIG)
    assert first.range == ""
    assert re.fullmatch(r"bytes=[1-9]\d+-", retries[-1].range)


def test_a_connection_that_always_breaks_is_an_error(registry: RegistryStandIn) -> None:
    registry.inject_faults(BIG, *[Reset(after=100)] * 50)
    with pytest.raises(Unreadable, match="broke 5 times"):
        read(registry)


def test_a_truncated_document_is_requested_again(registry: RegistryStandIn) -> None:
    registry.inject_faults("manifests/latest", Reset(after=10), Status(503), Status(502))
    assert read(registry).blobs


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_credentials_of_the_docker_configuration(auth: str, tmp_path: Path) -> None:
    with RegistryStandIn(layout(GZIP), auth=auth) as registry:
        (tmp_path / "config.json").write_text(make_docker_config(registry.host))
        assert read(registry, environment={"DOCKER_CONFIG": str(tmp_path)}).blobs
        proofs = {asked.authorization for asked in registry.requests_for("/blobs/")}
    assert proofs == {make_basic_auth() if auth == "basic" else f"Bearer {TOKEN}"}


def test_an_identity_token_is_exchanged_for_a_pull_token(tmp_path: Path) -> None:
    with RegistryStandIn(layout(GZIP), auth="identity") as registry:
        (tmp_path / "config.json").write_text(make_docker_config(registry.host, identity=True))
        assert read(registry, environment={"DOCKER_CONFIG": str(tmp_path)}).blobs
        assert [asked.authorization for asked in registry.requests_for("^/token")] == [""]


def test_a_registry_token_is_sent_as_it_is(tmp_path: Path) -> None:
    with RegistryStandIn(layout(GZIP), auth="bearer") as registry:
        logins = json.dumps({"auths": {registry.host: {"registrytoken": TOKEN}}})
        assert read(registry, environment={"DOCKER_AUTH_CONFIG": logins}).blobs
        assert registry.requests_for("^/token") == []


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_helper_that_is_not_installed_is_said_if_the_registry_refuses(
    auth: str, tmp_path: Path
) -> None:
    with RegistryStandIn(layout(GZIP), auth=auth) as registry:
        registry.inject_faults("/token", *[Status(401)] * 9)
        settings = {"credHelpers": {registry.host: "nowhere"}}
        (tmp_path / "config.json").write_text(json.dumps(settings))
        with pytest.raises(RegistryError) as caught:
            read(registry, environment={"DOCKER_CONFIG": str(tmp_path)})
    assert "docker-credential-nowhere, which " in caught.value.why
    assert "is not installed here" in caught.value.why
    assert "registry-auth" in caught.value.fix


def test_a_helper_that_is_not_installed_keeps_nobody_from_a_public_image(tmp_path: Path) -> None:
    with RegistryStandIn(layout(GZIP), auth="bearer") as registry:
        (tmp_path / "config.json").write_text('{"credsStore": "nowhere"}')
        assert read(registry, environment={"DOCKER_CONFIG": str(tmp_path)}).blobs


def test_a_credential_helper_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-standin"
    answer = json.dumps({"ServerURL": "x", "Username": USER, "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with RegistryStandIn(layout(GZIP), auth="basic") as registry:
        settings = {"credHelpers": {registry.host: "standin"}}
        (tmp_path / "config.json").write_text(json.dumps(settings))
        assert read(registry, environment={"DOCKER_CONFIG": str(tmp_path)}).blobs


def test_an_anonymous_token_is_requested() -> None:
    with RegistryStandIn(layout(GZIP), auth="bearer") as registry:
        assert read(registry).blobs
        assert {asked.authorization for asked in registry.requests_for("^/token")} == {""}


def test_an_expired_token_is_renewed() -> None:
    with RegistryStandIn(layout(GZIP), auth="bearer") as registry:
        registry.inject_faults(BIG, Status(401, {"WWW-Authenticate": registry.challenge}))
        assert read(registry).blobs
        assert len(registry.requests_for("^/token")) == 2


def test_a_refusal_of_the_token_service_is_an_error(tmp_path: Path) -> None:
    with RegistryStandIn(layout(GZIP), auth="bearer") as registry:
        registry.inject_faults("/token", *[Status(429, {"Retry-After": "60"})] * 9)
        with pytest.raises(RegistryError, match="too many requests"):
            read(registry)


def test_a_token_service_without_tls_gets_no_credentials() -> None:
    answer = Response()
    answer.raw = io.BytesIO()
    answer.url = "https://a.registry/v2/"
    answer.headers["WWW-Authenticate"] = 'Bearer realm="http://a.registry/token"'
    access = RegistryAuth(Session(), parse_reference("a.registry/app"), {})
    with pytest.raises(RegistryError, match="is not secure"):
        access.handle_challenge(answer)


def test_plain_http_to_other_machines_must_be_allowed(registry: RegistryStandIn) -> None:
    host = registry.host.replace("127.0.0.1", "0.0.0.0")  # it leads here, but does not say so
    store = ImageSources({"IMAGE_SIZE_INSECURE_REGISTRIES": f"other:1, {host}"})
    assert store.read(f"docker://{host}/app", None, LayerCache()).blobs
    with pytest.raises(RegistryError, match="does not answer"):
        ImageSources({}).read(f"docker://{host}/app", None, LayerCache())


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_redirect_does_not_forward_credentials(auth: str, tmp_path: Path) -> None:
    with (
        RegistryStandIn(layout(GZIP)) as store,
        RegistryStandIn(layout(GZIP), auth=auth, store=store) as registry,
    ):
        (tmp_path / "config.json").write_text(make_docker_config(registry.host))
        assert read(registry, environment={"DOCKER_CONFIG": str(tmp_path)}).blobs
        assert {asked.authorization for asked in store.requests} == {""}
        assert store.requests_for(BIG)


REFUSALS: dict[str, tuple[Status, str]] = {
    "nobody": (Status(401), "requires credentials"),
    "no right": (Status(403, message="denied by policy"), r"(?s)denies access.*denied by policy"),
    "no image": (Status(404), "has no image 127.0.0.1:.*/app:latest"),
    "out of order": (Status(500), "answers with status 500"),
    "odd": (Status(418), "answers with status 418"),
    "limit": (
        Status(429, {"Retry-After": "7200", "RateLimit-Limit": "100;w=21600"}),
        r"(?s)too many requests.*100 requests in 6 hours.*try again in 7200 s",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_has_problem_cause_and_remedy(name: str, registry: RegistryStandIn) -> None:
    status, words = REFUSALS[name]
    registry.inject_faults("manifests/latest", *[status] * 20)
    with pytest.raises(RegistryError, match=words) as caught:
        read(registry)
    assert caught.value.fix
    assert len(registry.requests) <= 5


def test_wrong_credentials_are_reported(tmp_path: Path) -> None:
    with RegistryStandIn(layout(GZIP), auth="basic") as registry:
        settings = {"auths": {registry.host: {"auth": "bm9ib2R5OndyaG9uZw=="}}}
        (tmp_path / "config.json").write_text(json.dumps(settings))
        with pytest.raises(RegistryError, match="does not accept the credentials"):
            read(registry, environment={"DOCKER_CONFIG": str(tmp_path)})


def test_a_short_rate_limit_is_waited_for(registry: RegistryStandIn) -> None:
    registry.inject_faults(BIG, Status(429, {"Retry-After": "1"}))
    assert read(registry).blobs


def test_an_unreachable_registry_is_an_error(tmp_path: Path) -> None:
    with RegistryStandIn({}) as stopped:
        host = stopped.host
    with pytest.raises(RegistryError, match="does not answer"):
        ImageSources({}).read(f"docker://{host}/app", None, LayerCache())


@pytest.mark.parametrize("extensions", [True, False], ids=["new", "old"])
def test_an_untrusted_certificate_is_reported(tmp_path: Path, extensions: bool) -> None:
    """Any TLS server with a private authority will do."""
    authority = Authority(tmp_path, extensions=extensions)
    with GitHubStandIn(tls=authority.context()) as server:
        name = f"docker://127.0.0.1:{server.port}/app"
        with pytest.raises(RegistryError, match="is not trusted") as caught:
            ImageSources({}).read(name, None, LayerCache())
        trusting = {"SSL_CERT_FILE": str(authority.certificate)}
        with pytest.raises(RegistryError, match="has no image"):
            ImageSources(trusting).read(name, None, LayerCache())
    assert "SSL_CERT_FILE" in caught.value.fix


@pytest.mark.parametrize("name", ["", "UPPER/Case", "a b", "app@sha256:12", "app:", "-x/y z"])
def test_an_invalid_reference_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="is not a valid image reference"):
        ImageSources({}).read(f"docker://{name}", None, LayerCache())


def make_foreign_layer_image() -> Part:
    """Return an image with a foreign layer, as Windows images had."""
    image_config = config(LAYERS[:1])
    kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    foreign_layer = {
        **descriptor(LAYERS[0]),
        "mediaType": kind,
        "urls": ["https://else.where/layer"],
    }
    return part(
        encode({"config": descriptor(image_config), "layers": [foreign_layer]}), image_config
    )


def make_wrong_size_image() -> Part:
    image_config = config(LAYERS[:1])
    lie = {**descriptor(LAYERS[0]), "size": len(LAYERS[0]) + 1}
    return part(
        encode({"config": descriptor(image_config), "layers": [lie]}), image_config, LAYERS[0]
    )


BAD: dict[str, tuple[Callable[[], Part], str]] = {
    "a foreign layer": (make_foreign_layer_image, "foreign layer .*https://else.where/layer"),
    "a size that lies": (make_wrong_size_image, "where its manifest says"),
    "a blob that is missing": (lambda: image(*LAYERS).without_blobs(LAYERS[0]), "is missing"),
    "schema 1": (lambda: part(b'{"schemaVersion": 1, "fsLayers": []}'), "schema 1"),
    "no image": (lambda: part(b'{"hello": 1}'), "unexpected structure"),
}


@pytest.mark.parametrize("name", BAD)
def test_an_unreadable_image_is_an_error_with_a_reason(name: str) -> None:
    members, words = BAD[name]
    with RegistryStandIn(layout(members())) as registry, pytest.raises(Unreadable, match=words):
        read(registry)


@pytest.mark.parametrize("what", ["manifests/sha256:.*", "blobs/sha256:.*"])
def test_content_that_does_not_match_its_digest_is_refused(
    what: str, registry: RegistryStandIn
) -> None:
    name = f"app@{GZIP.top['digest']}"
    registry.inject_faults(what, *[Bytes(b"{}")] * 9)
    with pytest.raises(Unreadable):
        read(registry, name)


def test_a_different_layer_of_the_same_length_is_refused(registry: RegistryStandIn) -> None:
    blob = bytearray(registry.members[blob_name(stored(LAYERS[1], "gzip"))])  # type: ignore[arg-type]
    blob[4] ^= 1  # the time in a gzip's header: it unpacks to the same tar
    registry.inject_faults(BIG, Bytes(bytes(blob)))
    with pytest.raises(Unreadable, match="does not match its digest"):
        read(registry)


def run_helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> RegistryStandIn:
    """Return a registry with a credential helper of this script."""
    helper = tmp_path / "docker-credential-standin"
    helper.write_text(f"#!/bin/sh\n{script}\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    registry = RegistryStandIn(layout(GZIP), auth="basic")
    (tmp_path / "config.json").write_text(json.dumps({"credsStore": "standin"}))
    return registry


@pytest.mark.parametrize(
    "script",
    [
        "echo '::error::x' >&2; exit 1",
        "echo []",
        "echo '{}'",
        "echo nothing",
        "exit 0",
        "kill -9 $$",
        "printf '\\377'",
    ],
)
def test_a_credential_helper_that_fails_is_an_error(
    script: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with (
        run_helper(tmp_path, monkeypatch, script) as registry,
        pytest.raises(RegistryError, match=r"credentials .* cannot be read"),
    ):
        read(registry, environment={"DOCKER_CONFIG": str(tmp_path)})
    assert capfd.readouterr() == ("", "")


def test_a_credential_helper_without_an_entry_leaves_it_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "credentials not found in native keychain"
    with run_helper(tmp_path, monkeypatch, f"echo '{words}'; exit 1") as registry:
        settings = {**json.loads(make_docker_config(registry.host)), "credsStore": "standin"}
        (tmp_path / "config.json").write_text(json.dumps(settings))
        assert read(registry, environment={"DOCKER_CONFIG": str(tmp_path)}).blobs


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("[]", "it is not an object of JSON"),
        ('{"auths": [1]}', "its 'auths' is not an object"),
        ('{"auths": {"a": 5}}', "its entry of 'auths' for 'a' is not an object"),
        ('{"auths": {"a": {"auth": "eA=="}}}', "the 'auth' of its entry for 'a' is not the Base64"),
        ("{", "it is not JSON: Expecting property name"),
    ],
)
def test_a_broken_docker_configuration_is_an_error(
    settings: str, reason: str, tmp_path: Path
) -> None:
    with RegistryStandIn(layout(GZIP), auth="basic") as registry:
        (tmp_path / "config.json").write_text(settings)
        with pytest.raises(RegistryError) as problem:
            read(registry, environment={"DOCKER_CONFIG": str(tmp_path)})
    assert problem.value.why.startswith(reason)
    assert str(tmp_path / "config.json") in problem.value.fix


def test_the_body_of_a_redirect_is_not_read(registry: RegistryStandIn) -> None:
    """It promises ten gigabytes, which requests would wait for and keep."""
    url = f"http://{registry.host}/v2/app/{BIG}"
    registry.inject_faults(BIG, Status(307, {"Location": url}, promised=10**10))
    assert read(registry).blobs


def test_a_redirect_to_an_odd_address_is_an_error(registry: RegistryStandIn) -> None:
    registry.inject_faults("manifests/latest", Status(307, {"Location": "http://[::1"}))
    with pytest.raises(RegistryError, match="does not answer"):
        read(registry)
