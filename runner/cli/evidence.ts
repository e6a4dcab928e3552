import type { Command } from "commander";
import type { AddEvidenceOptions } from "./commands/evidence.js";
import type { Terminal } from "./terminal.js";

const ADD = `
Everything is about the release in the stack's configuration (./mission release writes it): its application, its commit and the digests of its artifacts.
A report with a failed test, or without one that was executed, is refused: a failed result is no evidence. All that is given is added, or nothing is.

  ./mission evidence add --stack shop-staging --junit reports/*.xml --key ci
  ./mission evidence add --stack shop-production --provenance shop.intoto.json --trusted-key builder.pub.pem --key ci --expires 3d
  ./mission evidence add --stack shop-production --statement approval.json

Provenance that somebody else has signed is kept as it came. What the stack refers to is a statement of yours, signed by --key, that names the envelope by
its hash, its builder and its commit, and says that you have verified the signature of --trusted-key (docs/decisions/0010-evidence-of-others.md).

Exit codes: 0 added, 2 wrong usage or configuration, 3 a key cannot be read, 5 refused, 7 somebody is changing the stack.`;

/** The commands for evidence that a CI of one's own makes, and for looking at what a stack rests on. */
export function addEvidence(program: Command, terminal: Terminal): void {
  const evidence = program.command("evidence").description("What a stack's changes rest on: signed statements about its release.");

  evidence
    .command("add")
    .description("Signs and stores what a CI of your own has found out, and refers to it in this machine's copy of the stack's file.")
    .requiredOption("--stack <name>", "stack whose release it is about")
    .option("--junit <file...>", "reports of tests in JUnit XML; several are added up")
    .option("--ctrf <file...>", "reports of tests in CTRF JSON; several are added up")
    .option("--provenance <file...>", "DSSE envelopes with SLSA provenance v1, signed by whoever built; needs --trusted-key")
    .option("--trusted-key <file>", "public key in PEM that must have signed the provenance: Ed25519, or ECDSA on P-256 or P-384")
    .option("--statement <file...>", "DSSE envelopes with statements of ours, signed by a key that the policy pack trusts, such as an approval")
    .option("--key <name>", "key of this machine that signs (mission keys); default: the development key, which only sandbox stacks trust")
    .option("--expires <duration>", "how long it counts, 1m to 30d", "7d")
    .option("--json", "print what was added as JSON")
    .addHelpText("after", ADD)
    .action(async (options: AddEvidenceOptions) => (await import("./commands/evidence.js")).add(options, terminal));

  evidence
    .command("list <stack>")
    .description("Lists the evidence of a stack: what it is, about which services, since and until when, signed by which key, and whether it counts here.")
    .option("--json", "as JSON")
    .action(async (stack: string, { json }: { json?: boolean }) => (await import("./commands/evidence.js")).list(stack, json === true, terminal));

  evidence
    .command("verify <stack-or-sha256>")
    .description("Verifies all evidence of a stack against its release, or one piece by the hash of its envelope against itself. Ends with 0 when all of it counts, with 5 when any does not, or there is none.")
    .option("--json", "as JSON")
    .action(async (what: string, { json }: { json?: boolean }) => (await import("./commands/evidence.js")).verify(what, json === true, terminal));
}
