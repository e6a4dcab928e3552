import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { codebase, npmServerCodebase, removeCodebases } from "../support/codebases.js";
import { MissionProject } from "../support/mission-project.js";
import { skip } from "../support/skip.js";

/** Programs that this project did not write, deployed as they are. */
describe("any command as a service", function () {
  this.timeout(120_000);
  const project = MissionProject.create();
  after(async () => {
    await project.remove();
    await removeCodebases();
  });

  const deploy = async (folder: string, stack: string): Promise<Readonly<Record<string, string>>> => {
    await project.must("release", folder, "--version", "1.0.0", "--stack", stack);
    const finished = await project.up(stack);
    assert.equal(finished.code, 0, finished.all);
    const { services } = await project.sandbox(stack);
    return Object.fromEntries(Object.entries(services).map(([service, { endpoints }]) => [service, endpoints?.production ?? ""]));
  };
  const get = async (url: string | undefined) => {
    const response = await fetch(url ?? "");
    return { status: response.status, text: await response.text(), release: response.headers.get("x-mission-release") };
  };

  for (const [name, start] of [
    ["http-server", "http-server . -a $HOST -p $PORT"],
    ["sirv-cli", "sirv . --host $HOST --port $PORT"],
  ] as const) {
    it(`serves by ${name} from npm, unmodified, with nothing but a package.json`, async () => {
      const folder = await npmServerCodebase(name, { start, files: { "index.html": `<p>served by ${name}</p>` } });
      const application = `site-with-${name}`;
      const { web } = await deploy(folder, `${application}-staging`);
      const { status, text, release } = await get(web);
      assert.deepEqual([status, release], [200, "1.0.0"]);
      assert.match(text, new RegExp(`served by ${name}`));
    });
  }

  it("serves by Python and by a Go binary, two services of one application", async function () {
    for (const [program, flag] of [["python3", "--version"], ["go", "version"]] as const) {
      if (spawnSync(program, [flag]).status !== 0) skip(this, `there is no ${program} on this machine`);
    }
    const folder = await codebase({
      "mission.yaml": [
        "name: mixed",
        "services:",
        "  py: { artifact: py, command: exec python3 -m http.server $PORT --bind $HOST }",
        "  go: { artifact: go, command: [./server], readiness: { http: / } }",
        "",
      ].join("\n"),
      "py/index.html": "served by python",
      "go/go.mod": "module server\n\ngo 1.21\n",
      "go/main.go": 'package main\n\nimport (\n\t"fmt"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n\thttp.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "served by go") })\n\tif err := http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), nil); err != nil {\n\t\tpanic(err)\n\t}\n}\n',
    });
    execFileSync("go", ["build", "-o", "server", "."], { cwd: join(folder, "go"), env: { ...process.env, CGO_ENABLED: "0" } });
    const urls = await deploy(folder, "mixed-staging");
    assert.match((await get(urls["py"])).text, /served by python/);
    assert.match((await get(urls["go"])).text, /served by go/);
  });
});
