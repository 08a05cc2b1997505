#!/usr/bin/env bash
# docs/images/report.png: the sample practice's report in Chromium (`make picture`).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
claimloop="$root/.venv/bin/claimloop"
"$claimloop" demo "$folder/practice" >"$folder/demo.txt" 2>&1
"$claimloop" --config "$folder/practice/claimloop.toml" report -o "$folder/report.html" --as-of 2026-11-24
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1100,1290 \
    --screenshot="$root/docs/images/report.png" "file://$folder/report.html" 2>"$folder/chromium.txt"
