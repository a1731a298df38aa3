"""What all templates of one document share: the budget, the cloud, and what cannot be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ...azure import names
from ..values import Hidden, walk
from .budget import Budget

if TYPE_CHECKING:
    from .scope import Frame

REGISTRY_NAMESPACE = "microsoft.containerregistry"


class World:
    """One evaluation of a template with all that it deploys.

    ``specs`` finds the template of a template spec by the id of its version, in the stack that the template is of.
    ``ungiven`` gets the name of each required parameter of the template itself that is asked for and not given.
    """

    def __init__(
        self,
        template: Any,
        *,
        cloud: names.Cloud = names.PUBLIC,
        specs: Callable[[Any], Any] = lambda _id: None,
        ungiven: Callable[[str], object] = lambda _name: None,
    ) -> None:
        self.budget = Budget(lambda: _written(template))
        self.cloud = cloud
        self.scopes = 0  # how many templates there are so far
        self.specs = specs
        self.deployed_specs: set[str] = set()  # of the template's own: those that a deployment names
        self.ungiven = ungiven
        self.notes: dict[str, Hidden] = {}
        self.path: list[str] = []  # of the value of a resource that is being worked out
        self.unknown: dict[str, tuple[str, Frame]] = {}  # by such a path: an expression that cannot be worked out
        self.asked: dict[str, set[str]] = {}  # by such a path: the parameters that it asks for and nobody gives
        self.collected: set[str] = set()  # the same for the parameter or variable that is being worked out

    def ask(self, parameters: Iterable[str]) -> None:
        """Remember which parameters that nobody gives the present value asks for."""
        for name in parameters:
            self.collected.add(name)
            self.asked.setdefault(self._whole_lists(), set()).add(name)

    def _whole_lists(self) -> str:
        """The path, without the places in its lists."""
        return ".".join(step for step in self.path if not step.isdecimal())

    def note_unknown(self, expression: str, frame: Frame) -> None:
        """Remember the outermost expression of the present value, which cannot be worked out, and where it stands."""
        self.unknown[".".join(self.path)] = expression, frame

    def note(self, text: str, about: Any) -> None:
        """Remember, once, what of a template cannot be worked out; ``about`` says whether a registry is near."""
        if text not in self.notes:
            self.notes[text] = Hidden(text, mentions_registry(about))


def _written(template: Any) -> tuple[int, int]:
    """How many values a template holds, and how many resources."""
    values = resources = 0
    for each in walk(template):
        values += 1
        resources += isinstance(each, Mapping) and "type" in each and "name" in each
    return values, resources


def mentions_registry(value: Any) -> bool:
    """Whether the namespace of registries is written anywhere in a value, in its keys too."""
    return any(REGISTRY_NAMESPACE in str.lower(text) for text in _texts(value))


def _texts(value: Any) -> Iterable[str]:
    for each in walk(value):
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            yield from each
