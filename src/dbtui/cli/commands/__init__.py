"""The verbs that have a module of their own, and the one that makes a verb of every action."""
