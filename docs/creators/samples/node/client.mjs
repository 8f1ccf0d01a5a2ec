// A client of the runtime API for Node 18 or newer, standard library only.
// AP_BROKER and AP_RUN_TOKEN are set by the platform.
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MS = 25_000;

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The broker answered ${status}.`);
    this.status = status;
    this.code = problem.code ?? "refused";
  }
}

export class Broker {
  #address = process.env.AP_BROKER;
  #token = process.env.AP_RUN_TOKEN;
  #seq = 0;

  // The parsed answer. A broker that is away or busy is tried again; 401 ends the process, for the attempt is over.
  async call(method, path, value) {
    const body = value === undefined ? "" : JSON.stringify(value);
    for (const until = Date.now() + PATIENCE_MS; ; await pause(500)) {
      const { status, text } = await this.#once(method, path, body).catch((error) => ({ status: 0, text: String(error) }));
      if (status === 401) process.exit(75);
      const again = status === 0 || status === 429 || status >= 500;
      if (!again && status < 300) return text ? JSON.parse(text) : null;
      if (!again) throw new Refused(status, JSON.parse(text || "{}"));
      if (Date.now() > until) process.exit(75);
    }
  }

  // One numbered event; resolves to what the broker stored of it.
  async event(type, members) {
    const seq = ++this.#seq;
    const answer = await this.call("POST", "/runtime/v1/events", { events: [{ seq, at: new Date().toISOString(), type, ...members }] });
    return answer.outcomes[seq] ?? {};
  }

  log(text, level = "info") {
    return this.event("log", { level, text, fields: {} });
  }

  // False when the cap refused the row.
  async emit(item, event, key) {
    const outcome = await this.event("items", { items: [item], event, keys: [key] });
    return outcome.dropped === 0;
  }

  // The child run's end, or the person's answer: both may be asked again with the same key.
  async agent(agent, input, maxMicroUsd, key) {
    for (;;) {
      const answer = await this.call("POST", "/runtime/v1/agents", { agent, input, max_micro_usd: maxMicroUsd, key, wait_seconds: 20 });
      if (answer.final) return answer;
    }
  }

  async approval(key, title, data) {
    const answer = await this.call("POST", "/runtime/v1/approvals", { key, title, data });
    if (answer.state === "pending") process.exit(0); // a new attempt starts with the answer
    return answer;
  }

  // { status, headers, body } of a host that the manifest declares.
  async http(method, url, { headers = {}, body } = {}) {
    const text = JSON.stringify({ method, url, headers, body });
    const { status, text: content, headers: said } = await this.#once("POST", "/runtime/v1/http", text);
    if (status >= 300) throw new Refused(status, JSON.parse(content || "{}"));
    return { status: Number(said["ap-status"]), headers: JSON.parse(said["ap-headers"]), body: content };
  }

  #once(method, path, body) {
    const headers = { Authorization: `Bearer ${this.#token}`, "Content-Length": Buffer.byteLength(body) };
    if (body) headers["Content-Type"] = "application/json";
    const url = this.#address.startsWith("unix://") ? `http://broker${path}` : new URL(path, this.#address);
    const socketPath = this.#address.startsWith("unix://") ? this.#address.slice("unix://".length) : undefined;
    return new Promise((resolve, reject) => {
      const request = http.request(url, { method, headers, socketPath }, (answer) => {
        const pieces = [];
        answer.on("data", (piece) => pieces.push(piece));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode, text: Buffer.concat(pieces).toString(), headers: answer.headers }),
        );
      });
      request.on("error", reject);
      request.end(body);
    });
  }
}
