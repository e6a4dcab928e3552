import { join } from "node:path";
import { specDigest } from "../model/slot-spec.js";
import { projectRoot } from "../runner/engine/engine-environment.js";
import { serviceInputs, shownSpec, slotLeaf, splitLeaf, state } from "../test/policies/invariants/support.js";
import { DeclaredProgram, type DeclaredResource } from "../test/support/declared-program.js";
import { MissionProject } from "../test/support/mission-project.js";
import { specOf } from "../test/support/specs.js";
import { figuresOf, row, timed } from "./support/figures.js";

/*
 * What the policy pack costs: a no-op `preview` of one service with the pack, with an empty pack and with none, in turns, so that a slow moment of the machine hits
 * all three; and the same of a stack of 1,000 resources, for the cost of each. Goals: 0.5 s over an empty pack, 5 ms a resource.
 */

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const RESOURCES = Number(process.env["RESOURCES"] ?? 1_000);
const STACK = "cost-staging";

/** A service that stays as it is, with components in the place of its leaves: these need no platform, and policies look at them as at any other resource. */
function service(name: string): DeclaredResource[] {
  const [old, candidate] = [specOf("1.0.0", { service: name }), specOf("1.1.0", { service: name })];
  const still = state(0, { slots: { blue: { spec: specDigest(old), instances: old.size }, green: { spec: specDigest(candidate), instances: candidate.size } } });
  const specs = { blue: shownSpec(old), green: shownSpec(candidate) };
  return [
    { type: "mission:index:BlueGreenService", name, inputs: serviceInputs({ service: name, mode: "keep", transition: "none", previous: still, wanted: still, specs }) },
    { type: "bench:index:Slot", name: `${name}-blue`, inputs: slotLeaf("blue").props, parent: name },
    { type: "bench:index:Slot", name: `${name}-green`, inputs: slotLeaf("green").props, parent: name },
    { type: "bench:index:TrafficSplit", name: `${name}-split`, inputs: splitLeaf().props, parent: name },
  ];
}

/** Services of four resources each, `count` resources in all. */
function services(count: number): DeclaredResource[] {
  return Array.from({ length: Math.ceil(count / 4) }, (_, index) => service(`web-${index}`)).flat().slice(0, count);
}

async function main(): Promise<void> {
  const program = new DeclaredProgram(MissionProject.create());
  const packs: Readonly<Record<string, readonly string[]>> = { "the pack": ["--policy-pack", join(projectRoot(), "policies")], "an empty pack": ["--policy-pack", program.emptyPack()], "no pack": [] };
  try {
    await program.pulumi("stack", "init", STACK);
    const small = await compare(program, "1 service", service("web"), packs);
    const large = await compare(program, `${RESOURCES} resources`, services(RESOURCES), packs);
    const over = (times: Readonly<Record<string, number[]>>) => figuresOf((times["the pack"] ?? []).map((each, round) => each - (times["an empty pack"]?.[round] ?? Number.NaN))).median;
    console.log(`the pack over an empty one, 1 service, median of pairs: ${over(small).toFixed(0)} ms (goal <= 500 ms)`);
    console.log(`the pack over an empty one, a resource of ${RESOURCES}, median of pairs: ${(over(large) / RESOURCES).toFixed(2)} ms (goal <= 5 ms)`);
  } finally {
    program.remove();
  }
}

/** Times of a no-op preview, by pack. */
async function compare(program: DeclaredProgram, what: string, resources: readonly DeclaredResource[], packs: Readonly<Record<string, readonly string[]>>): Promise<Record<string, number[]>> {
  program.declares(resources);
  const must = async (...args: string[]) => {
    const finished = await program.pulumi(...args, "--stack", STACK);
    if (finished.code !== 0) throw new Error(finished.all);
  };
  await must("up", "--yes", "--skip-preview");
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(packs).map((pack) => [pack, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [pack, flags] of Object.entries(packs)) {
      const time = await timed(() => must("preview", ...flags));
      if (round > 0) times[pack]?.push(time);
    }
  }
  for (const [pack, each] of Object.entries(times)) console.log(row(`no-op preview, ${what}, ${pack}`, figuresOf(each)));
  const ratio = (a: string, b: string) => figuresOf((times[a] ?? []).map((each, round) => each / (times[b]?.[round] ?? Number.NaN))).median.toFixed(2);
  console.log(`no-op preview, ${what}, ratio of pairs: the pack to an empty one ${ratio("the pack", "an empty pack")}, to none ${ratio("the pack", "no pack")}`);
  return times;
}

void main();
