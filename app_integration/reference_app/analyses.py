"""The routes: analyses and their history."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, ValidationError
from redis.exceptions import RedisError
from starlette.concurrency import run_in_threadpool

from app_integration.budget import BudgetExceededError
from app_integration.cache import count_cache_request
from app_integration.errors import count_error
from app_integration.reference_app.admission import admit, identified, passed_on
from app_integration.reference_app.analyzer import NoConsensusError
from app_integration.reference_app.history import Analysis, DuplicateAnalysisError
from app_integration.reference_app.services import FromServices, Services
from app_integration.reference_app.verdict import Participation, TaskType, Verdict

router = APIRouter(dependencies=[Depends(identified)])

_CREATE_ROUTE = "/analyses"

CacheAnswer = Literal["hit", "miss", "unreachable"]


class Question(BaseModel):
    """What is asked. With an `id` of the client's own a repeated request is kept once: the second one gets 409.

    It is looked at when the analysis is kept: one that the cache does not have has been made, and paid, again.
    """

    question: Annotated[str, Field(min_length=1, max_length=10_000)]
    task_type: TaskType = "basic"
    id: UUID | None = None


class Answer(BaseModel):
    """An analysis as it is shown.

    `confidence` and `agreements` (by pair) are from 0 to 1; `cost_usd` is what this analysis cost, which is nothing
    where it was `cached`. Times are in UTC.
    """

    id: str
    question: str
    task_type: TaskType
    answer: str
    confidence: float
    rounds: int
    agreements: dict[str, float]
    providers: list[Participation]
    cost_usd: float
    cached: bool
    created_at: datetime


@router.post(_CREATE_ROUTE, status_code=201)
async def create_analysis(body: Question, request: Request, response: Response, services: FromServices) -> Answer:
    """Answer a question, from the cache if it is there, and keep it in the history.

    `X-Cache` tells how that was: `hit`, `miss`, or `unreachable` where the cache did not answer.

    402 where the day's budget is spent: with 429 an SDK would try again at once, and it is no fault of the server's.
    502 where fewer than two providers answered.
    """
    await admit(request, services, _CREATE_ROUTE)
    question = passed_on(body.question)
    analysis, cache = await _analysis(services, str(body.id or uuid4()), question, body.task_type)
    told = {"X-Cache": cache}
    try:
        await run_in_threadpool(services.history.store, analysis)
    except DuplicateAnalysisError as error:
        count_error(error, severity="warning", service="history")
        raise HTTPException(409, "an analysis of this id is there already", told) from error
    services.feed.publish(analysis)
    services.archive.put(analysis)
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
        for word in analysis.verdict.answer.split():
            yield word + "\n"
            await asyncio.sleep(services.settings.stream_pause_seconds)

    return StreamingResponse(words(), media_type="text/plain")


@router.get("/history")
async def read_history(services: FromServices, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Answer]:
    """Return the newest analyses, the newest first."""
    return [_shown(analysis) for analysis in await run_in_threadpool(services.history.newest, limit)]


async def _analysis(
    services: Services, analysis_id: str, question: str, task_type: TaskType
) -> tuple[Analysis, CacheAnswer]:
    """Analyse a question, unless the cache has its verdict. Without its cache the application goes on."""
    key = f"{task_type}:{question}"
    verdict, cache = await _cached(services, key)
    cost = 0
    cached = verdict is not None
    if verdict is None:
        verdict, cost = await _analysed(services, question, task_type, cache)
        try:
            await services.cache.set(key, verdict.model_dump_json())
        except RedisError as error:
            count_error(error, severity="warning", service="cache")
    analysis = Analysis(
        id=analysis_id,
        question=question,
        task_type=task_type,
        verdict=verdict,
        cached=cached,
        cost_picodollars=cost,
        created_at=datetime.now(UTC),
    )
    return analysis, cache


async def _cached(services: Services, key: str) -> tuple[Verdict | None, CacheAnswer]:
    try:
        text = await services.cache.get(key)
    except RedisError as error:
        count_error(error, severity="warning", service="cache")
        return None, "unreachable"
    verdict = None
    if text is not None:
        # What another version of the application has left there is no use.
        with suppress(ValidationError):
            verdict = Verdict.model_validate_json(text)
    count_cache_request(services.cache.kind, hit=verdict is not None)
    return verdict, "miss" if verdict is None else "hit"


async def _analysed(services: Services, question: str, task_type: TaskType, cache: CacheAnswer) -> tuple[Verdict, int]:
    try:
        services.budget.check()
        return await services.analyzer.analyse(question, task_type)
    except BudgetExceededError as error:
        count_error(error, severity="warning", service="budget")
        wait = max(1, math.ceil((error.ends - datetime.now(UTC)).total_seconds()))
        raise HTTPException(402, str(error), {"X-Cache": cache, "Retry-After": str(wait)}) from error
    except NoConsensusError as error:
        count_error(error, severity="error", service="analyzer")
        raise HTTPException(502, str(error), {"X-Cache": cache}) from error


async def _found(services: Services, analysis_id: UUID) -> Analysis:
    analysis = await run_in_threadpool(services.history.find, str(analysis_id))
    if analysis is None:
        raise HTTPException(404, "no such analysis")
    return analysis


def _shown(analysis: Analysis) -> Answer:
    told = analysis.model_dump(include={"id", "question", "task_type", "cached", "created_at"})
    return Answer.model_validate({**told, **dict(analysis.verdict), "cost_usd": analysis.cost_usd})
