// Counts to the input `n`: one row and one charge for each number, and a result. Keys make every step repeatable.
import { Broker } from "./client.mjs";

const broker = new Broker();
const { input } = await broker.call("GET", "/runtime/v1/input");
await broker.log(`counting to ${input.n}`);
let rows = 0;
while (rows < input.n && (await broker.emit({ i: rows }, "page", String(rows)))) {
  rows += 1;
  await broker.event("progress", { done: rows, total: input.n, message: null });
}
await broker.call("PUT", "/runtime/v1/kv/last", rows);
await broker.event("result", { value: { rows } });
