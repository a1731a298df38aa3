"""A local Azure for rehearsals: the real Pulumi engine deploys into it when no cloud is at hand.

``model`` and ``azure`` are the cloud, ``provider`` is its front end for Pulumi, ``sdk`` what that knows of
pulumi-azure-native, ``cli`` what a person does to the cloud behind Pulumi's back.
"""
