"""The terminal interface: the only room that imports Textual."""
