"""A hook of the interpreter or of a class that is replaced, and called all the same."""

from collections.abc import Callable


class Hook:
    """Puts a function before the attribute `name` of `owner`: `see` gets the arguments, then what was there is called.

    `see` must not raise. After `give_back` it is asked no more, even where somebody has put something over it that
    still calls it.
    """

    def __init__(self, owner: object, name: str, see: Callable[..., None]) -> None:
        self._owner = owner
        self._name = name
        self._own = name in vars(owner)
        self._active = True
        previous: Callable[..., object] = getattr(owner, name)

        def hook(*args: object, **kwargs: object) -> object:
            if self._active:
                see(*args, **kwargs)
            return previous(*args, **kwargs)

        self._previous, self._hook = previous, hook
        setattr(owner, name, hook)

    def give_back(self) -> None:
        """Restore what was there, unless somebody has put something over it."""
        self._active = False
        if vars(self._owner).get(self._name) is not self._hook:
            return
        if self._own:
            setattr(self._owner, self._name, self._previous)
        else:
            delattr(self._owner, self._name)
