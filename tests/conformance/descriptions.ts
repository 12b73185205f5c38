// What `openapi-typescript` makes of `openapi/*.json`, as a client would use it: this file need only compile.
import type { components as Agent, operations as AgentOperations, paths as AgentPaths, webhooks as Hooks } from "./agent.js";
import type { components as Registry, operations as RegistryOperations, webhooks as Pushes } from "./callboard.js";
import type { components as Tokens } from "./tokens.js";

type Question = Agent["schemas"]["Question"];
type Answer = AgentPaths["/check"]["post"]["responses"][200]["content"]["application/json"];
type Hook = Hooks["standingChanged"]["post"]["requestBody"]["content"]["application/json"];
type Push = Pushes["docketLogged"]["post"]["requestBody"]["content"]["application/json"];

export const person: Question = { ref: "host-1", identities: [{ kind: "cn-id", value: "100000199001050013" }] };
export const asked: AgentOperations["check"]["requestBody"]["content"]["application/json"] = [person, person];
// @ts-expect-error a kind that there isn't
export const wrong: Question = { ref: "host-1", identities: [{ kind: "cn", value: "100000199001050013" }] };

export function refuses(answer: Answer | Hook): boolean {
  if (Array.isArray(answer)) return answer.some(refuses);
  return answer.decision === "refuse" || answer.decision === "blocked";
}

export const page: NonNullable<RegistryOperations["list_dockets"]["parameters"]["query"]> = { after: 7, limit: 100 };
export const changed: Registry["schemas"]["ChangedEndpoint"] = { state: "paused" };
export const isSpent = (problem: Tokens["schemas"]["Problem"]): boolean =>
  problem.type === "urn:callboard:problem:quota-spent" && problem.status === 429;
export const suspended = (push: Push): string[] =>
  push.data.items.filter((item) => item.measure === "suspension").map((item) => item.record);
