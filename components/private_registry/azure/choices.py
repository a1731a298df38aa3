"""The words that some settings choose from, for editors and type checkers.

At run time each is plain text: Pulumi's schema analyzer cannot read ``Literal``, and an enumeration as an input fails
when it is given as an output. What is chosen is checked with everything else, before anything is registered.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    CloudName = Literal["public", "usgov", "china"]
    DnsMode = Literal["create", "existing", "azure-policy", "manual"]
    Phase = Literal["announce", "switch", "clean_up"]
    Profile = Literal["private", "no-private-link"]
else:
    CloudName = DnsMode = Phase = Profile = str
