# Every check is a recipe of plain cargo commands; CI runs `just`'s recipes through .ci/run.

default: ci

# The main job against the simulators.
demo:
    cargo run -p bridge -- once --simulate

fmt:
    cargo fmt --all --check

clippy:
    cargo clippy --workspace --all-features --all-targets -- -D warnings

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

ci: fmt clippy test doc features arrows

# By hand, not in CI.
bench:
    cargo bench -p sync-core
    ./examples/bridge/measure
