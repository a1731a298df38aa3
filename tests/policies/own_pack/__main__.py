"""Somebody's own pack; ``OWN_POLICIES`` holds the arguments of `registry_guard.policies` as JSON."""

import json
import os

import registry_guard
from pulumi_policy import PolicyPack

PolicyPack("own", policies=registry_guard.policies(**json.loads(os.environ.get("OWN_POLICIES", "{}"))))
