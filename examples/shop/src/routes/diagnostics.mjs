import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../refusal.mjs";

/**
 * Routes that show how connections behave: an echo, a stream that ends, and server-sent events that do not.
 * @param {import("../app.mjs").App} app
 * @returns {import("../http/router.mjs").Route[]}
 */
export function diagnosticRoutes({ build, settings, stopping }) {
  return [
    {
      method: "POST",
      path: "/echo",
      async handle({ request, response }) {
        const length = request.headers["content-length"];
        // Not the sender's content type: an echo of HTML would be a page of this site.
        response.writeHead(200, { "content-type": "application/octet-stream", ...(length && { "content-length": length }) });
        await quietly(pipeline(request, response));
      },
    },
    {
      method: "GET",
      path: "/stream",
      streams: true,
      async handle({ response, url }) {
        const seconds = numberIn(url, "seconds", { least: 0, most: 3600, otherwise: 5 });
        const interval = numberIn(url, "interval", { least: 10, most: 60_000, otherwise: 1000 });
        const ticks = Math.floor((seconds * 1000) / interval);
        response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
        await send(response, async function* (signal) {
          const start = performance.now();
          for (let tick = 1; tick <= ticks; tick += 1) {
            await sleep(Math.max(0, start + tick * interval - performance.now()), undefined, { signal });
            yield `tick ${tick} of ${ticks}\n`;
          }
          yield "end\n";
        });
      },
    },
    {
      method: "GET",
      path: "/events",
      streams: true,
      async handle({ response }) {
        response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
        await send(response, async function* (closed) {
          const data = JSON.stringify({ version: build.version, slot: settings.slot });
          const signal = AbortSignal.any([closed, stopping]);
          yield "retry: 1000\n\n";
          for (let id = 1; !signal.aborted; id += 1) {
            yield `id: ${id}\nevent: tick\ndata: ${data}\n\n`;
            await sleep(1000, undefined, { signal }).catch(() => {});
          }
        });
      },
    },
  ];
}

/** Writes what a generator yields and ends the response; the generator's signal is aborted when the client leaves. */
async function send(response, generate) {
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  response.flushHeaders();
  await quietly(pipeline(Readable.from(generate(closed.signal)), response));
}

/** A client that leaves in the middle is no error of the shop. */
async function quietly(work) {
  await work.catch((error) => {
    if (error.code !== "ERR_STREAM_PREMATURE_CLOSE" && error.code !== "ECONNRESET" && error.name !== "AbortError") throw error;
  });
}

function numberIn(url, name, { least, most, otherwise }) {
  const text = url.searchParams.get(name);
  const value = text === null ? otherwise : Number(text);
  if (text === "" || !(value >= least && value <= most)) {
    throw new Refusal(400, `"${name}" is ${JSON.stringify(text)}; allowed is a number from ${least} to ${most}.`);
  }
  return value;
}
