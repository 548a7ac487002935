// Waits for a condition without sleeping: turns of the event loop, until it holds or a bound in time is over.
const boundMs = 10_000;

/** Resolves with what `probe` returns as soon as it is truthy; throws with `what` after ten seconds. `step` runs between looks. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | null,
  step?: () => Promise<void>,
): Promise<T> {
  const endMs = Date.now() + boundMs;
  for (;;) {
    const value = probe();
    if (value) return value;
    if (Date.now() > endMs) throw new Error(`never happened: ${what}`);
    await (step ? step() : new Promise((resolve) => setImmediate(resolve)));
  }
}
