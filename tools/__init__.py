"""What `make` calls; no part of the program itself."""
