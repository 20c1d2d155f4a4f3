"""Inputs that are right, to begin with."""

import gzip
import hashlib
import io
import json
import math
import sys
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bot.image.layers.index_codec import encode_index
from bot.image.layers.layer_index import index_layer
from bot.image.layers.tar_scanner import scan_layer
from bot.model.files import HashAlgorithm
from bot.report.document.report_document import render_json
from tests.support import report_cases
from tests.support.ld_so_cache import make_ld_so_cache
from tests.support.packages.layers import data
from tests.support.raw_tar import END, extended, member, pax
from tests.support.tar_world import (
    config,
    descriptor,
    encode,
    file,
    folder,
    hardlink,
    image,
    index,
    layer_tar,
    legacy,
    oci,
    stored,
    symlink,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SEEDS = Path(__file__).with_name("seeds")
DOCKERFILES = Path(__file__).parents[1] / "support/dockerfiles"
LAYER = layer_tar(
    *(folder("d"), file("d/a", 700), file("d/.wh.b"), hardlink("c", "d/a"), symlink("l", "d")),
    *(file("l/x", 3), file("n" * 150, 5), file("caf\udce9", 2), file(".wh..wh..opq")),
)
SCRIPT = b"""set -e
for f in "$@"; do [ -f "$f" ] && rm -r "${f%.*}" || exit 1; done
cat <<END | sed 's/a/b/' > /tmp/x
$(ls -l)
END
case $1 in a) apt-get install -y curl ;; *) pip install x && exec "$0" ;; esac
"""
YAML = b"""# limits
images:
  - name: api
    dockerfile: services/api/Dockerfile
    build-args: {GO: 1.20, HEX: 0x1F, TEXT: "1"}
    platforms: [linux/amd64, linux/arm64/v8]
    budget: &limits {max-size: 300MB, max-growth: {bytes: 10MB, percent: 5}}
    smoke-test: ["./api", --version]
  - {name: web, dockerfile: web/Dockerfile, budget: {<<: *limits, metric: compressed}}
budget: {max-growth: 10MB, ignore-below: 4kB}
comment: changes
"""
COMPOSE = {
    "services": {
        "api": {
            "image": "org/api",
            "extends": {"file": "../common.yaml", "service": "base"},
            "environment": {"A": "b"},
            "build": {
                "context": "api",
                "args": {"A": "1"},
                "target": "prod",
                "platforms": ["linux/amd64"],
                "additional_contexts": {"lib": "../lib"},
                "x-bake": {"tags": ["org/api:1"], "contexts": {"x": "target:y"}},
            },
        }
    },
    "include": ["a.yaml", {"path": ["b.yaml"], "env_file": ".env", "project_directory": "."}],
}
BAKE = {
    "target": {
        "api": {
            "context": "api",
            "dockerfile": "Dockerfile",
            "target": "dev",
            "args": {"A": "1"},
            "contexts": {"lib": "./lib", "x": "target:y", "g": "https://example.com/x.git"},
            "platforms": ["linux/amd64"],
            "tags": ["org/api"],
            "network": "host",
        },
        "y": {"context": "."},
    }
}
IGNORE = b"**/*.go\n!keep/**\nnode_modules\n\\#x\n[a-c]?/d\n/e/../f\n# c\n"
STATUS = b"Package: a\nStatus: install ok installed\nVersion: 1.0\nDescription: x\n y\n\n"
_ONE_FILE = layer_tar(file("a", 5))
TAR_SPLIT = b"".join(
    json.dumps(row, separators=(",", ":")).encode() + b"\n"
    for row in (
        {"type": 2, "payload": b64encode(_ONE_FILE[:512]).decode(), "position": 0},
        {"type": 1, "name": "a", "size": 5, "payload": "MTIzNDU2Nzg=", "position": 1},
        {"type": 2, "payload": b64encode(_ONE_FILE[517:]).decode(), "position": 2},
    )
)


@cache
def list_examples(name: str, before: float = math.inf) -> tuple[bytes, ...]:
    """Return the inputs for a reader: right ones, and seeds that were kept before a time.

    Within a run the seeds must stay the same, as its inputs are made of them.
    """
    seeds = [path for path in list_seeds(name) if path.stat().st_mtime < before]
    return (*_make_examples(name), *(path.read_bytes() for path in seeds))


def list_seeds(name: str) -> list[Path]:
    """Return the files of inputs on which a reader once failed."""
    folder_ = SEEDS / name
    return sorted(folder_.iterdir()) if folder_.is_dir() else []


def make_record(document: bytes) -> bytes:
    """Return a record of the cache with a digest that is right."""
    body = zstd.compress(document, 1)
    return hashlib.sha256(body).digest() + body


def _make_examples(name: str) -> tuple[bytes, ...]:
    if name in ("archive", "archive-stream"):
        archives = (legacy(LAYER, LAYER), oci(LAYER), oci(LAYER, compression="gzip"))
        odd = extended(b"n" * 200, b"L") + pax({"path": "long", "size": "4"}) + member("x", b"1234")
        return (*(archive.getvalue() for archive in archives), odd + END)
    if name == "layer":
        with_globals = pax({"uid": "5", "path": "p"}, b"g") + member("x", b"12") + END
        return (LAYER, with_globals, *(stored(LAYER, form) for form in ("gzip", "zstd")))
    if name == "dockerfile":
        return tuple(path.read_bytes() for path in sorted(DOCKERFILES.iterdir()) if path.is_file())
    if name == "report":
        cases = (report_cases.sample(), report_cases.explained(), report_cases.over_budget())
        return tuple(render_json(report).encode() for report in cases)
    return _EXAMPLES[name]


def _make_manifest() -> bytes:
    document = config([LAYER])
    layer = {
        **descriptor(LAYER),
        "annotations": {"a": "b"},
        "platform": {"os": "linux"},
        "urls": ["https://a"],
    }
    return encode({"schemaVersion": 2, "config": descriptor(document), "layers": [layer]})


def _make_record_document() -> bytes:
    layer = scan_layer(io.BytesIO(LAYER))
    record = encode_index(index_layer("sha256:1", layer.entries, HashAlgorithm.XXH3))
    return bytes(zstd.decompress(record[32:]))


def _make_jar() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/maven/org.a/a/pom.properties", "version=1.0\nartifactId=a\n")
        archive.writestr("BOOT-INF/lib/b-2.0.jar", b"x" * 50)
    return buffer.getvalue()


_EXAMPLES: Mapping[str, tuple[bytes, ...]] = {
    "compose": (encode(COMPOSE),),
    "bake": (encode(BAKE),),
    "tar-split": (TAR_SPLIT,),
    "manifest": (_make_manifest(),),
    "index": (encode({"manifests": [index(image(LAYER)).top, image(LAYER).top]}),),
    "legacy-manifest": (b'[{"Config":"c.json","RepoTags":["a:1"],"Layers":["1/layer.tar"]}]',),
    "config": (config([bytes(1024)], history=[{"created_by": "COPY . /", "empty_layer": False}]),),
    "record": (_make_record_document(),),
    "script": (SCRIPT,),
    "project-config": (YAML,),
    "ignore-file": (IGNORE,),
    "elf": (data("rust-audited-section.elf"), Path(sys.executable).read_bytes()[:60_000]),
    "ld-cache": tuple(
        make_ld_so_cache([("libc.so.6", "/lib/libc.so.6"), ("b", "/b")], with_old_table=is_old)
        for is_old in (True, False)
    ),
    "reference": (b"ghcr.io/owner/app:1.0@sha256:" + b"0" * 64, b"localhost:5000/a/b"),
    "dpkg-status": (STATUS * 3,),
    "dpkg-list": (b"/.\n/usr\n/usr/bin/a\n",),
    "apk": (data("apk-installed-by-hand"),),
    "rpm-sqlite": (gzip.decompress(data("rpm-sqlite.gz")),),
    "rpm-ndb": (gzip.decompress(data("rpm-ndb.gz")),),
    "python-record": (b'a/__init__.py,sha256=x,12\n../../bin/a,,\n"b,c.py",,\n',),
    "python-egg": (b"Metadata-Version: 2.1\nName: a\nVersion: 1.0\n",),
    "npm-package": (b'{"name":"a","version":"1.0.0","scripts":{"x":"y"}}',),
    "npm-lock": (
        json.dumps({"packages": {"node_modules/a": {"version": "1", "link": False}}}).encode(),
    ),
    "composer": (b'{"packages":[{"name":"a/b","version":"1","install-path":"../a/b"}]}',),
    "jar": (_make_jar(),),
    "program": (
        data("go-buildinfo"),
        data("rust-audited-section.elf"),
        b"\x7fELF" + bytes(60) + data("go-buildinfo"),
    ),
}
