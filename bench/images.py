"""The images that are measured: made here, the same each time."""

import subprocess
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"

BASE, HEAD, BIG = "bench:base", "bench:head", "bench:big"
ENTRIES = (1_000, 10_000, 100_000, 300_000)


def make_samples() -> None:
    """The pair, and one of twice the size."""
    _build(BASE, "base")
    _build(HEAD, "head")
    _build(BIG, "base", "SCALE=2")


def make_many(entries: int) -> str:
    """An image of so many small files."""
    name = f"bench:{entries}"
    _build(name, "many", f"ENTRIES={entries}")
    return name


def save(image: str, to: Path, pipe: str = "") -> Path:
    """An image as `docker save` writes it, through another command if one is given."""
    if not to.exists():
        through = f" | {pipe}" if pipe else ""
        subprocess.run(["bash", "-c", f"docker save {image}{through} > {to}"], check=True)
    return to


def _build(name: str, target: str, *arguments: str) -> None:
    given = [word for argument in arguments for word in ("--build-arg", argument)]
    command = ["docker", "build", "--quiet", "--provenance=false", "--target", target]
    subprocess.run(
        [*command, "--tag", name, *given, str(SAMPLE)], check=True, stdout=subprocess.DEVNULL
    )
