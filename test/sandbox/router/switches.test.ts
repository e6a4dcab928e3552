import { strict as assert } from "node:assert";
import http, { type IncomingMessage } from "node:http";
import { once } from "node:events";
import { ask, backend, clean, instance, onClean, RouterProcess, service, shifted } from "./harness.js";

const SWITCHES = 100;

describe("100 switches under load", () => {
  afterEach(clean);

  it("fail no request, answer every id once, and leave nothing in flight", async () => {
    const handler = (name: string): http.RequestListener => (request, response) => {
      const stream = request.url === "/stream";
      if (request.method === "POST") return void request.pipe(response);
      if (!stream) return void response.end(name);
      // A stream outlives several switches.
      let pieces = 0;
      const timer = setInterval(() => {
        response.write("piece\n");
        if (++pieces < 20) return;
        clearInterval(timer);
        response.end("end\n");
      }, 5);
    };
    const blue = await backend("blue", handler("blue"));
    const green = await backend("green", handler("green"));
    const web = await service([instance("b", blue)], [instance("g", green)]);
    let config = { generation: 1, accessLog: false, services: { web } };
    const router = await RouterProcess.start(config);
    const load = new Load(web.ports.production);
    const clients = [load.keepAlive(4), load.posts(2), load.perConnection(2), load.streams(4)];
    for (let turn = 0; turn < SWITCHES; turn++) {
      config = shifted(config, turn % 2 === 0 ? 100 : 0) as typeof config;
      const before = load.answers.length;
      await router.put(config);
      // From here on only the new slot may be chosen.
      const expected = turn % 2 === 0 ? "green" : "blue";
      assert.equal((await ask(web.ports.production, { headers: { "x-request-id": `probe-${turn}` } })).body, expected);
      while (load.answers.length < before + 10) await new Promise((resolve) => setImmediate(resolve));
    }
    load.stop = true;
    await Promise.all(clients);
    assert.deepEqual(load.failures, []);
    const seen = [...blue.ids, ...green.ids].filter((id) => !id.startsWith("probe")).sort();
    assert.deepEqual(seen, load.answers.map(({ id }) => id).sort());
    assert.equal(new Set(seen).size, load.sent);
    for (const slot of ["blue", "green"]) assert.ok(load.answers.some((answer) => answer.slot === slot));
    assert.deepEqual((await router.state()).inFlight, {});
  });
});

/** Clients that send until they are stopped, each request with an id of its own. */
class Load {
  stop = false;
  sent = 0;
  readonly answers: { id: string; slot: string }[] = [];
  readonly failures: string[] = [];
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  keepAlive(clients: number): Promise<unknown> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
    onClean(() => agent.destroy());
    return this.#clients(clients, () => this.#ask({ agent }));
  }

  posts(clients: number): Promise<unknown> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
    onClean(() => agent.destroy());
    const body = "x".repeat(100_000);
    return this.#clients(clients, () => this.#ask({ agent, method: "POST" }, body, body));
  }

  perConnection(clients: number): Promise<unknown> {
    return this.#clients(clients, () => this.#ask({ agent: false }));
  }

  streams(clients: number): Promise<unknown> {
    return this.#clients(clients, () => this.#ask({ agent: false, path: "/stream" }, undefined, `${"piece\n".repeat(20)}end\n`));
  }

  #clients(count: number, send: () => Promise<void>): Promise<unknown> {
    return Promise.all(
      Array.from({ length: count }, async () => {
        while (!this.stop) await send();
      }),
    );
  }

  async #ask(options: http.RequestOptions, body?: string, expected?: string): Promise<void> {
    const id = `id-${++this.sent}`;
    try {
      const request = http.request({ host: "127.0.0.1", port: this.#port, headers: { "x-request-id": id }, ...options });
      request.end(body);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      let text = "";
      for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
      const slot = String(response.headers["x-mission-slot"]);
      assert.deepEqual([response.statusCode, text], [200, expected ?? slot]);
      this.answers.push({ id, slot });
    } catch (error) {
      this.failures.push(`${id}: ${String(error)}`);
    }
  }
}
