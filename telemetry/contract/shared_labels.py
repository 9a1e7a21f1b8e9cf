"""Labels, and their sources, that several subsystems share."""

from types import MappingProxyType

from telemetry.contract.domains import MODEL_NAME, Bounded, Enum, Template
from telemetry.contract.model import Label
from telemetry.contract.sources import Classified, FromContext, Overridden, attribute

# Tokens as the GenAI conventions told them until 1.41 (their type is an attribute), and as they tell them now: input
# with what was cached, output with the reasoning. What else is named gen_ai.client.inference.usage.* is part of these.
TOKEN_USAGE = ("gen_ai.client.token.usage", "gen_ai.client.inference.token.usage")
INPUT_TOKENS = "gen_ai.client.inference.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.client.inference.usage.output_tokens"
TYPE_OF_TOKENS = "gen_ai.token.type"

KNOWN_PROVIDERS = ("openai", "anthropic", "gcp.gemini", "openrouter")
KNOWN_MODELS = ("gpt-5", "claude-sonnet-4", "gemini-2.5-pro")

PROVIDER = Label("provider", Bounded(16, known=KNOWN_PROVIDERS))
MODEL = Label("model", Bounded(64, pattern=MODEL_NAME, known=KNOWN_MODELS))
TASK_TYPE = Label("task_type", Enum(("basic", "premium", "critical")))
CALL_STATUS = Label("status", Enum(("success", "error", "timeout", "rate_limited")))
RESULT_STATUS = Label("status", Enum(("success", "error")))

ROUTE = Template(200)

FROM_ROUTE = attribute("http.route")
FROM_TASK_TYPE = FromContext("techsapo.task_type")
FROM_RESULT = Classified("error.type", absent="success", otherwise="error", table=MappingProxyType({}))

# The semantic conventions name the service by its address where a gateway speaks another provider's protocol.
FROM_PROVIDER = Overridden(
    "server.address",
    MappingProxyType({"openrouter.ai": "openrouter", "api.openrouter.ai": "openrouter"}),
    attribute("gen_ai.provider.name", "gen_ai.system"),
)
