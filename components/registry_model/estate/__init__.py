"""What is declared, whatever the document: resources with plain values, and how they belong together."""
