"""One word in each of these is none of the choices; editors and type checkers are to say so."""

from private_registry import ClientFirewallArgs, DnsArgs, PrivateDnsZoneArgs, PrivateRegistryArgs

mode: DnsArgs = {"mode": "creat"}
profile: PrivateRegistryArgs = {"registry_name": "c", "location": "l", "resource_group_name": "r", "profile": "public"}
cloud: PrivateDnsZoneArgs = {"resource_group_name": "r", "cloud": "us"}
phase: ClientFirewallArgs = {"registries": {}, "resource_group_name": "r", "phase": "clean-up"}
