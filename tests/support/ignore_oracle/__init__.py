"""BuildKit's own reading of `.dockerignore`: a small Go program around its two modules.

`python -m tests.support.ignore_oracle` writes anew what `make test` compares without Go.
"""
