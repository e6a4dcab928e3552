import { loadProgram, type LoadedProgram } from "../test/support/loaded-program.js";
import { figuresOf, row } from "./support/figures.js";

/*
 * What a stack's program costs before it declares anything: time and memory until its platform is loaded, on the sandbox, on AWS, and for a program that loads nothing but
 * the engine's SDK. They take turns, so that a slow moment of the machine hits all.
 */

const ROUNDS = Number(process.env["ROUNDS"] ?? 7);
const PROGRAMS = { "only the SDK": null, "a sandbox stack": "sandbox", "an AWS stack": "aws" } as const;

async function main(): Promise<void> {
  const all = new Map<string, LoadedProgram[]>(Object.keys(PROGRAMS).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, platform] of Object.entries(PROGRAMS)) {
      const loaded = await loadProgram(platform);
      // The first round fills the caches of compiled code and of files.
      if (round > 0) all.get(name)?.push(loaded);
    }
  }
  const median = (name: string, of: (loaded: LoadedProgram) => number) => figuresOf((all.get(name) ?? []).map(of)).median;
  for (const name of Object.keys(PROGRAMS)) {
    console.log(row(`start-up, ${name}`, figuresOf((all.get(name) ?? []).map(({ milliseconds }) => milliseconds))));
    console.log(`  memory ${median(name, ({ memory }) => memory).toFixed(0)} MiB, ${median(name, ({ modules }) => modules.length)} modules`);
  }
  const ratio = (of: (loaded: LoadedProgram) => number) => (median("an AWS stack", of) / median("a sandbox stack", of)).toFixed(2);
  console.log(`an AWS stack against a sandbox stack: time ${ratio(({ milliseconds }) => milliseconds)}, memory ${ratio(({ memory }) => memory)}`);
}

void main();
