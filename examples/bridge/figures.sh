#!/usr/bin/env bash
# Figures of the bridge, built for release, against both simulators as processes of their own: the stock of all goods, and prices
# by profiles; each with everything new, nothing changed, and some goods changed; each without and with latency added to every call.
# After each run: the bridge's own table (rows, seconds, rows/s), its elapsed time, processor time and peak memory, and the calls
# that both servers were asked. By hand, not in CI; needs curl and GNU time. What is measured is changed by environment variables:
goods=${GOODS:-100000}           # whose stock, each in three warehouses
priced=${PRICED:-20000}          # goods with prices, in each of so many
profiles=${PROFILES:-100}        # price profiles: 2,000,000 prices
contractors=${CONTRACTORS:-1000} # over whom the profiles are spread
changed=${CHANGED:-500}          # goods that change before the third run
latencies=${LATENCIES:-0 20}     # added to each call, in milliseconds
parts=${PARTS:-stock prices}
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -z "${BIN:-}" ]; then
    cargo build --quiet --release -p bridge -p simulator
    BIN=${CARGO_TARGET_DIR:-target}/release
fi
work=$(mktemp -d)
export ENOVA_APPLICATION_TOKEN ONE_API_KEY=simulated # which the simulated ONe takes
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

value() { sed -n "s/^$2=//p" "$work/$1"; }
control() { curl -sSf -X POST -H 'content-type: application/json' -d "$2" "$(value "$1" url)_sim/$3" >/dev/null; }
calls() {
    curl -sSf "$(value "$1" url)_sim/faults" |
        sed 's/.*"calls":{\([^}]*\)}.*/\1/' | tr ',' '\n' | sed -n 's/^"\(.*\)":\([0-9]*\)$/\2 \1/p'
}

# Both simulators, new, and what logs in to them; the enova365 with these options.
start() {
    rm -rf "${work:?}"/*
    "$BIN/simulator" enova "$@" >"$work/enova" &
    enova=$!
    "$BIN/simulator" one >"$work/one" &
    one=$!
    until grep -qs ^application_token= "$work/enova" && grep -qs ^tenant= "$work/one"; do
        kill -0 $enova $one
        sleep 0.1
    done
    ENOVA_APPLICATION_TOKEN=$(value enova application_token)
}

stop() {
    for name in enova one; do
        peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/${!name}/status")
        echo "simulated $name: peak memory $peak KiB, $(ps -o times= -p "${!name}" | tr -d ' ') s of processor time in all"
    done
    kill $enova $one
    wait $enova $one 2>/dev/null || true
}

# Settings of this name with these flows.
settings() {
    cat >"$work/$1.toml" <<EOF
[[tenants]]
name = "figures"
enova = { url = "$(value enova url)" }
one = { url = "$(value one url)", tenant = "$(value one tenant)" }
$2
EOF
}

delay() {
    for name in enova one; do
        if [ "$1" != 0 ]; then
            control $name '{"on": "", "every": 1, "kind": {"slow": {"millis": '"$1"'}}}' faults
        fi
    done
}

# One round with the settings of this name.
run() {
    echo "== $2"
    for name in enova one; do calls $name >"$work/$name.before"; done
    /usr/bin/time -f "peak memory %M KiB, %e s elapsed, %U s user, %S s system" \
        "$BIN/bridge" once --settings "$work/$1.toml" --data "$work/state" 2>"$work/err" || tail -n 20 "$work/err"
    tail -n 1 "$work/err"
    for name in enova one; do
        calls $name | awk -v name=$name 'FILENAME != "-" { was[$2 $3] = $1; next }
            { n = $1 - was[$2 $3]; all += n; if (n) told = told sprintf("  %6d %s %s\n", n, $2, $3) }
            END { printf "calls of %s: %d\n%s", name, all, told }' "$work/$name.before" -
    done
}

for latency in $latencies; do
    for part in $parts; do
        case $part in
        stock)
            start --goods "$goods"
            warehouses=$(value enova warehouses | tr ' ' '\n' | sed 's/.*/"&" = "&"/' | paste -sd,)
            settings stock "[tenants.flows]
stock = { warehouses = { $warehouses }, buffer_percent = 100 }"
            what="stock of $goods goods, $latency ms" control=stock_of_many
            ;;
        prices)
            start --goods "$priced" --contractors "$contractors" --profiles "$profiles"
            settings clients "[tenants.flows]
new-clients = {}"
            settings prices "[tenants.flows]
price-lists = {}
client-prices = {}
price-list-assignments = {}"
            # whose lists they are: not measured, but told
            run clients "$contractors contractors become clients, 0 ms"
            what="prices of $priced goods in $profiles profiles, $latency ms" control=price_of_many
            ;;
        *)
            echo "unknown part $part" >&2
            exit 2
            ;;
        esac
        delay "$latency"
        run "$part" "$what, all new"
        run "$part" "$what, nothing changed"
        control enova '{"Ile": '"$changed"', "Ziarno": 1}' $control
        run "$part" "$what, $changed goods changed"
        stop
    done
done
