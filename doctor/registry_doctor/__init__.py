"""registry-doctor: looks at a container registry from where it stands and compares it with what was declared.

It observes only: nothing here creates or changes a resource.
"""
