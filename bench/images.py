"""The images that are measured: built from the sample, the same each time."""

import subprocess
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"

SMALL, BASE, HEAD, BIG = "bench:small", "bench:base", "bench:head", "bench:big"
TOOLCHAIN = "bench:toolchain"
ENTRIES = (1_000, 10_000, 100_000, 300_000)


def make_samples() -> None:
    """Build a small image, the pair, one of twice the size, and one with copies of a toolchain."""
    _build(SMALL, "many", "ENTRIES=1000")
    _build(BASE, "base")
    _build(HEAD, "head")
    _build(BIG, "base", "SCALE=2")
    _build(TOOLCHAIN, "toolchain")


def make_many(entries: int) -> str:
    """Build an image of so many small files and return its tag."""
    name = f"bench:{entries}"
    _build(name, "many", f"ENTRIES={entries}")
    return name


def save(image: str, to: Path, pipe: str = "") -> Path:
    """Save an image with `docker save`, piped through a command if one is given."""
    if not to.exists():
        through = f" | {pipe}" if pipe else ""
        subprocess.run(["bash", "-c", f"docker save {image}{through} > {to}"], check=True)
    return to


def _build(name: str, target: str, *arguments: str) -> None:
    build_args = [word for argument in arguments for word in ("--build-arg", argument)]
    command = ["docker", "build", "--quiet", "--provenance=false", "--target", target]
    subprocess.run(
        [*command, "--tag", name, *build_args, str(SAMPLE)], check=True, stdout=subprocess.DEVNULL
    )
