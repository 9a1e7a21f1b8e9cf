"""Analyses of the reference app: what they come to, when there is none, and who may have one."""

import hashlib
import json
import math
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from statistics import fmean
from zlib import crc32

import pymysql
import pytest
from fastapi.testclient import TestClient

from app_integration.llm import AnthropicInstrumentor, GoogleGenAiInstrumentor, OpenAiInstrumentor
from app_integration.reference_app import Settings, create_app
from app_integration.simulator import PROVIDERS, verdict
from app_integration.simulator.drive import Drive
from tests.support import ports
from tests.support.mariadb_server import MariaDbServer
from tests.support.serving import serve

StartMariaDb = Callable[..., MariaDbServer]

AT_ONCE = Settings(latency_seconds=0.0, rate_limit=10_000)
PLANS = {"basic": (2, 1), "premium": (3, 2), "critical": (4, 3)}
# The order that the application knows its providers in.
ORDER = ("openai", "anthropic", "gcp.gemini", "openrouter")
# Put together, so that nothing here looks like a key.
KEY = "key-of-" + "alice"
ALICE = f"alice:{hashlib.sha256(KEY.encode()).hexdigest()}"

Answer = dict[str, object]


def client_of(settings: Settings) -> TestClient:
    """Return a client of an application that is started by `with`; it gets the 500 instead of the exception."""
    return TestClient(create_app(settings), raise_server_exceptions=False)


def ask(client: TestClient, question: str, task_type: str = "basic") -> Answer:
    """Return the answer to a question."""
    response = client.post("/analyses", json={"question": question, "task_type": task_type})
    assert 201 == response.status_code, response.text
    answer: Answer = response.json()
    return answer


def cosine(one: str, other: str) -> float:
    """Return the agreement of two texts, another way than the application does: by vectors over all words."""
    texts = [re.findall(r"[a-z]+", text.lower()) for text in (one, other)]
    words = sorted({word for text in texts for word in text})
    a, b = ([text.count(word) for word in words] for text in texts)
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))


def expected_of(question: str, task_type: str, disagreement: float, threshold: float) -> tuple[int, dict[str, float]]:
    """Return the rounds and agreements that an analysis must come to, from what the simulator answers."""
    count, most = PLANS[task_type]
    first = crc32(question.encode()) % len(ORDER)
    asked = (ORDER * 2)[first : first + count]
    for turn in range(1, most + 1):
        said = {name: verdict(1, question, name, turn, disagreement) for name in asked}
        found = {f"{a}:{b}": cosine(said[a], said[b]) for a, b in combinations(sorted(asked), 2)}
        if fmean(found.values()) >= threshold:
            break
    return turn, found


@pytest.mark.parametrize("task_type", PLANS)
def test_an_analysis_comes_to_what_the_answers_say(task_type: str) -> None:
    """Rounds, agreements and confidence, computed again from the providers' texts; the answer is one of them."""
    behaviour = " ".join(f"{provider}.disagreement=0.3" for provider in PROVIDERS)
    rounds: Counter[object] = Counter()
    with client_of(replace(AT_ONCE, simulator_behaviour=behaviour)) as client:
        for number in range(12):
            question = f"what of number {number}?"
            answer = ask(client, question, task_type)
            expected_rounds, expected = expected_of(question, task_type, 0.3, AT_ONCE.agreement)
            assert (expected_rounds, pytest.approx(expected)) == (answer["rounds"], answer["agreements"])
            assert pytest.approx(fmean(expected.values())) == answer["confidence"]
            texts = {verdict(1, question, name, expected_rounds, 0.3) for name in ORDER}
            assert answer["answer"] in texts
            rounds[answer["rounds"]] += 1
    assert set(rounds) == ({1} if task_type == "basic" else rounds.keys() & {1, 2, 3})
    assert PLANS[task_type][1] == max(int(str(each)) for each in rounds)


@pytest.fixture
def priced() -> Iterator[None]:
    """Calls of providers are recorded, and so have a cost."""
    instrumentors = (OpenAiInstrumentor(), AnthropicInstrumentor(), GoogleGenAiInstrumentor())
    for instrumentor in instrumentors:
        instrumentor.instrument()
    yield
    for instrumentor in instrumentors:
        instrumentor.uninstrument()


@pytest.mark.usefixtures("priced")
def test_a_spent_budget_stops_what_costs_and_nothing_else() -> None:
    """402 and when the next day begins; what the cache knows is still told. A fault of nobody's is no 5xx."""
    with client_of(replace(AT_ONCE, budget_usd=0.000_001)) as client:
        assert float(str(ask(client, "before?")["cost_usd"])) > 0.000_001
        refused = client.post("/analyses", json={"question": "after?"})
        assert (402, "miss") == (refused.status_code, refused.headers["X-Cache"])
        assert 0 < int(refused.headers["Retry-After"]) <= 86_400
        assert re.search(r"of 0\.000001 USD are spent; the next day begins at ", refused.json()["detail"])
        assert True is ask(client, "before?")["cached"]


@pytest.mark.usefixtures("priced")
def test_an_analysis_that_spends_the_budget_ends_with_its_round() -> None:
    """What was paid for is answered, and nothing more is spent; with a budget it would go on."""
    apart = replace(AT_ONCE, simulator_behaviour=" ".join(f"{provider}.disagreement=1" for provider in PROVIDERS))
    for budget, rounds in ((0.000_001, 1), (100.0, 3)):
        with client_of(replace(apart, budget_usd=budget)) as client:
            assert rounds == ask(client, "again?", "critical")["rounds"]


def test_without_two_answers_there_is_none() -> None:
    """502 says what became of each provider; it is not cached, and not in the history."""
    behaviour = " ".join(f"{provider}.error_rate=1" for provider in PROVIDERS)
    with client_of(replace(AT_ONCE, simulator_behaviour=behaviour)) as client:
        refused = client.post("/analyses", json={"question": "anybody?"})
        assert 502 == refused.status_code
        assert "fewer than two providers answered" in refused.json()["detail"]
        assert 4 == refused.json()["detail"].count(": error")
        assert [] == client.get("/history").json()


def test_a_question_has_a_verdict_for_each_task_type() -> None:
    """What a basic analysis came to is no answer to a critical one; an unknown type is refused."""
    with client_of(AT_ONCE) as client:
        assert [2, 4] == [
            len(str(ask(client, "who?", each)["providers"]).split("model")) - 1 for each in ("basic", "critical")
        ]
        assert [True, True] == [ask(client, "who?", each)["cached"] for each in ("basic", "critical")]
        assert 422 == client.post("/analyses", json={"question": "who?", "task_type": "cheap"}).status_code


def test_only_who_is_known_may_ask_once_there_are_keys() -> None:
    """Health is everybody's; a wrong key is 401, and 429 after too many."""
    with client_of(replace(AT_ONCE, api_keys=ALICE)) as client:
        assert 200 == client.get("/health").status_code
        anonymous = client.get("/history")
        assert (401, "Bearer") == (anonymous.status_code, anonymous.headers["WWW-Authenticate"])
        assert 200 == client.get("/history", headers={"X-API-Key": KEY}).status_code
        statuses = [client.get("/history", headers={"X-API-Key": "wrong"}).status_code for _ in range(11)]
        assert [401] * 10 + [429] == statuses
        blocked = client.get("/history", headers={"X-API-Key": KEY})
        assert (429, True) == (blocked.status_code, 0 < int(blocked.headers["Retry-After"]) <= 60)


def test_providers_are_not_told_what_is_none_of_their_business() -> None:
    """Personal data is masked before anybody is asked or anything kept, an attack refused."""
    with client_of(AT_ONCE) as client:
        assert "who is [email]?" == ask(client, "who is alice@example.com?")["question"]
        refused = client.post("/analyses", json={"question": "x'; DROP TABLE users"})
        assert (400, True) == (refused.status_code, "sql injection" in refused.json()["detail"])
        assert 400 == client.post("/analyses", json={"question": "<script>1</script>"}).status_code
        assert 1 == len(client.get("/history").json())


def test_behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() -> None:
    """What anybody else writes into the header is not believed."""
    for proxies, expected in (("127.0.0.1", [201, 201]), ("", [201, 429])):
        settings = replace(AT_ONCE, rate_limit=1, rate_window_seconds=3_600, trusted_proxies=proxies)
        application = create_app(settings)
        with TestClient(application, client=("127.0.0.1", 50_000)) as client:
            statuses = [
                client.post("/analyses", json={"question": "who?"}, headers={"X-Forwarded-For": address}).status_code
                for address in ("192.0.2.1", "192.0.2.2")
            ]
        assert expected == statuses


def statuses_of(settings: Settings, *addresses: str) -> list[int]:
    """Ask once from each address, with a key that is wrong where keys count."""
    with TestClient(create_app(replace(settings, trusted_proxies="127.0.0.1")), client=("127.0.0.1", 50_000)) as client:
        return [
            client.post(
                "/analyses", json={"question": "who?"}, headers={"X-Forwarded-For": address, "X-API-Key": "wrong"}
            ).status_code
            for address in addresses
        ]


def test_a_client_of_ipv6_has_one_limit_whatever_address_it_takes() -> None:
    """One host has a whole /64."""
    settings = replace(AT_ONCE, rate_limit=1, rate_window_seconds=3_600)
    assert [201, 429, 201] == statuses_of(settings, "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")


def test_a_client_of_ipv6_is_blocked_whatever_address_it_takes() -> None:
    """Ten wrong keys of one network, and no other."""
    wrong = [f"2001:db8::{number:x}" for number in range(1, 12)]
    assert [*[401] * 10, 429, 401] == statuses_of(replace(AT_ONCE, api_keys=ALICE), *wrong, "2001:db8:0:1::1")


def test_a_history_of_an_earlier_version_goes_on(make_mariadb_server: StartMariaDb) -> None:
    """Its table gets what it lacks, once; its analyses are shown as ones of no rounds."""
    server = make_mariadb_server()
    with pymysql.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, database=server.database
    ) as connection:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE analyses (id CHAR(36) PRIMARY KEY, question TEXT NOT NULL, answer TEXT NOT NULL,"
                " created_at DATETIME(6) NOT NULL, INDEX newest (created_at)) CHARACTER SET utf8mb4"
            )
            cursor.execute("INSERT INTO analyses VALUES ('old', 'before?', 'yes', '2026-01-02 03:04:05.678901')")
        connection.commit()
    url = f"mysql://{server.user}:{server.password}@{server.host}:{server.port}/{server.database}"
    for _ in range(2):
        with client_of(replace(AT_ONCE, mysql_url=url)) as client:
            new = ask(client, "after?", "critical")
            old = client.get("/history").json()[-1]
            assert new == client.get(f"/analyses/{new['id']}").json()
    assert {
        "id": "old",
        "question": "before?",
        "task_type": "basic",
        "answer": "yes",
        "confidence": 0.0,
        "rounds": 0,
        "agreements": {},
        "providers": [],
        "cost_usd": 0.0,
        "cached": False,
        "created_at": "2026-01-02T03:04:05.678901Z",
    } == old


def test_results_are_archived_in_their_turn(tmp_path: Path) -> None:
    """A file for each in the folder, the one that was refused left out; the end waits for the last."""
    drive = Drive(failures=[400])
    with serve(drive.app()) as port:
        url = f"http://{ports.LOOPBACK}:{port}/"
        key = tmp_path / "key.json"
        key.write_text(drive.key_file(url))
        settings = replace(AT_ONCE, archive_folder="results", archive_credentials=str(key), archive_url=url)
        with client_of(settings) as client:
            answers = [ask(client, f"question {number}") for number in range(3)]
    documents = [json.loads(stored.content) for stored in drive.files.values()]
    assert [answer["id"] for answer in answers[1:]] == [document["id"] for document in documents]
    assert [answer["answer"] for answer in answers[1:]] == [document["verdict"]["answer"] for document in documents]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"budget_timezone": "Mars"}, "REFERENCE_APP_BUDGET_TIMEZONE: a budget's time zone: got 'Mars'"),
        ({"trusted_proxies": "proxy"}, "REFERENCE_APP_TRUSTED_PROXIES: trusted proxies: got 'proxy'"),
        ({"simulator_behaviour": "openai.error_rate=2"}, "REFERENCE_APP_SIMULATOR_BEHAVIOUR: error_rate: got '2'"),
        ({"jwt_secret": "short"}, "REFERENCE_APP_JWT_SECRET: the JWT secret: got 5 bytes"),
        ({"api_keys": "alice:00"}, "REFERENCE_APP_API_KEYS: the API key of 'alice': got 2 characters"),
        ({"redis_url": "redis://a:hidden/x@host"}, "REFERENCE_APP_REDIS_URL: accepted is redis://"),
        ({"openai_api_key": "only"}, "API keys: got 1; accepted are two or more of OPENAI_API_KEY"),
    ],
)
def test_a_wrong_setting_stops_the_start(wrong: dict[str, str], message: str) -> None:
    """The message names the variable, and shows no password."""
    with pytest.raises(ValueError, match=re.escape(message)) as raised, client_of(Settings(**wrong)):  # type: ignore[arg-type]  # all are texts
        pytest.fail("the application started")
    assert "hidden" not in "".join(traceback.format_exception(raised.value))
