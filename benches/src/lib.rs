//! Holds the bench programs together; see the `[[bench]]` entries.
