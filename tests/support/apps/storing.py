"""An application of somebody else's: FastAPI, redis-py and PyMySQL, and not a word of telemetry."""

import os

import pymysql
import redis.asyncio
from fastapi import FastAPI, HTTPException, Response, WebSocket

app = FastAPI()
cache = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])


def database() -> "pymysql.Connection[pymysql.cursors.Cursor]":
    """Connect to MariaDB."""
    return pymysql.connect(
        host="127.0.0.1",
        port=int(os.environ["MARIADB_PORT"]),
        user=os.environ["MARIADB_USER"],
        password=os.environ["MARIADB_PASSWORD"],
        database=os.environ["MARIADB_DATABASE"],
    )


@app.put("/notes/{key}")
def write(key: int, note: str) -> Response:
    """Store a note; one that exists is a conflict."""
    with database() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS notes (id INT PRIMARY KEY, note TEXT)")
        try:
            cursor.execute("INSERT INTO notes VALUES (%s, %s)", (key, note))
        except pymysql.err.IntegrityError as error:
            connection.rollback()
            raise HTTPException(409) from error
        connection.commit()
    return Response(status_code=204)


@app.get("/notes/{key}")
async def read(key: int) -> dict[str, int]:
    """Count how often a note was asked for."""
    return {"reads": await cache.incr(f"reads:{key}")}


@app.websocket("/watch")
async def watch(websocket: WebSocket) -> None:
    """Echo for ever."""
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
