// Waits for a condition without sleeping: turns of the event loop, until it holds or a bound in time is over.
const defaultBoundMs = 10_000;

type Found<T> = T | undefined | false | null;

/** Resolves with what `probe` returns as soon as it is truthy; throws with `what` after `boundMs` (ten seconds). `step` runs between looks. */
export async function until<T>(
  what: string,
  probe: () => Found<T> | Promise<Found<T>>,
  step?: () => Promise<void>,
  boundMs = defaultBoundMs,
): Promise<T> {
  const endMs = Date.now() + boundMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > endMs) throw new Error(`never happened: ${what}`);
    await (step ? step() : new Promise((resolve) => setImmediate(resolve)));
  }
}
