//! A compiled policy as signed bytes.
