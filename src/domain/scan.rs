//! Scan framing: how bytes and keystrokes become scans. Pure; filled in by its own slice.
