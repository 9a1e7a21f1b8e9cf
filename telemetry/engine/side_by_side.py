"""Several slow calls at once, within one deadline."""

import threading
import time
from collections.abc import Callable, Sequence


def side_by_side(
    calls: Sequence[Callable[[], object]], timeout_seconds: float, on_error: Callable[[str], None]
) -> bool:
    """Run calls at once; return whether all ended well within the timeout. A call that hangs is left behind."""
    done: list[bool] = []

    def guarded(call: Callable[[], object]) -> None:
        try:
            done.append(call() is not False)
        except Exception as error:  # noqa: BLE001  # a reader or exporter may raise anything; it must reach nobody
            on_error(f"{type(error).__name__} from a reader or exporter")

    threads = [threading.Thread(target=guarded, args=(call,), name="telemetry-flush", daemon=True) for call in calls]
    deadline = time.monotonic() + timeout_seconds
    for thread in threads:
        try:
            thread.start()
        except RuntimeError:  # no thread starts any more while the interpreter shuts down
            guarded(calls[threads.index(thread)])
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, deadline - time.monotonic()))
    return len(done) == len(calls) and all(done)
