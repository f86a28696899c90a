"""A value worked out when it is first asked for, then kept on its object.

It is functools.cached_property as Python 3.12 has it: that of 3.11 takes a lock for every value,
and a page has hundreds of them, read by one thread.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - written as a decorator
    """A property computed once; the object needs a ``__dict__``, and may be frozen."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, one: None, owner: type) -> "once[T]": ...
    @overload
    def __get__(self, one: object, owner: type) -> T: ...
    def __get__(self, one: object | None, owner: type) -> "once[T] | T":
        """The value: kept under the property's own name, which is then found before it."""
        if one is None:
            return self
        found = one.__dict__[self._name] = self._make(one)
        return found
