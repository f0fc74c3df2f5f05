"""Commands that `make` calls; no part of the program itself."""
