//! FATE's rules, each held by a test that names it.
