"""Small tools for outputs that the components share."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Input[T], resource: pulumi.Resource) -> pulumi.Output[T]:
    """The value, known as early as before, but whoever takes it waits for the resource.

    A resource's own ``name`` output says the same and is unknown while a preview creates it, which hides from the
    policies what the program knows.
    """
    return pulumi.Output.all(value, resource.urn).apply(_first)


def known_or(output: pulumi.Output[T], fallback: pulumi.Input[T]) -> pulumi.Output[T]:
    """The output; while a preview cannot know it, what it is going to be."""

    async def data() -> tuple[T, bool]:
        if await output.is_known():
            return await output.future(), True  # pyright: ignore[reportReturnType]
        other = pulumi.Output.from_input(fallback)
        return await other.future(), await other.is_known()  # pyright: ignore[reportReturnType]

    async def value() -> T:
        return (await data())[0]

    async def is_known() -> bool:
        return (await data())[1]

    return made(output, value(), is_known())


def made(source: pulumi.Output[Any], value: Awaitable[T], is_known: Awaitable[bool]) -> pulumi.Output[T]:
    """An output with another's dependencies and secrecy, and a value of its own.

    Futures, because a program that fails elsewhere would complain of coroutines that nobody awaited.
    """
    return pulumi.Output(
        asyncio.ensure_future(source.resources()),
        asyncio.ensure_future(value),
        asyncio.ensure_future(is_known),
        asyncio.ensure_future(source.is_secret()),
    )


def dependencies(opts: pulumi.ResourceOptions | None) -> list[Any]:
    """What a component's caller wants it to wait for, to be said again for the children.

    The component's own ``depends_on`` delays its children's creation, and is forgotten for their deletion.
    """
    found = opts.depends_on if opts else None
    if found is None:
        return []
    return list(found) if isinstance(found, Sequence) else [found]


def mapped(value: pulumi.Input[T], make: Callable[[T], Any]) -> Any:
    """What is made of a value; plain if the value is, so that nothing becomes an output without need."""
    if isinstance(value, pulumi.Output | Awaitable):
        return pulumi.Output.from_input(value).apply(make)
    return make(value)


def joined(make: Callable[..., Any], *values: Any) -> Any:
    """What is made of several values; plain if all of them are."""
    if any(isinstance(value, pulumi.Output | Awaitable) for value in values):
        return pulumi.Output.all(*values).apply(lambda found: make(*found))
    return make(*values)


def each(values: Any, make: Callable[[Any], Any]) -> Any:
    """What is made of each item of a list, whether the list or its items are known yet or not."""
    if isinstance(values, list):
        return [make(value) for value in values]
    return pulumi.Output.from_input(values).apply(lambda items: [make(item) for item in items])


def keyed(names: Any) -> Any:
    """A map from each of the names to an empty object, as Azure writes some lists."""
    if all(isinstance(name, str) for name in names):
        return {name: {} for name in names}
    return pulumi.Output.all(*names).apply(lambda found: {name: {} for name in found})


def _first(found: list[Any]) -> Any:
    return found[0]
