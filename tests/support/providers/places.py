"""The places that an application makes its calls from: threads of all kinds, tasks and groups of them."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor

Ask = Callable[[], object]


async def in_thread(ask: Ask) -> None:
    """Call in a thread that the application starts itself."""
    thread = threading.Thread(target=ask)
    thread.start()
    while thread.is_alive():
        await asyncio.to_thread(thread.join, 1.0)


async def in_pool(ask: Ask) -> None:
    """Call in a pool of the application's own."""
    with ThreadPoolExecutor(2) as pool:
        await asyncio.wrap_future(pool.submit(ask))


async def in_executor(ask: Ask) -> None:
    """Call in the loop's executor."""
    await asyncio.get_running_loop().run_in_executor(None, ask)


async def in_map(ask: Ask) -> None:
    """Call through a pool's map."""
    with ThreadPoolExecutor(2) as pool:
        await asyncio.to_thread(lambda: list(pool.map(lambda _: ask(), (1,))))


async def in_timer(ask: Ask) -> None:
    """Call after a while."""
    timer = threading.Timer(0.001, ask)
    timer.start()
    await asyncio.to_thread(timer.join)


THREADED = (asyncio.to_thread, in_thread, in_pool, in_executor, in_map, in_timer)


async def in_task(asking: Coroutine[object, object, None]) -> None:
    """Await in a task of its own."""
    await asyncio.create_task(asking)


async def in_group(asking: Coroutine[object, object, None]) -> None:
    """Await in a group of tasks."""
    async with asyncio.TaskGroup() as group:
        group.create_task(asking)


async def in_gather(asking: Coroutine[object, object, None]) -> None:
    """Await together with others."""
    await asyncio.gather(asking, asyncio.sleep(0))


async def in_wait_for(asking: Coroutine[object, object, None]) -> None:
    """Await with a deadline."""
    await asyncio.wait_for(asking, 60)


AWAITED = (in_task, in_group, in_gather, in_wait_for)
