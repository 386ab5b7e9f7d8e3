"""The protocols through which everything else sees AWS."""
