// Objects that live for a time only, such as events: removed that long after their last write.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import { DisposableStore } from '../common/lifecycle.ts';
import type { Registry } from './registry.ts';
import type { Store } from './store.ts';
import type { Kind } from './types.ts';

const sweepPeriodMs = 60_000;

export function createExpiry({
  store,
  registry,
  clock,
}: {
  store: Store;
  registry: Registry;
  clock: Clock;
}): Disposable {
  const ends = new DisposableStore();
  const mortal = registry.kinds.filter(
    ({ strategy, conversion }) => strategy.timeToLiveMs !== undefined && !conversion,
  );
  if (!mortal.length) return ends;
  const sweeps = mortal.map((kind) => watchOver(kind));
  ends.add(clock.every(sweepPeriodMs, () => sweeps.forEach((sweep) => sweep())));
  return ends;

  function watchOver(kind: Kind): () => void {
    // In order of their last write: what is written again goes to the end.
    const writtenAtMs = new Map<string, { name: string; namespace: string | undefined; atMs: number }>();
    ends.add(
      store.subscribe(kind, ({ type, object: { metadata } }) => {
        const { name, namespace } = metadata;
        const key = `${namespace ?? ''}/${name}`;
        writtenAtMs.delete(key);
        if (type !== 'DELETED') writtenAtMs.set(key, { name, namespace, atMs: clock.now() });
      }),
    );
    return () => {
      const beforeMs = clock.now() - (kind.strategy.timeToLiveMs ?? 0);
      for (const { name, namespace, atMs } of [...writtenAtMs.values()]) {
        if (atMs > beforeMs) break;
        store.remove(kind, name, namespace);
      }
    };
  }
}
