#!/usr/bin/env bash
# Pins every dependency with hashes, for all platforms and Pythons >= 3.11, without index addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { # the output file, then uv's arguments
  local out=$1
  shift
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --no-annotate -o "$out" "$@"
}
# The build backend travels along, so that the package itself installs without fetching anything.
compile requirements/run.txt pyproject.toml requirements/build.in
compile requirements/dev.txt pyproject.toml --group dev -c requirements/run.txt
# The tests render on the CPU, with a build of torch that is not in the usual index: only its hash is
# allowed (Linux on x86-64, Python 3.11), and pip takes it from a folder that PIP_FIND_LINKS names.
# torchvision has no such build: `make torch` takes from its usual one what needs CUDA.
compile requirements/diffusers.txt pyproject.toml requirements/{build,torch}.in --extra diffusers \
  -c requirements/run.txt --config-file requirements/torch.toml
cpu=6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b
sed -i -e '/^torch==/,/[^\\]$/{/^torch==/!d}' -e "s/^torch==.*/&\n    --hash=sha256:$cpu/" \
  requirements/diffusers.txt
compile requirements/peers.txt --group bench-peers
for sdk in openai-2.2 openai-2 openai-3 litellm; do
  compile "requirements/sdks/$sdk.txt" --group "sdk-${sdk/./-}"
done
(cd tests/conformance/sdks && npm install --silent --no-audit --no-fund --package-lock-only \
  --omit-lockfile-registry-resolved)
compile requirements/node.txt requirements/node.in
(cd web && npm install --silent --no-audit --no-fund --package-lock-only)
compile requirements/uv.txt requirements/uv.in
