"""How problems are mended: edits from the offsets of nodes, so that the rest of a file stays as it is."""
