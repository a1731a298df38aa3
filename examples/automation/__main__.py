"""Deploys a registry from a program of your own, with Pulumi's Automation API: no project folder, no questions.

python examples/automation up azure-native:subscriptionId=…       judge a preview, deploy, print the hosts
python examples/automation destroy azure-native:subscriptionId=…  delete everything, and the stack
"""

import subprocess
import sys
import tempfile

import pulumi
from private_registry import PrivateRegistry
from pulumi import automation

PROJECT, STACK = "team-images", "dev"


def program() -> None:
    registry = PrivateRegistry(
        "images",
        {
            "registry_name": "teamimages",
            "location": "japaneast",
            "resource_group_name": "rg-team-images",
            "create_resource_group": True,
            "network": {"virtual_network_prefix": "10.30.0.0/24", "subnet_prefix": "10.30.0.0/27"},
            "protect": False,  # made to be thrown away: `destroy` may delete it with its images
        },
    )
    pulumi.export("allowList", registry.allow_list)


def main(folder: str, verb: str, *configuration: str) -> None:
    # Without a folder, Pulumi makes one at each run and leaves it.
    stack = automation.create_or_select_stack(
        stack_name=STACK,
        project_name=PROJECT,
        program=program,
        opts=automation.LocalWorkspaceOptions(work_dir=folder),
    )
    for setting in configuration:
        key, _, value = setting.partition("=")
        stack.set_config(key, automation.ConfigValue(value))
    if verb == "destroy":
        stack.destroy()
        stack.workspace.remove_stack(STACK)
        return
    pack = subprocess.run(["registry-guard", "pack-path"], capture_output=True, text=True, check=True).stdout.strip()
    # A preview reports every violation, and raises before anything is made.
    print("preview:", stack.preview(policy_packs=[pack]).change_summary)
    print("update:", stack.up(policy_packs=[pack]).summary.resource_changes)
    print("allow:", *stack.outputs()["allowList"].value)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        try:
            main(scratch, *sys.argv[1:] or ["up"])
        except automation.CommandError as error:
            sys.exit(str(error))
