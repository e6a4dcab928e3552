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
