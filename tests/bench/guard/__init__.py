"""What the guard costs on a large estate; ``python -m tests.bench.guard.pack`` runs it alone."""
