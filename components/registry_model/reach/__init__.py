"""Who reaches what: hosts, clients, paths, firewalls, and what an update changes."""
