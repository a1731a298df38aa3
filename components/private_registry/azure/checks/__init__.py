"""What is wrong with a component's settings, before anything is registered: one module for each owner of settings.

Pure: no Pulumi. A setting that is another resource's output may be ``problems.UNKNOWN``: what depends on it is judged
later, when its value is there (``arguments.py``). Every function returns all the problems that it finds.
"""
