// Receive webhooks: verify the signature, answer 204, then handle the event.
//
// WEBHOOK_SECRET=whsec_… node examples/receiver.mjs     listens on 127.0.0.1:9000; PORT changes the port
//
// Needs Node 20 and the file paperwire.mjs beside it, which checks the signature.
import { createServer } from "node:http";

import { verify } from "./paperwire.mjs";

const MAX_BODY = 64 * 1024;
const REMEMBERED = 10_000;
const seen = new Set();

// Returns what is printed about an event; throws an error if it is none.
function lineOf(event) {
  const about = event?.data?.paper?.title ?? event?.data?.subscription?.name;
  if (about === undefined) throw new Error("the body is no event");
  return `${event.type} ${about}`;
}

// Prints an event; a retry has the same id as its first attempt and is printed once.
function handle(id, line) {
  if (seen.has(id)) return;
  seen.add(id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  console.log(line);
}

const secret = process.env.WEBHOOK_SECRET;
if (!secret) {
  console.error("Set WEBHOOK_SECRET to the secret that was shown when the subscription was created.");
  process.exit(1);
}

const server = createServer(async (request, response) => {
  try {
    const chunks = [];
    let length = 0;
    for await (const chunk of request) {
      length += chunk.length;
      if (length > MAX_BODY) throw new Error("the body is too large");
      chunks.push(chunk);
    }
    const event = verify(secret, request.headers, Buffer.concat(chunks));
    const line = lineOf(event);
    response.writeHead(204).end();
    setImmediate(handle, request.headers["webhook-id"], line);
  } catch (error) {
    response.writeHead(400, { "content-type": "text/plain", connection: "close" }).end(`${error.message}\n`);
  }
});
server.requestTimeout = 10_000;
server.listen(Number(process.env.PORT ?? 9000), "127.0.0.1", () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}/`);
});
