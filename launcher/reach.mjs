// Exits 0 when the address answers with a script, as the official installer does; a network that answers everything with
// its own page does not count. The caller sets the time limit.

const address = process.argv[2] ?? "";
try {
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok || !text.startsWith("#!")) throw new Error(`it answered ${response.status} and no script`);
} catch (error) {
  console.error(`'${address}' cannot be used: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
