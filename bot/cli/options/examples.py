"""The examples at the end of each command's help."""

from collections.abc import Mapping

# A command -> pairs of a command line, without the name of the program, and what it does.
EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "review": (
        ("review", "compares the working tree with its fork point"),
        (
            "review --base origin/main --max-growth 10MB",
            "status 1 if an image grew by more than 10 MB",
        ),
        ("review --image api --output report.html", "one image, as an HTML page"),
    ),
    "audit": (
        ("audit", "every image of the working tree"),
        ("audit --rev v1.0 --output audit.csv", "every image of a release, for a spreadsheet"),
        ("audit --since '30 days ago'", "the commits that changed the sizes"),
    ),
    "images": (
        ("images --base main", "every image, with context and limits"),
        ("images --affected", "only those that the change affects"),
        ("images --shards 4 --format json", "a GitHub matrix of at most 4 jobs"),
    ),
    "init": (
        ("init", "writes .github/image-size.yml"),
        ("init --margin 25", "sets limits 25 % above today's sizes"),
        ("init --output size.yml", "writes another file"),
    ),
    "advise": (
        ("advise Dockerfile", "reads the file; nothing is built"),
        ("advise Dockerfile --image app:1.1", "measures the savings in an image built from it"),
        ("advise Dockerfile --verify --write Dockerfile", "builds, starts, compares, saves"),
    ),
    "measure": (
        ("measure app:1.1", "an image in the engine"),
        ("measure docker://debian:bookworm-slim", "an image in a registry; nothing is pulled"),
        (
            "measure docker-archive:app.tar --max-size 300MB",
            "status 1 if the image is larger than 300 MB",
        ),
    ),
    "diff": (
        ("diff app:1.0 app:1.1", "two images in the engine"),
        ("diff docker://ghcr.io/me/app app:new", "the published image and a new one"),
        ("diff app:1.0 app:1.1 --max-growth 10MB", "status 1 if the image grew by more than 10 MB"),
    ),
    "merge": (
        ("merge 'parts/*.json' --expect plan.json", "one report of what several jobs made"),
        ("merge a.json b.json --expect plan.json --output all.md", "the same as Markdown"),
    ),
    "publish": (
        ("publish report.json", "comments on the pull request of the report"),
        ("publish report.json --config size.yml", "a report that was made with this configuration"),
    ),
    "completion": (
        ("completion bash", "docs/terminal.md says where each shell reads it"),
        ("completion zsh", "the same for zsh"),
    ),
    "schema": (
        ("schema", "the schema of the JSON report"),
        ("schema config", "the schema of the configuration file, for editors"),
    ),
}


def format_examples(program: str, command: str) -> str:
    """Return the examples of a command as the last part of its help."""
    lines = [f"  # {text}\n  {program} {line}" for line, text in EXAMPLES.get(command, ())]
    return "\n".join(("Examples:", *lines)) if lines else ""
