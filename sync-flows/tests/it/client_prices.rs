//! What the matrix does not show of contractors' prices.
