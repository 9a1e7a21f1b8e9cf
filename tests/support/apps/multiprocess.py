"""Counts 5 in this process, then 7 in each of three children that multiprocessing starts as the argument says."""

import multiprocessing
import sys

from tests.support.apps.counting import count

PARENT, CHILDREN, EACH = 5, 3, 7


def child(times: int) -> None:
    """Count so many times."""
    for _ in range(times):
        count()


if __name__ == "__main__":
    child(PARENT)
    context = multiprocessing.get_context(sys.argv[1])
    if "pool" in sys.argv:
        with context.Pool(CHILDREN) as pool:
            pool.map(child, [EACH] * CHILDREN, chunksize=1)
            pool.close()
            pool.join()
    else:
        multiprocessing.set_start_method(sys.argv[1])
        processes = [multiprocessing.Process(target=child, args=(EACH,)) for _ in range(CHILDREN)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
