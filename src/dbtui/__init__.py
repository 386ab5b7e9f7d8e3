"""dbtui: a terminal explorer for AWS databases."""

__version__ = "0.1.0"
