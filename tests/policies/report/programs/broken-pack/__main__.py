"""A pack that ends before it serves anything."""

raise SystemExit("this pack does not start")
