// A client of Paperwire in JavaScript: search, pages, subscriptions, and the signature of a webhook.
//
// node examples/paperwire.mjs http://localhost:8080 code generation     prints the papers that a search finds
//
// Needs Node 20 and nothing else; without `verify` it runs in a browser too. The signature is that of Standard Webhooks
// (https://www.standardwebhooks.com).
import { createHmac, timingSafeEqual } from "node:crypto";
import { pathToFileURL } from "node:url";

const RETRIES = 3;
const MAX_WAIT_S = 60;
const TOLERANCE_S = 300;

// What the API refused; the text says what was wrong and what to do.
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The server answers ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

export class Paperwire {
  // `key` is an API key; reading needs none.
  constructor(url, key) {
    this.url = url.replace(/\/$/, "");
    this.headers = key ? { authorization: `Bearer ${key}` } : {};
  }

  // Sends a request, and repeats it when the instance is busy and says when to.
  async call(path, { method = "GET", query = {}, body } = {}) {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    const address = `${this.url}${path}${pairs.length ? `?${new URLSearchParams(pairs)}` : ""}`;
    const headers = { ...this.headers };
    if (body) headers["content-type"] = "application/json";
    if (method === "POST") headers["idempotency-key"] = crypto.randomUUID(); // a repeated POST is carried out once
    for (let repeated = 0; ; repeated++) {
      const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
      const wait = Number(response.headers.get("retry-after") ?? NaN);
      const busy = (response.status === 429 || response.status === 503) && wait <= MAX_WAIT_S;
      if (busy && repeated < RETRIES) {
        await new Promise((done) => setTimeout(done, wait * 1000));
        continue;
      }
      if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
      return response.status === 204 ? null : response.json();
    }
  }

  // Yields the results of a search, page after page: { score, paper, highlights }.
  async *search(query) {
    for (let cursor; cursor !== null; ) {
      const page = await this.call("/v1/search", { query: cursor ? { ...query, cursor } : query });
      yield* page.results;
      cursor = page.next_cursor;
    }
  }

  // Returns a paper by an arXiv id, a DOI, or the id of a result.
  paper(id) {
    return this.call(`/v1/papers/${id.split("/").map(encodeURIComponent).join("/")}`); // some servers refuse %2F
  }

  // Returns the new subscription; its `secret` is shown once.
  subscribe(subscription) {
    return this.call("/v1/subscriptions", { method: "POST", body: subscription });
  }
}

// Returns the event of a webhook; throws unless one of its signatures is valid and recent. `headers` are in lower case.
export function verify(secret, headers, body) {
  const timestamp = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_S)) throw new Error("the timestamp is too old or too new");
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  if (key.length === 0) throw new Error("the secret is empty"); // with an empty one anybody can sign
  const expected = createHmac("sha256", key).update(`${headers["webhook-id"]}.${timestamp}.`).update(body).digest();
  const valid = String(headers["webhook-signature"]).split(" ").some((given) => {
    const [version, text] = given.split(",");
    const signature = Buffer.from(text ?? "", "base64");
    // timingSafeEqual takes the same time wherever the first difference is, so nobody can guess byte by byte.
    return version === "v1" && signature.length === expected.length && timingSafeEqual(signature, expected);
  });
  if (!valid) throw new Error("no signature matches");
  return JSON.parse(body);
}

async function main([url, ...words]) {
  const papers = new Paperwire(url, process.env.PAPERWIRE_API_KEY);
  let left = 10;
  for await (const { score, paper } of papers.search({ q: words.join(" "), limit: 5 })) {
    console.log(`${score.toFixed(2)}  ${paper.title}`);
    if (--left === 0) break;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
