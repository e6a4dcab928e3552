import http from "node:http";
import type { AddressInfo } from "node:net";

/* A backend that does next to nothing, as a process of its own: answers its name, and tells its parent the port it listens on. */

const name = process.argv[2] ?? "";
const server = http.createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/plain", "content-length": name.length });
  response.end(name);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
