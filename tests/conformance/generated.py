"""Clients that a generator made of `openapi/*.json` ask a running registry, token service and agent.

generated.py DIR REGISTRY TOKENS AGENT KEY TOKEN

DIR holds the generated packages `registry_api`, `tokens_api`, `agent_api`; KEY is the content of the member's key file,
which `age --decrypt` gives; TOKEN what `callboard-agent token` prints.
"""
import io, json, os, sys, time
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from voprf import ristretto
from client import b64, prf_input, sign

class Signed(httpx.Auth):
    requires_request_body = True
    def __init__(self, key): self.key = key
    def auth_flow(self, request):
        created, nonce = int(time.time()), os.urandom(16)
        request.headers.update(sign(self.key, request.method, str(request.url), request.content, created, nonce))
        yield request

directory, registry_url, tokens_url, agent_url, key, token = sys.argv[1:]
sys.path.insert(0, directory)
key = Ed25519PrivateKey.from_private_bytes(b64(json.load(open(key))["requestKey"]))

def registry():
    from registry_api import Client
    from registry_api.api.dockets import get_docket, list_dockets
    from registry_api.api.endpoints import change_endpoint, create_endpoint, delete_endpoint, list_endpoints
    from registry_api.api.operating import get_health
    from registry_api.api.public_documents import get_roster
    from registry_api.api.receipts import get_docket_propagation
    from registry_api.api.records import ask_standings, get_record, read_feed
    from registry_api.models import (
        ChangedEndpoint, EndpointState, EpochTag, NewEndpoint, Problem, ProblemType, StandingsQuestion, WantedState)

    anyone = Client(registry_url, raise_on_unexpected_status=True)
    assert get_health.sync(client=anyone).status == "ok"
    page = list_dockets.sync(client=anyone, limit=2)
    following = list_dockets.sync(client=anyone, after=page.next_, limit=1)
    assert [row.index for row in page.dockets + following.dockets] == [0, 1, 2]
    docket = get_docket.sync(page.dockets[1].docket, client=anyone)
    assert docket.docket == page.dockets[1].docket and docket.items[0].record
    assert get_docket_propagation.sync(docket.docket, client=anyone).index == 1
    nothing = get_docket.sync("0" * 64, client=anyone)
    assert isinstance(nothing, Problem) and nothing.type_ == ProblemType.URNCALLBOARDPROBLEMNOT_FOUND
    assert get_roster.sync(client=anyone).docket.signatures[0].keyid

    unsigned = read_feed.sync_detailed(client=anyone, from_=0)
    assert unsigned.status_code == 401 and unsigned.parsed.type_ == ProblemType.URNCALLBOARDPROBLEMUNSIGNED
    member = Client(registry_url, raise_on_unexpected_status=True, httpx_args={"auth": Signed(key)})
    lines = read_feed.sync_detailed(client=member, from_=0).content.decode().splitlines()
    assert json.loads(lines[0])["index"] == 0 and "checkpoint" in json.loads(lines[-1])
    shown = get_record.sync(docket.items[0].record, client=member)
    assert shown.statement and not shown.erased
    question = StandingsQuestion(persons=[[EpochTag(epoch=1, tag="0" * 64)]])
    assert ask_standings.sync(client=member, body=question).standings[0].state == "clear"
    made = create_endpoint.sync(client=member, body=NewEndpoint(url="https://hooks.alpha.example/generated"))
    assert made.state == EndpointState.ACTIVE and made.secret.startswith("whsec_")
    paused = change_endpoint.sync(made.id, client=member, body=ChangedEndpoint(state=WantedState.PAUSED))
    assert paused.state == EndpointState.PAUSED and not paused.secret
    assert made.id in [endpoint.id for endpoint in list_endpoints.sync(client=member).endpoints]
    assert delete_endpoint.sync_detailed(made.id, client=member).status_code == 204

def tokens():
    from tokens_api import Client
    from tokens_api.api.public import list_epochs
    from tokens_api.api.tokens import evaluate_points
    from tokens_api.models import Problem
    from tokens_api.types import File

    held = list_epochs.sync(client=Client(tokens_url, raise_on_unexpected_status=True)).epochs[0]
    member = Client(tokens_url, raise_on_unexpected_status=True, httpx_args={"auth": Signed(key)})
    client, point = ristretto.Client.blind(prf_input("cn-id", "100000199001050013"))
    answer = evaluate_points.sync(client=member, epoch=held.number, body=File(io.BytesIO(point.serialize())))
    answer = ristretto.VerifiableBatchOutput.deserialize(answer.payload.read())
    public = ristretto.PublicKey.deserialize(b64(held.public_key))
    assert len(ristretto.Client.finalize_batch([client], answer, public)[0]) == 64
    refused = evaluate_points.sync(client=member, epoch=held.number, body=File(io.BytesIO(b"no point")))
    assert isinstance(refused, Problem) and refused.status == 422

def agent():
    from agent_api import AuthenticatedClient
    from agent_api.api.checks import check
    from agent_api.api.operating import get_readiness, get_status
    from agent_api.api.tag_book import forget_ref, get_ref, list_refs
    from agent_api.models import Asked, Decision, IdentityKind, Problem, Question

    platform = AuthenticatedClient(agent_url, token, raise_on_unexpected_status=True)
    assert get_readiness.sync(client=platform) == "ready\n"
    person = Question(ref="generated", identities=[Asked(kind=IdentityKind.CN_ID, value="100000199001050013")])
    answer = check.sync(client=platform, body=person)
    assert answer.ref == "generated" and isinstance(answer.decision, Decision) and answer.todo.en
    both = check.sync(client=platform, body=[person, person])
    assert [one.decision for one in both] == [answer.decision] * 2 and both[0].id != answer.id
    assert get_status.sync(client=platform).accounts >= 1
    assert get_ref.sync("generated", client=platform).people[0].decision == answer.decision
    assert "generated" in [one.ref for one in list_refs.sync(client=platform, limit=10_000).people]
    assert forget_ref.sync_detailed("generated", client=platform).status_code == 204
    assert isinstance(get_ref.sync("generated", client=platform), Problem)

registry(), tokens(), agent()
