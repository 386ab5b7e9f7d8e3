"""Pure values and rules: no I/O, no AWS SDK, no user interface."""
