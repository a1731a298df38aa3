"""The components for Azure."""
