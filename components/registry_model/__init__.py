"""What is known of private registries: facts of each cloud, what a document declares, and who reaches what.

Pure: the standard library only. Nothing here imports Pulumi, asks a network or prints.
"""
