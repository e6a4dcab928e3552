import { connect } from "node:net";
import { formatDuration } from "../../model/duration.js";
import { kindOf } from "../prober/outcome.js";
import { failed, notMade, PASSED, type Ending } from "./check-result.js";
import { inWords } from "./send-request.js";

/** Whether `host:port` (or `[address]:port`) accepts a connection; it is closed at once. */
export async function connectTcp(address: string, limitMs: number, signal?: AbortSignal): Promise<Ending> {
  const match = /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(address);
  const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])];
  if (host === undefined || port < 1 || port > 65_535) return notMade("with its variables replaced this is no host:port");
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (ending: Ending) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      socket.destroy();
      resolve(ending);
    };
    const stop = () => end(notMade("the check was interrupted"));
    const timer = setTimeout(() => end(failed(`no connection was accepted within ${formatDuration(limitMs)}`)), limitMs);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    socket.once("connect", () => end(PASSED)).on("error", (error) => end(failed(inWords(kindOf(error, false), error))));
  });
}
