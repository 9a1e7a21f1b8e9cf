"""What requests and answers of the Gemini API tell: the operation, the model, the tokens.

Source: https://ai.google.dev/api/generate-content (UsageMetadata). The figures of a stream are cumulative.
"""

import json
from collections.abc import Mapping
from typing import Final

from app_integration.llm.price_file import plain
from app_integration.llm.usage import Usage, untold

# By the method after the colon of a path. On Vertex AI `predict` makes embeddings of contents, and pictures of prompts.
_OPERATIONS: Final = {
    "generateContent": "generate_content",
    "streamGenerateContent": "generate_content",
    "embedContent": "embeddings",
    "batchEmbedContents": "embeddings",
    "predict": "embeddings",
}
_TIER_HEADER: Final = "x-gemini-service-tier"
# Kinds of tokens with prices that `Usage` has no part for: as a tier of their own they never have the price of text.
_DEARER: Final = {"promptTokensDetails": ("AUDIO",), "candidatesTokensDetails": ("AUDIO", "IMAGE", "VIDEO")}

Json = Mapping[str, object]


def operation_of(path: str, request: Json) -> tuple[str, str] | None:
    """Return operation and model of a request; None where it asks no model to answer.

    `path` is that of the request without host and version, such as `models/gemini-2.5-pro:generateContent`.
    """
    name, _, method = path.partition("?")[0].rpartition(":")
    operation = _OPERATIONS.get(method)
    if operation is None or not name or (method == "predict" and not _of_contents(request)):
        return None
    model = plain(name)
    return operation, model if model != name else name.rpartition("/")[2]


def _of_contents(request: Json) -> bool:
    instances = request.get("instances")
    return isinstance(instances, list) and bool(instances) and all("content" in each for each in instances)


def asked_tier(request: Json) -> str | None:
    """Return the service tier that a request asks for."""
    return _text(request.get("serviceTier"))


class Answer:
    """What an answer, or the parts of one so far, have told."""

    def __init__(self, tier: str | None) -> None:
        self.model: str | None = None
        self._tier = tier
        self._usage: dict[str, object] = {}

    def read(self, body: object, headers: object) -> None:
        """Read the JSON of an answer or of one part of it.

        Raises:
            ValueError: it is no JSON.
        """
        told = json.loads(body) if isinstance(body, str | bytes) and body else body
        if isinstance(headers, Mapping):
            by_name = {str(name).lower(): value for name, value in headers.items()}
            self._tier = _text(by_name.get(_TIER_HEADER)) or self._tier
        if not isinstance(told, dict):
            return
        self.model = _text(told.get("modelVersion")) or self.model
        usage = told.get("usageMetadata")
        if isinstance(usage, dict):
            self._usage |= usage  # a part that leaves a figure out has not taken it back
        if isinstance(predictions := told.get("predictions"), list):
            self._usage["promptTokenCount"] = sum(map(_tokens_of_prediction, predictions))

    @property
    def usage(self) -> Usage | None:
        """The tokens that were told; None where none were."""
        told = self._usage
        if not any(_count(told.get(name)) for name in ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")):
            return None
        cached = _count(told.get("cachedContentTokenCount"))
        prompt, tools = _count(told.get("promptTokenCount")), _count(told.get("toolUsePromptTokenCount"))
        output = _count(told.get("candidatesTokenCount")) + _count(told.get("thoughtsTokenCount"))
        # The API leaves a 0 out: what the others make up the total without is one.
        whole = 0 < _count(told.get("totalTokenCount")) <= prompt + tools + output
        return Usage(
            input=max(0, prompt - cached) + tools,
            cache_read=cached,
            output=output,
            service_tier=self._service_tier(),
            untold=untold(sent=whole or "promptTokenCount" in told, received=whole or "candidatesTokenCount" in told),
        )

    def _service_tier(self) -> str | None:
        for details, kinds in _DEARER.items():
            parts = self._usage.get(details)
            for part in parts if isinstance(parts, list) else ():
                if isinstance(part, dict) and part.get("modality") in kinds and _count(part.get("tokenCount")):
                    return str(part["modality"]).lower()
        traffic = (_text(self._usage.get("trafficType")) or "").lower().removeprefix("on_demand").removeprefix("_")
        tier = (_text(self._usage.get("serviceTier")) or self._tier or traffic).lower()
        return None if tier in ("", "standard", "unspecified", "traffic_type_unspecified") else tier


def _tokens_of_prediction(prediction: object) -> int:
    for name in ("embeddings", "statistics"):
        prediction = prediction.get(name) if isinstance(prediction, dict) else None
    return _count(prediction.get("token_count")) if isinstance(prediction, dict) else 0


def _count(value: object) -> int:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value
    return whole if type(whole) is int and whole > 0 else 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
