"""The non-interactive front end: no user-interface toolkit is imported here."""
