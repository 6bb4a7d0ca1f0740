# Every check is a recipe of plain cargo commands; CI runs `just`'s recipes through .ci/run.

default: ci

# The main job against the simulators.
demo:
    cargo run -p bridge -- once --simulate

fmt:
    cargo fmt --all --check

clippy:
    cargo clippy --workspace --all-features --all-targets -- -D warnings

# Tests of the store in PostgreSQL say `test skipped` where DATABASE_URL, initdb or pgbouncer is missing; CI has them all.
test:
    cargo test --workspace --all-features

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

# A feature that only builds together with others is hidden by --all-features.
features:
    cargo hack check --workspace --each-feature --no-dev-deps

# Which crate must not see which.
arrows:
    .ci/arrows

# The clients in a build where others switch on features of serde_json and rust_decimal; a workspace of its own.
hostile-features:
    cargo test --manifest-path tests/hostile-features/Cargo.toml

# The fuzz targets compile; a workspace of its own.
fuzz-check:
    cargo check --manifest-path soneta-webapi/fuzz/Cargo.toml --no-default-features

# As .ci/run: no test may be skipped.
test-all:
    #!/usr/bin/env bash
    set -euo pipefail
    export DATABASE_URL=${DATABASE_URL:-postgres://postgres@127.0.0.1:5432/test}
    psql "$DATABASE_URL" -Atc 'SELECT version()'
    tests=$(mktemp)
    trap 'rm -f "$tests"' EXIT
    cargo test --workspace --all-features 2>&1 | tee "$tests"
    ! grep -n 'test skipped: ' "$tests"

ci: fmt clippy test-all doc features arrows fuzz-check hostile-features

# By hand, not in CI.
bench:
    cargo bench -p sync-core

# By hand: time, calls and peak memory of the bridge against both simulators; what is measured is in the script.
figures:
    ./examples/bridge/figures.sh

# By hand: `just fuzz wire`, `just fuzz answers 600`. Needs cargo-fuzz, a nightly compiler and a C++ compiler.
fuzz target seconds='60':
    mkdir -p soneta-webapi/fuzz/corpus/{{ target }}
    cd soneta-webapi && cargo +nightly fuzz run -s none {{ target }} fuzz/corpus/{{ target }} tests/fixtures -- -dict=fuzz/{{ target }}.dict -max_len=4096 -max_total_time={{ seconds }}
