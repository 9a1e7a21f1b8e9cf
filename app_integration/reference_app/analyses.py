"""The routes: analyses and their history."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool

from app_integration.reference_app import instruments
from app_integration.reference_app.history import Analysis, DuplicateAnalysisError
from app_integration.reference_app.services import FromServices, Services

router = APIRouter()

_CREATE_ROUTE = "/analyses"


class Question(BaseModel):
    """What is asked. An `id` of the client's own makes a repeated request harmless: the second one gets 409."""

    question: Annotated[str, Field(min_length=1, max_length=10_000)]
    id: UUID | None = None


class Answer(BaseModel):
    """An analysis as it is shown; times are in UTC."""

    id: str
    question: str
    answer: str
    created_at: datetime


@router.post(_CREATE_ROUTE, status_code=201)
async def create_analysis(body: Question, request: Request, response: Response, services: FromServices) -> Answer:
    """Answer a question, from the cache if it is there (`X-Cache` tells), and keep it in the history."""
    await _admit(services, request)
    answer, cached = await _answer(services, body.question)
    told = {"X-Cache": "hit" if cached else "miss"}
    analysis = Analysis(str(body.id or uuid4()), body.question, answer, datetime.now(UTC))
    try:
        await run_in_threadpool(services.history.store, analysis)
    except DuplicateAnalysisError as error:
        instruments.count_error(error, "warning", "history")
        raise HTTPException(409, "an analysis of this id is there already", told) from error
    services.feed.publish(analysis)
    response.headers.update(told)
    return _shown(analysis)


@router.get("/analyses/{analysis_id}")
async def read_analysis(analysis_id: UUID, services: FromServices) -> Answer:
    """Return an analysis of the history."""
    return _shown(await _found(services, analysis_id))


@router.get("/analyses/{analysis_id}/stream")
async def stream_answer(analysis_id: UUID, services: FromServices) -> StreamingResponse:
    """Return an answer word by word."""
    analysis = await _found(services, analysis_id)

    async def words() -> AsyncIterator[str]:
        for word in analysis.answer.split():
            yield word + "\n"
            await asyncio.sleep(services.settings.stream_pause_seconds)

    return StreamingResponse(words(), media_type="text/plain")


@router.get("/history")
async def read_history(services: FromServices, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Answer]:
    """Return the newest analyses, the newest first."""
    return [_shown(analysis) for analysis in await run_in_threadpool(services.history.newest, limit)]


async def _admit(services: Services, request: Request) -> None:
    client_address = request.client.host if request.client else ""
    try:
        admitted = await services.limiter.admit(_CREATE_ROUTE, client_address)
    except RedisError as error:
        # Without its limiter the application goes on.
        instruments.count_error(error, "warning", "rate-limiter")
        return
    if not admitted:
        instruments.count_rate_limit_hit(_CREATE_ROUTE, client_address)
        retry_after = {"Retry-After": str(services.settings.rate_window_seconds)}
        raise HTTPException(429, "too many analyses: try again later", retry_after)


async def _answer(services: Services, question: str) -> tuple[str, bool]:
    """Return the answer, and whether it came from the cache. Without its cache the application goes on."""
    try:
        cached = await services.cache.get(question)
    except RedisError as error:
        instruments.count_error(error, "warning", "cache")
        return await _analyse(services, question), False
    instruments.count_cache_request(services.cache.kind, hit=cached is not None)
    if cached is not None:
        return cached, True
    answer = await _analyse(services, question)
    try:
        await services.cache.set(question, answer)
    except RedisError as error:
        instruments.count_error(error, "warning", "cache")
    return answer, False


async def _analyse(services: Services, question: str) -> str:
    """Say what can be said of a question without asking anybody: the same every time."""
    await asyncio.sleep(services.settings.latency_seconds)
    words = question.split()
    longest = max(words, key=len, default="")
    return f"{len(words)} words, {len(set(words))} of them different, the longest has {len(longest)} characters"


async def _found(services: Services, analysis_id: UUID) -> Analysis:
    analysis = await run_in_threadpool(services.history.find, str(analysis_id))
    if analysis is None:
        raise HTTPException(404, "no such analysis")
    return analysis


def _shown(analysis: Analysis) -> Answer:
    return Answer(id=analysis.id, question=analysis.question, answer=analysis.answer, created_at=analysis.created_at)
