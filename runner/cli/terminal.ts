/** Progress and words for a person go to standard error, data to standard output. */
export interface Terminal {
  /** One line for a person. */
  say(line: string): void;
  /** Data: what a script reads. */
  print(text: string): void;
}

export const terminal: Terminal = {
  say: (line) => void process.stderr.write(`${line}\n`),
  print: (text) => void process.stdout.write(`${text}\n`),
};

// Who reads only the beginning (`mission history | head`) has made no mistake, and none of this program.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
