import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { removeTree } from "../../../artifacts/remove-tree.js";
import { ArtifactStore } from "../../../artifacts/store.js";
import { buildRelease } from "../../../runner/release/build-release.js";
import { emptyFolder, listing, npmServerCodebase, projectRoot, removeCodebases } from "../../support/codebases.js";

const files = { "public/index.html": "<h1>served</h1>\n" };

/** Small servers that many use, each as its documentation starts it. */
const servers = [
  { name: "http-server", start: "http-server public -a $HOST" },
  { name: "sirv-cli", start: "sirv public --host $HOST --port $PORT" },
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const connected = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

describe("a release of an unmodified server from npm", function () {
  this.timeout(30_000);
  afterEach(removeCodebases);

  for (const { name, start } of servers) {
    it(`serves from the stored artifact of ${name}, with nothing but a start script`, async () => {
      const store = new ArtifactStore(join(await emptyFolder("store"), "artifacts"));
      const codebase = await npmServerCodebase(name, { start, files });
      const release = await buildRelease({ codebase, store, onOutput: () => undefined });
      assert.equal(release.version, "1.0.0");
      assert.equal(release.application, `site-with-${name}`);
      const { command, digest } = release.services["web"] ?? assert.fail("no service");
      // What runs is the artifact alone.
      await removeTree(codebase);
      const port = await freePort();
      const [program = "", ...args] = command;
      const server = spawn(program, args, { cwd: store.path(digest), env: { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: String(port) }, stdio: "ignore" });
      try {
        while (!(await accepts(port))) {
          assert.equal(server.exitCode, null, "the server has ended");
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        const answer = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(answer.status, 200);
        assert.equal(await answer.text(), files["public/index.html"]);
      } finally {
        server.kill("SIGTERM");
        await once(server, "exit");
      }
      await store.verify(digest);
    });
  }

  it("has exactly the packages that the server needs, and no other of this project", async () => {
    const folder = await npmServerCodebase("sirv-cli", { start: "sirv" });
    const packages = (await listing(join(folder, "node_modules"))).filter((path) => /^(@[^/]+\/)?[^@./][^/]*\/$/.test(path));
    assert.deepEqual(packages, ["@polka/url/", "console-clear/", "get-port/", "kleur/", "local-access/", "mri/", "mrmime/", "sade/", "semiver/", "sirv-cli/", "sirv/", "tinydate/", "totalist/"]);
    assert.ok(existsSync(join(projectRoot(), "node_modules", "mocha")));
    await assert.rejects(npmServerCodebase("no-such-package", { start: "x" }), /Package "no-such-package" is not installed below ".*"; install it with: npm install --save-dev no-such-package$/);
  });
});
