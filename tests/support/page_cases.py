"""Reports of many images with many files, for pages: the same ones on every machine."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from bot.audit.repeated_files import RepeatedFileFinder
from bot.compare.size_tree import add_size_trees
from bot.dockerfile.suggestion_diff import make_suggestion_diff
from bot.line.audit_facts import condense_image, sort_by_size
from bot.model.audit import AuditFacts
from bot.model.files import Entry, EntryKind, OwnerKey, WasteCause, WastedFile
from bot.model.image import Image, InstructionRef, Layer
from bot.model.metric import Metric
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.suggestion import Confidence, Edit, StartResult, Suggestion, Verification
from bot.model.trend import Trend, TrendPoint
from tests.support.image_world import HEAD, budget, compared, review

_SERVICES = (
    *("accounts", "billing", "catalogue", "checkout", "delivery", "documents", "exports", "feeds"),
    *("gateway", "images", "inventory", "invoices", "mailer", "metrics", "notifications", "orders"),
)
_BASE_FOLDERS = {
    "usr/lib/x86_64-linux-gnu": ("libcrypto.so.3 libc.so.6 libperl.so.5.36 libgnutls.so.30", 3_000),
    "usr/lib/python3.11": ("ast.py pydoc.py turtle.py argparse.py typing.py", 400),
    "usr/bin": ("perl bash openssl python3.11 gpg", 900),
    "usr/share/locale": ("de fr ja es pt", 350),
    "usr/share/doc": ("copyright changelog", 220),
    "var/lib/dpkg": ("status available", 600),
    "etc/ssl/certs": ("ca-certificates.crt", 220),
}
_PACKAGES = {
    "numpy": 71,
    "pandas": 62,
    "scipy": 95,
    "cryptography": 13,
    "grpc": 12,
    "sqlalchemy": 9,
    "botocore": 26,
    "pillow": 14,
}
_DOCKERFILE = """\
FROM python:3.12-slim
RUN apt-get update && apt-get install -y gcc git
WORKDIR /app
RUN pip install --no-cache-dir -r requirements.txt
COPY . /app
CMD ["python", "-m", "shop"]
"""
_SYSTEM = ("gcc-12", "libc6-dev", "git", "perl-base", "binutils", "cpp-12", "linux-libc-dev")


def make_audit(number: int) -> Report:
    """Build the audit of so many images; with more than three, one is over its budget and one fails."""
    finder, images = RepeatedFileFinder(), []
    for index in range(number):
        report = _audit_image(index, number)
        images.append(condense_image(report, finder))
    if number > 3:
        reason = 'process "/bin/sh -c npm ci" did not complete: exit code: 1'
        images[-1] = compared(
            None,
            None,
            name="legacy-reports",
            state=ImageState.HEAD_BUILD_FAILED,
            reason=reason,
            log=("#9 npm ERR! 404",),
        )
    facts = AuditFacts("octo/shop", "2026-11-26T05:23:00Z", finder.find())
    return review(
        *sort_by_size(images),
        mode=Mode.AUDIT,
        base=None,
        audit=facts,
        reproduce_command=f"image-size-review audit --rev {HEAD.sha}",
    )


def make_review() -> Report:
    """Build the review of one image that grew, with its trend and a suggestion."""
    old, new = make_image("catalogue", 3), make_image("catalogue", 3, has_compiler=True)
    report = compared(old, new, budget(max_growth="20MB"), "catalogue", suggestions=_suggest(new))
    return add_size_trees(review(replace(report, trend=_trend(new, 3))))


def make_image(name: str, seed: int, *, has_compiler: bool = False, files: int = 3_000) -> Image:
    """Build an image of a base image, packages and an application."""
    random = Random(f"{name} {seed}")
    layers = [
        ("FROM python:3.12-slim", 1, list(_list_base_files(Random("base")))),
        (
            "RUN pip install --no-cache-dir -r requirements.txt",
            4,
            list(_list_packages(random, seed)),
        ),
        ("COPY . /app", 6, list(_list_application(random, files))),
    ]
    if has_compiler:
        compiler = list(_list_compiler(random))
        layers.insert(1, ("RUN apt-get update && apt-get install -y gcc git", 2, compiler))
    return _build(name, layers)


def _build(name: str, steps: list[tuple[str, int, list[tuple[str, int, OwnerKey]]]]) -> Image:
    layers, tree, layer_by_path, waste = [], {}, dict[str, int](), list[WastedFile]()
    for index, (text, line, files) in enumerate(steps):
        owners: dict[OwnerKey, int] = {}
        wasted = 0
        for path, size, owner in files:
            owners[owner] = owners.get(owner, 0) + size
            if path.startswith("var/lib/apt/lists"):
                waste.append(WastedFile(path, size, index, len(steps) - 1, WasteCause.REMOVED))
                wasted += size
                continue
            tree[path] = Entry(path, EntryKind.FILE, size, content_hash=f"{path} {size}")
            layer_by_path[path] = index
        size = sum(file[1] for file in files)
        layers.append(
            Layer(
                index,
                f"sha256:{Random(f'{text}{size}').getrandbits(256):064x}",
                size,
                size * 2 // 5,
                len(files),
                text,
                wasted_bytes=wasted,
                owners=owners,
                instruction=InstructionRef(text.split(" ")[0], text, line, line),
                from_base_image=not index,
            )
        )
    visible = sum(entry.size for entry in tree.values())
    return Image(
        reference=f"{name}:head",
        image_id=f"sha256:{Random(name).getrandbits(256):064x}",
        platform="linux/amd64",
        layers=tuple(layers),
        compressed_exact=False,
        filesystem_bytes=visible,
        files=len(tree),
        compressed_error=0.02,
        tree=tree,
        layer_by_path=layer_by_path,
        wasted_files=tuple(waste),
    )


def _list_base_files(random: Random) -> Iterator[tuple[str, int, OwnerKey]]:
    for folder, (names, scale) in _BASE_FOLDERS.items():
        for name in names.split():
            yield (
                f"{folder}/{name}",
                scale * random.randint(500, 2000),
                OwnerKey("deb", "base-files", "12.4"),
            )
        for number in range(120):
            owner = OwnerKey("deb", f"lib{folder.rpartition('/')[2]}-{number % 9}", "1.0")
            yield f"{folder}/part{number}", scale * random.randint(5, 120), owner


def _list_packages(random: Random, seed: int) -> Iterator[tuple[str, int, OwnerKey]]:
    names = random.sample(sorted(_PACKAGES), 3 + seed % 5)
    for name in names:
        owner = OwnerKey("pypi", name, f"{random.randint(1, 9)}.{random.randint(0, 9)}")
        root, size = f"usr/local/lib/python3.12/site-packages/{name}", _PACKAGES[name] * 10**6
        yield f"{root}/_core.cpython-312-x86_64-linux-gnu.so", size // 3, owner
        for part in ("core", "tests", "linalg", "io"):
            for number in range(25):
                yield f"{root}/{part}/module{number}.py", size * random.randint(2, 9) // 900, owner


def _list_application(random: Random, files: int) -> Iterator[tuple[str, int, OwnerKey]]:
    owner = OwnerKey("directory", "/app")
    yield "app/static/hero.mp4", random.randint(4, 60) * 10**6, owner
    yield "app/models/ranking.onnx", random.randint(1, 90) * 10**6, owner
    for number in range(files):
        folder = ("src", "static/img", "locale", "tests/fixtures", ".git/objects")[number % 5]
        yield f"app/{folder}/{number % 37}/f{number}", random.randint(200, 12_000), owner


def _list_compiler(random: Random) -> Iterator[tuple[str, int, OwnerKey]]:
    for name in _SYSTEM:
        owner = OwnerKey("deb", name, "12.2.0")
        yield f"usr/lib/gcc/x86_64-linux-gnu/12/{name}", random.randint(20, 60) * 10**6, owner
        for number in range(30):
            yield f"usr/share/doc/{name}/d{number}", random.randint(1_000, 300_000), owner
    for number in range(12):
        yield (
            f"var/lib/apt/lists/deb_{number}",
            1_700_000,
            OwnerKey("directory", "/var/lib/apt/lists"),
        )


def _audit_image(index: int, number: int) -> ImageReport:
    name = _SERVICES[index % len(_SERVICES)] + (
        f"-{index // len(_SERVICES) + 1}" if index >= len(_SERVICES) else ""
    )
    measured = make_image(
        name, index, has_compiler=index % 4 == 1, files=3_000 if number < 50 else 300
    )
    limit = "250MB" if index == 1 and number > 3 else "900MB"
    return compared(
        None,
        measured,
        budget(max_size=limit),
        name,
        ImageState.NO_BASELINE,
        suggestions=_suggest(measured) if index % 4 == 1 else (),
        trend=_trend(measured, index),
    )


def _suggest(measured: Image) -> tuple[Suggestion, ...]:
    size = measured.layers[1].unpacked_bytes
    rewrite = Suggestion(
        rule="compiler-in-final-stage",
        title="Use a multi-stage build and copy only the result",
        message="`gcc` and its headers are only needed while pip compiles.",
        confidence=Confidence.VERIFIED,
        line_start=2,
        line_end=2,
        saving_bytes=size,
        dockerfile=(
            "FROM python:3.12-slim AS build\nRUN apt-get update && apt-get install -y gcc git\nWORKDIR /app\nRUN pip install --no-cache-dir --prefix=/out -r requirements.txt\n"
            'FROM python:3.12-slim\nCOPY --from=build /out /usr/local\nWORKDIR /app\nCOPY . /app\nCMD ["python", "-m", "shop"]\n'
        ),
        verification=Verification(
            True,
            StartResult.SAME,
            measured.unpacked_bytes - size,
            "built, started, same exit status",
        ),
    )
    lists = Suggestion(
        rule="apt-lists-left",
        title="Delete the apt package lists in the same `RUN`",
        message="Nothing reads the lists once the packages are installed.",
        confidence=Confidence.MEASURED,
        line_start=2,
        line_end=2,
        saving_bytes=20_400_000,
        edits=(
            Edit(
                2,
                2,
                "RUN apt-get update && apt-get install -y gcc git && rm -rf /var/lib/apt/lists/*\n",
            ),
        ),
    )
    return tuple(replace(x, diff=make_suggestion_diff(_DOCKERFILE, x)) for x in (rewrite, lists))


def _trend(measured: Image, seed: int) -> Trend:
    random, size = Random(seed), measured.unpacked_bytes * 100 // 112
    points = []
    for day in range(1, 27):
        size += random.choice((0, 0, 1, 2, 9, -3)) * measured.unpacked_bytes // 260
        points.append(TrendPoint(f"{day:040x}", f"2026-11-{day:02}T12:00:00Z", size))
    # The last of them is the image itself.
    points = [replace(x, bytes=x.bytes + measured.unpacked_bytes - size) for x in points]
    return Trend(Metric.UNPACKED, tuple(points), 25, 41)
