"use strict";

// Runs one slow step of the set-up and shows on stderr that it lives:
//
//   node step.cjs LABEL LOG [--cwd FOLDER] [--limit SECONDS] [--beat FILE] [--every SECONDS] [--tail LINES] -- COMMAND ARG...
//
// On a terminal one line is updated in place every second, elsewhere a line comes every 15 s. The command's output goes to
// LOG; its end is shown when the command fails (`--tail 0`: it is not). The command runs in its own process group, which is
// ended as a whole on a signal, at the limit, and when the launcher is gone. FILE, the owner file of a lock, is touched while
// the command runs, and the command's process is noted beside it in `work`. Exit codes: the command's, 124 at the limit, 127
// when it cannot be started, 130 on a signal. Runs on any Node that npm runs on.

const { spawn, spawnSync } = require("node:child_process");
const { closeSync, mkdirSync, openSync, readFileSync, utimesSync, writeFileSync } = require("node:fs");
const { dirname, join } = require("node:path");

/** `42 s`, `3 min 20 s` */
function elapsed(since) {
  const seconds = Math.round((Date.now() - since) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function parse(argv) {
  const [label, log, ...rest] = argv;
  const options = { cwd: undefined, limit: Infinity, beat: undefined, every: 15, tail: 30 };
  while (rest[0] !== "--") {
    const name = rest.shift().slice(2);
    const value = rest.shift();
    options[name] = name === "beat" || name === "cwd" ? value : Number(value);
  }
  return { label, log, command: rest.slice(1), ...options };
}

/** What tells a process from a later one with the same number; the same text as process_start in lock.sh. */
function processStart(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 1).trim().split(" ")[19];
  } catch {
    return spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).stdout?.trim().replace(/ +/g, "-") ?? "";
  }
}

const { label, log, command, cwd, limit, beat, every, tail } = parse(process.argv.slice(2));
const terminal = process.stderr.isTTY === true;
const started = Date.now();
const launcher = process.ppid;

const clearLine = () => terminal && process.stderr.write("\r\x1b[K");
const line = (text) => {
  clearLine();
  process.stderr.write(`mission: ${text}\n`);
};
const show = () => {
  if (!terminal) return line(`${label}: ${elapsed(started)} so far`);
  const text = `mission: ${label}: ${elapsed(started)}`;
  process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
};

/** The end of the command's output, or all of it when it is short. */
function showOutput() {
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  if (lines.length > tail) line(`the last ${tail} of ${lines.length} lines of its output, all of it is in '${log}':`);
  process.stderr.write(`${lines.slice(-tail).join("\n")}\n`);
}

// A closed terminal must not keep this process from ending its command.
process.stderr.on("error", () => {});
mkdirSync(dirname(log), { recursive: true });
const output = openSync(log, "w");
const child = spawn(command[0], command.slice(1), { cwd, detached: true, stdio: ["ignore", output, output] });
closeSync(output);
if (beat !== undefined && child.pid !== undefined) {
  try {
    writeFileSync(join(dirname(beat), "work"), `${child.pid} ${processStart(child.pid)}\n`);
  } catch {
    // The lock is gone: its holder is ending.
  }
}

let ending;
const endGroup = (signal) => {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
};
const end = (code) => {
  if (ending !== undefined) return;
  ending = code;
  endGroup("SIGTERM");
  // npm finishes what it is at before it looks at signals.
  setTimeout(() => endGroup("SIGKILL"), 2000).unref();
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(130));
if (limit !== Infinity) setTimeout(() => end(124), limit * 1000).unref();

let seconds = 0;
setInterval(() => {
  seconds += 1;
  if (process.ppid !== launcher) end(130);
  if (terminal || seconds % every === 0) show();
  try {
    if (beat !== undefined) utimesSync(beat, new Date(), new Date());
  } catch {
    // The lock is gone: its holder is ending.
  }
}, 1000).unref();
if (terminal) show();
else line(label);

child.on("error", (error) => {
  line(`${label}: '${command[0]}' cannot be started (${error.code})`);
  process.exit(127);
});
child.on("close", (code) => {
  // What the command left behind in its group must not outlive it when it was ended.
  if (ending !== undefined) endGroup("SIGKILL");
  const result = ending ?? code ?? 1;
  if (result === 0) line(`${label}: done in ${elapsed(started)}`);
  else if (result === 130) line(`${label}: interrupted after ${elapsed(started)}`);
  else if (result === 124) line(`${label}: stopped at its limit of ${limit} s`);
  else line(`${label}: failed after ${elapsed(started)} (exit code ${result})`);
  if (tail > 0 && result !== 0 && result !== 130) showOutput();
  process.exit(result);
});
