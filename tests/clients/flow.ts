// What a user of the generated TypeScript client writes. Run by test_clients.py with the service's address.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const [url = "", email = "", password = ""] = process.argv.slice(2);
const as = (token?: string) =>
  createClient<paths>({ baseUrl: url, headers: token ? { Authorization: `Bearer ${token}` } : {} });

const anonymous = as();
const user = await anonymous.POST("/api/v1/users", { body: { email, password, name: "Ada" } });
assert.equal(user.data?.email, email);
const token = await anonymous.POST("/api/v1/auth/token", {
  body: { grant_type: "password", username: email, password },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
assert(token.data);
const ada = as(token.data.access_token);

for (const title of ["Lamp", "Chair", "Table"]) {
  const item = await ada.POST("/api/v1/items", { body: { title, status: "draft", tags: [] } });
  assert.equal(item.data?.title, title);
}
const first = await ada.GET("/api/v1/items", { params: { query: { limit: 2 } } });
assert(first.data?.next_cursor);
const second = await ada.GET("/api/v1/items", { params: { query: { limit: 2, cursor: first.data.next_cursor } } });
assert.deepEqual([...first.data.items, ...(second.data?.items ?? [])].map((each) => each.title), ["Table", "Chair", "Lamp"]);

const path = { item_id: first.data.items[0]?.id ?? "" };
const item = await ada.GET("/api/v1/items/{item_id}", { params: { path } });
const version = { "If-Match": item.response.headers.get("ETag") ?? "" };
const changed = await ada.PATCH("/api/v1/items/{item_id}", { params: { path, header: version }, body: { title: "Desk" } });
assert.equal(changed.data?.title, "Desk");

const any = { "If-Match": "*" };
const key = await ada.POST("/api/v1/api-keys", { body: { name: "Read", scopes: ["items:read"] } });
const reader = as(key.data?.key);
assert.equal((await reader.GET("/api/v1/items/{item_id}", { params: { path } })).data?.title, "Desk");
const refused = await reader.DELETE("/api/v1/items/{item_id}", { params: { path, header: any } });
assert.equal(refused.error?.type, "urn:problem:insufficient-scope");

assert.equal((await ada.DELETE("/api/v1/items/{item_id}", { params: { path, header: any } })).response.status, 204);
const missing = await ada.GET("/api/v1/items/{item_id}", { params: { path } });
assert.equal(missing.error?.status, 404);
assert.equal(missing.error?.type, "urn:problem:item-not-found");
