import { createServer } from "node:http";
import { shop } from "./app.mjs";
import { readSettings } from "./settings.mjs";

/** Exit code of a process whose configuration is wrong (sysexits.h, EX_CONFIG). */
const WRONG_CONFIGURATION = 78;
/** Milliseconds; longer than the load balancer lets a connection be silent (60 s), or it would send a request into one that was just closed, and answer 502. */
const KEEP_ALIVE = 65_000;

const { settings, mistakes } = readSettings(process.env);
if (mistakes !== undefined) {
  for (const mistake of mistakes) console.error(mistake);
  process.exit(WRONG_CONFIGURATION);
}

const server = createServer(shop(settings));
server.keepAliveTimeout = KEEP_ALIVE;
server.headersTimeout = KEEP_ALIVE + 1_000;
server.listen(settings.port, settings.host, () => {
  const { address, port } = server.address();
  console.log(JSON.stringify({ listening: `http://${address}:${port}`, release: settings.release, slot: settings.slot }));
});

// ECS has taken the task out of its target group by then; what is under way is still answered.
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
