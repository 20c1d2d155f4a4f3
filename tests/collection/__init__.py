"""Small but real applications, each with its own habits, to try advice on.

Each folder of `apps/` is an application as it is found in practice: sources, a lock file and a
Dockerfile, most often with a single stage. Its `app.json` says whether a multi-stage rewrite is
right (`rewrite`) or wrong (`leave`), and why. All of them build and start on the private engine
with the stand-in base images, and none needs a network when it runs.
"""
