// What a program in TypeScript asks an instance; the types are made from its OpenAPI document.
import createClient from "openapi-fetch";
import type { paths } from "./paperwire.js";

const [url, key] = process.argv.slice(2) as [string, string];
const reader = createClient<paths>({ baseUrl: url });
const owner = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

const found = await reader.GET("/v1/search", { params: { query: { q: "graph" } } });
const paper = await reader.GET("/v1/papers/{id}", { params: { path: { id: "2401.00005" } } });
const one = { path: { id: "2401.00005" } };
const bibtex = await reader.GET("/v1/papers/{id}/citation", { params: one, parseAs: "text" });
const csl = await reader.GET("/v1/papers/{id}/citation", { params: { ...one, query: { format: "csl" } } });
const made = await owner.POST("/v1/subscriptions", {
  body: { query: "folding", channel: { type: "feed" }, schedule: { daily: "08:00" } },
});
const id = made.data?.id ?? "";
const given = await owner.POST("/v1/subscriptions/{id}/feedback", {
  params: { path: { id } },
  body: { kind: "more", paper: "2401.00001" },
});
const unknown = await reader.GET("/v1/papers/{id}", { params: { path: { id: "nothing" } } });

console.log(
  JSON.stringify({
    found: found.data?.results[0]?.paper.title,
    paper: paper.data?.authors?.[0]?.name,
    bibtex: bibtex.data,
    csl: csl.data,
    schedule: made.data?.schedule,
    about: given.data?.about,
    unknown: unknown.error?.detail,
  }),
);
