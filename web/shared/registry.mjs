// Asks the registry beside which this page lies. Whoever serves the page from another host forwards these addresses to it.

/** The registry said no, or wasn't reached. */
export class Refused extends Error {
  constructor(status, problem, after) {
    super(problem?.title ?? String(status));
    this.status = status;
    this.type = (problem?.type ?? "").split(":").pop();
    this.after = after;
  }
}

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function once(method, path, body) {
  const request = { method, cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };
  if (body !== undefined) {
    request.headers = { "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(new URL(`../${path}`, location.href.replace(/[?#].*$/, "")), request);
  } catch {
    throw new Refused(0);
  }
  const read = await answer.json().catch(() => undefined);
  if (answer.ok) return read;
  throw new Refused(answer.status, read, Number(answer.headers.get("retry-after")) || undefined);
}

/** Asks; where the registry isn't reached, or says to come again soon, it asks again, as often as `tries` says. */
export async function ask(method, path, body, tries = 4) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(method, path, body);
    } catch (error) {
      const isPassing = error.status === 0 || error.status >= 500 || (error.status === 429 && (error.after ?? 60) <= 30);
      if (!isPassing || attempt >= tries) throw error;
      await sleep(error.after ?? 2 ** attempt / 2);
    }
  }
}
