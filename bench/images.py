"""The images that are measured: built from the sample, the same each time."""

import subprocess
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"

BASE, HEAD, BIG = "bench:base", "bench:head", "bench:big"
ENTRIES = (1_000, 10_000, 100_000, 300_000)


def make_samples() -> None:
    """Build the pair, and an image of twice the size."""
    _build(BASE, "base")
    _build(HEAD, "head")
    _build(BIG, "base", "SCALE=2")


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
