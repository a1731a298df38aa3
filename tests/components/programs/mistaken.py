"""What newcomers get wrong: a misspelt setting, a value of the wrong type, a setting left out."""

from private_registry import PrivateRegistry

PrivateRegistry(
    "misspelt",
    {
        "registry_name": "contoso",
        "location": "japaneast",
        "resource_group_name": "rg",
        "replica": {"japanwest": {}},
    },
)
PrivateRegistry(
    "wrong-type",
    {
        "registry_name": "contoso",
        "location": "japaneast",
        "resource_group_name": "rg",
        "replicas": ["japanwest"],
    },
)
PrivateRegistry(
    "left-out",
    {
        "registry_name": "contoso",
        "location": "japaneast",
    },
)
