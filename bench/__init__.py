"""How fast the service is beside its peers, and how its cost grows: `make bench`, `make bench-growth`."""
