"""What would go wrong with a change is told before anything is sent: by resource hooks, in previews too.

A program does not see what is deployed, and its arguments alone are sound. The engine sees it: before a step it calls a
hook with the old inputs and outputs, and a hook that raises stops the step (docs/decisions/0036).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.resource import register_error_hook, register_resource_hook
from pulumi.runtime.settings import get_monitor

from .arguments import spelling_of_settings
from .problems import Problem, listed

Judge = Callable[[pulumi.ResourceHookArgs], Awaitable[list[Problem]]]


class _Hook(pulumi.ResourceHook):
    """A hook under its component's URN: names must be unique in a deployment, and the same in each.

    The SDK registers a hook at once, when the URN is not known yet.
    """

    def __init__(self, owner: pulumi.Resource, what: str, callback: pulumi.ResourceHookFunction) -> None:
        self.name, self.callback, self.opts = what, callback, pulumi.ResourceHookOptions(on_dry_run=True)
        self._registered = asyncio.ensure_future(_register(self, owner, register_resource_hook))


class ErrorHook(pulumi.ErrorHook):
    """The same, for a step that failed."""

    def __init__(self, owner: pulumi.Resource, what: str, callback: pulumi.ErrorHookFunction) -> None:
        self.name, self.callback = what, callback
        self._registered = asyncio.ensure_future(_register(self, owner, register_error_hook))


async def _register(hook: Any, owner: pulumi.Resource, register: Callable[[Any], Awaitable[None]]) -> None:
    hook.name = f"{await owner.urn.future()} {hook.name}"
    # Pulumi's mocks say that they support hooks, and fail on them.
    if not isinstance(get_monitor(), MockMonitor):
        await register(hook)


def stop(owner: pulumi.Resource, what: str, subject: str, judge: Judge) -> pulumi.ResourceHook:
    """A hook that stops the step that it is bound to with every problem that ``judge`` finds.

    ``what`` tells the hook from the component's others; ``subject`` is what the step is about, for the message.
    """
    spelling = spelling_of_settings()

    async def judged(args: pulumi.ResourceHookArgs) -> None:
        if problems := await judge(args):
            raise pulumi.RunError(listed(f"{subject} '{args.name}'", problems, "nothing was sent", spelling))

    return _Hook(owner, what, judged)
