#!/usr/bin/env bash
# Measures the bridge, built for release, against both simulators as processes of their own: rows/s and peak memory,
# first with everything new, then with nothing changed. By hand, not in CI: ./examples/bridge/measure [goods]
set -euo pipefail
cd "$(dirname "$0")/../.."
goods=${1:-100000}
cargo build --quiet --release -p bridge -p simulator
bin=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT

"$bin/simulator" enova --goods "$goods" >"$work/enova" &
"$bin/simulator" one >"$work/one" &
until grep -q application_token "$work/enova" && grep -q api_key "$work/one"; do
    kill -0 $(jobs -p)
    sleep 0.1
done
value() { sed -n "s/^$2=//p" "$work/$1"; }
cat >"$work/bridge.toml" <<EOF
[[tenants]]
name = "measure"
enova = { url = "$(value enova url)" }
one = { url = "$(value one url)", tenant = "$(value one tenant)" }
[tenants.flows]
stock = { warehouses = { $(value enova warehouses | tr ' ' '\n' | sed 's/.*/"&" = "&"/' | paste -sd,) } }
retail-prices = {}
EOF
export ENOVA_APPLICATION_TOKEN ONE_API_KEY
ENOVA_APPLICATION_TOKEN=$(value enova application_token)
ONE_API_KEY=$(value one api_key)
for round in "all new" "all unchanged"; do
    echo "== $goods goods, $round"
    /usr/bin/time -f "peak memory %M KiB, %e s elapsed, %U s user, %S s system" \
        "$bin/bridge" once --settings "$work/bridge.toml" --data "$work/state" 2>"$work/err"
    tail -n 1 "$work/err"
done
