"""`firewall-no-wildcard`: what many narrow ranges open together, and lists that are long and open little."""

from __future__ import annotations

import pytest
from registry_guard.examples import example, firewall_rules, network_rule, registry
from registry_guard.rule import rules
from registry_model.reach.firewalls import wide_together

from tests.policies.guardkit import judge

INTERNET = [f"{n}.0.0.0/8" for n in range(1, 224) if n not in (10, 127)]
INSIDE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]


@pytest.mark.parametrize(
    ("ranges", "wide"),
    [
        (INTERNET, True),
        (["20.0.0.0/8", "40.0.0.0/8"], True),
        (["20.0.0.0-20.255.255.255", "40.1.0.0/16"], True),
        ([f"20.{n}.0.0/16" for n in range(256)], False),
        (["20.0.0.0/8", "20.1.0.0/16"], False),
        (INSIDE, False),
        ([*INSIDE, "20.0.0.0/9", "20.128.0.0/10"], False),
        (["2600::/16", "2a01::/16"], True),
        (["2603:1000::/24", "2603:1010::/24"], False),
    ],
)
def test_ranges_are_judged_together(ranges: list[str], wide: bool) -> None:
    assert bool(wide_together(ranges)) is wide
    stack = example("ranges", registry(), firewall_rules(network_rule(*ranges)))
    found = judge(stack, rules()["firewall-no-wildcard"])
    assert [each.kind for each in found] == (["violation"] if wide else [])
    if len(ranges) > 100 and wide:
        assert "1.0.0.0/8, 2.0.0.0/8 and 219 more" in found[0].message
