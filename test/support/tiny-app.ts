import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server that answers with its version and its variables; `/slow` streams for a while. Starts in some 40 ms. */
const SERVER = `
const http = require("node:http");
const server = http.createServer((request, response) => {
  if (request.url === "/healthz") return response.end(process.env.HEALTH === "bad" ? (response.statusCode = 503, "no") : "ok");
  const id = request.headers["x-request-id"];
  if (id) console.log(JSON.stringify({ id, slot: process.env.MISSION_SLOT }));
  if (request.url.startsWith("/stream")) {
    let left = 10;
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => { response.write("tick\\n"); if (--left === 0) { clearInterval(timer); response.end("end\\n"); } }, 100);
    return;
  }
  response.end(JSON.stringify({ version: VERSION, pid: process.pid, greeting: process.env.GREETING ?? null }));
});
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

/** Writes a codebase that needs no build; `name` becomes the application's and its stacks'. */
export function tinyApp(name: string, missionYaml: (service: string) => string = (service) => service): string {
  const folder = mkdtempSync(join(tmpdir(), `mission-app-${name}-`));
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
  const service = [
    `name: ${name}`,
    "build: node build.cjs",
    "services:",
    "  web:",
    "    artifact: app",
    "    command: [node, server.cjs]",
    "    readiness: { http: /healthz, interval: 100ms }",
    "    variables: { GREETING: { default: hello }, HEALTH: { default: good } }",
    "",
  ].join("\n");
  writeFileSync(join(folder, "mission.yaml"), missionYaml(service));
  writeFileSync(join(folder, "server.template"), SERVER);
  writeFileSync(join(folder, "build.cjs"), `const fs = require("node:fs"); fs.writeFileSync("app/server.cjs", "const VERSION = " + JSON.stringify(process.env.MISSION_VERSION) + ";" + fs.readFileSync("server.template", "utf8"));`);
  return folder;
}
