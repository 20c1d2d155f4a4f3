#!/bin/sh
set -eu
echo "{\"host\": \"$(uname -s)\"}" | jq .host
