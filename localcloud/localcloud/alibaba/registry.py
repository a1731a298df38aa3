"""Enterprise Edition instances. Each has an Internet endpoint, off at first, and a VPC endpoint for bound VPCs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from . import facts
from .kind import Kind, everywhere, place_of

if TYPE_CHECKING:
    from localcloud.model.store import Row, Transaction

    from .kind import Request

SLUG = "cr/registryEnterpriseInstance"


class Instance(Kind):
    prefix = "cri"
    no_effect = facts.NO_EFFECT
    read_back = frozenset({"instanceType"})  # the only one of them that the provider reads from the service

    def valid(self, inputs: dict[str, Any]) -> list[str]:
        problems = []
        if inputs.get("instanceType") is not None and inputs["instanceType"] not in facts.EDITIONS:
            problems.append(f"instanceType: must be one of {', '.join(facts.EDITIONS)}")
        if inputs.get("paymentType") not in (None, "Subscription"):
            problems.append("paymentType: must be 'Subscription'")
        if inputs.get("renewalStatus") not in (None, "AutoRenewal", "ManualRenewal"):
            problems.append("renewalStatus: must be 'AutoRenewal' or 'ManualRenewal'")
        if isinstance(inputs.get("period"), int) and inputs["period"] not in facts.PERIODS:
            problems.append(f"period: must be one of {', '.join(map(str, facts.PERIODS))} months")
        return problems

    def check(self, request: Request) -> None:
        inputs, problems = request.inputs, request.problems
        name = str(inputs["instanceName"])
        if not facts.INSTANCE_NAME.fullmatch(name):
            problems.add(f"instanceName '{name}' must have 3 to 30 lowercase letters, digits and hyphens.")
        if request.place.region not in facts.REGIONS:
            problems.add(f"Container Registry Enterprise Edition is not offered in '{request.place.region}'.")
        if inputs.get("renewalStatus") == "AutoRenewal" and not inputs.get("renewPeriod"):
            problems.add("renewPeriod must be set when renewalStatus is AutoRenewal.")
        if request.row is None:
            if not inputs.get("period"):
                problems.add("period must be set when an instance is bought.")
            if inputs.get("customOssBucket") and str(inputs.get("defaultOssBucket")).lower() != "false":
                problems.add("customOssBucket is used only while defaultOssBucket is 'false'.")
            region = request.place.region
            if any(
                r.body["instanceName"] == name and place_of(r).region == region for r in everywhere(request.tx, SLUG)
            ):
                problems.add(f"instanceName '{name}' is taken in {region}: it is the first word of its hosts.", "", 409)

    def state(self, request: Request) -> dict[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = super().state(request)
        body.setdefault("renewalStatus", "ManualRenewal")
        body.setdefault("resourceGroupId", "rg-default")
        body["status"] = "RUNNING"
        body["regionId"] = request.place.region
        body["createTime"] = body["createdTime"] = request.before.get("createTime", now)
        body["endTime"] = request.before.get("endTime", now)
        return body

    def view(self, tx: Transaction, row: Row) -> dict[str, Any]:
        name, region = row.body["instanceName"], place_of(row).region
        hosts = (
            ("internet", bool(row.body.get("_internet")), facts.internet_host(name, region)),
            ("vpc", True, facts.vpc_host(name, region)),
        )
        return {
            "instanceEndpoints": [
                {"endpointType": kind, "enable": enable, "domains": [{"domain": host, "type": "SYSTEM"}]}
                for kind, enable, host in hosts
            ]
        }
