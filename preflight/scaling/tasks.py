"""The tasks of a service: how many are wanted, how many of them work."""


class Tasks:
    """Tasks that take `provisioning` seconds to start; those that are starting are the first to go."""

    def __init__(self, number: int, provisioning: float) -> None:
        self.desired = number
        self._provisioning = provisioning
        self._ready = number
        self._starting: list[float] = []  # when each will work

    def ready(self, now: float) -> int:
        """How many work at a time; times never go back."""
        if self._starting:
            started = sum(1 for moment in self._starting if moment <= now)
            self._ready += started
            del self._starting[:started]
        return self._ready

    def as_many(self, until: float) -> bool:
        """Whether those that work are as many until then, as `ready` was last asked."""
        return not self._starting or self._starting[0] > until

    def set(self, desired: int, now: float) -> None:
        """Changes the wanted number."""
        self.ready(now)
        change = desired - self.desired
        self.desired = desired
        if change > 0:
            self._starting += [now + self._provisioning] * change
            return
        for _ in range(-change):
            if self._starting:
                self._starting.pop()
            else:
                self._ready -= 1
