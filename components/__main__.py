"""The plugin: the engine starts it when a program in another language uses the components."""

from private_registry.package import serve

serve()
