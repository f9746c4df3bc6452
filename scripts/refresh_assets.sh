#!/bin/sh
# Rebuilds the vendored files in assets/ from the npm packages pinned in scripts/assets/package.json.
# Needs node 20 or newer, npm and a registry. Running the product needs none of them.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$root"/scripts/assets/* "$work"/
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
node build.mjs "$root/assets"
ls -l "$root/assets" "$root/assets/fonts" "$root/assets/lazy"
