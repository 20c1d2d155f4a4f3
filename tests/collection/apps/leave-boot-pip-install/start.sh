#!/bin/sh
set -e
pip install --no-deps --no-build-isolation --editable /srv
exec python -m plugin
