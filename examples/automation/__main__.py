"""Deploys a registry from a program of your own, with Pulumi's Automation API: no project folder, no questions.

python examples/automation preview azure-native:subscriptionId=…  judge what would be made; changes nothing
python examples/automation up azure-native:subscriptionId=…       judge a preview, deploy, print the hosts
python examples/automation destroy azure-native:subscriptionId=…  delete everything, and the stack

To rehearse in the local cloud, without an account:

bin/local python examples/automation up azure-native:metadataHost=localcloud.invalid \\
  azure-native:location=japaneast azure-native:subscriptionId=11111111-1111-1111-1111-111111111111
"""

import argparse
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


def main(folder: str, verb: str, configuration: dict[str, str]) -> None:
    # Without a folder, Pulumi makes one at each run and leaves it.
    stack = automation.create_or_select_stack(
        stack_name=STACK,
        project_name=PROJECT,
        program=program,
        opts=automation.LocalWorkspaceOptions(work_dir=folder),
    )
    for key, value in configuration.items():
        stack.set_config(key, automation.ConfigValue(value))
    if verb == "destroy":
        stack.destroy()
        stack.workspace.remove_stack(STACK)
        return
    pack = subprocess.run(["registry-guard", "pack-path"], capture_output=True, text=True, check=True).stdout.strip()
    # A preview reports every violation, and raises before anything is made.
    print("preview:", stack.preview(policy_packs=[pack]).change_summary)
    if verb == "up":
        print("update:", stack.up(policy_packs=[pack]).summary.resource_changes)
        print("allow:", *stack.outputs()["allowList"].value)


def setting(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not (key and separator):
        raise argparse.ArgumentTypeError(f"'{text}' is not KEY=VALUE, such as azure-native:location=japaneast")
    return key, value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="automation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("preview", "up", "destroy"))
    parser.add_argument("configuration", nargs="*", type=setting, metavar="KEY=VALUE", help="the stack's configuration")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            main(scratch, asked.verb, dict(asked.configuration))
        except automation.CommandError as error:
            sys.exit(str(error))
