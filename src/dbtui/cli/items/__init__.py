"""The item commands: what their words mean, how items are printed, how reads and writes are run."""
