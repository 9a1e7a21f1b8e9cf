"""An open WebSocket, counted while it is open."""

from typing import TYPE_CHECKING

from opentelemetry.metrics import UpDownCounter

from app_integration.http.instruments import WEBSOCKET

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Send


class WebSocket:
    """Counted from its acceptance until it is closed by either side, or its application ends, whichever is first."""

    __slots__ = ("_connections", "_open", "_receive", "_send")

    def __init__(self, connections: UpDownCounter, receive: "Receive", send: "Send") -> None:
        self._connections = connections
        self._receive = receive
        self._send = send
        self._open = False

    async def receive(self) -> "Message":
        """Pass on the next event; the peer's disconnection ends the connection."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self.close()
        return message

    async def send(self, message: "Message") -> None:
        """Pass on an event; accepting opens the connection, closing ends it."""
        await self._send(message)
        if message["type"] == "websocket.accept":
            self._connections.add(1, WEBSOCKET)
            self._open = True
        elif message["type"] == "websocket.close":
            self.close()

    def close(self) -> None:
        """The connection is over; nothing happens where it never was open."""
        if self._open:
            self._open = False
            self._connections.add(-1, WEBSOCKET)
