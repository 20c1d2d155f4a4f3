#!/bin/sh
set -e
docker --version
[ -z "$DOCKER_HOST" ] || docker info
