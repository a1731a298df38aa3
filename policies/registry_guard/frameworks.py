"""The compliance frameworks whose controls a rule carries out; Pulumi Cloud shows and filters by them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Framework:
    """One control: the framework's ``name`` and ``version``, the control's id (``reference``), and the framework's
    full title (``specification``)."""

    name: str
    version: str
    reference: str
    specification: str

    @property
    def label(self) -> str:
        """How a tag and a list name the control: ``MCSB NS-2``. Each CIS benchmark numbers its controls anew, so a
        version goes with them: ``CIS 4.0.0 2.2.1.1``."""
        return f"{self.name} {self.version} {self.reference}" if self.name == CIS else f"{self.name} {self.reference}"


CIS, MCSB, AZURE_POLICY, NIST = "CIS", "MCSB", "Azure Policy", "NIST SP 800-53"
NAMES = (CIS, MCSB, AZURE_POLICY, NIST)


def cis(version: str, control: str) -> Framework:
    """A control of the CIS benchmark for Azure in the latest version that has it: 4.0.0 was the last with the controls
    for services of every kind ("Common Reference Recommendations")."""
    return Framework(CIS, version, control, "CIS Microsoft Azure Foundations Benchmark")


def mcsb(control: str) -> Framework:
    """A control of the Microsoft cloud security benchmark."""
    return Framework(MCSB, "1.0", control, "Microsoft cloud security benchmark")


def azure_policy(definition: str) -> Framework:
    """A built-in definition of Azure Policy, by its GUID. Definitions are named without a version of theirs."""
    return Framework(AZURE_POLICY, "", definition, "Azure Policy built-in definitions")


def nist(control: str) -> Framework:
    """A control of NIST's catalogue, which names no cloud: no benchmark of Alibaba Cloud has controls of registries."""
    return Framework(NIST, "5", control, "Security and Privacy Controls for Information Systems and Organizations")
