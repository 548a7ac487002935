// Stores of disposables: reverse order, once, also after the end, also when one fails.
import assert from 'node:assert/strict';
import { AsyncDisposableStore, DisposableStore, toDisposable } from '../../../server/common/lifecycle.ts';

describe('lifecycle', () => {
  it('ends members once, newest first, and latecomers at once', () => {
    const seen: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => seen.push('a')));
    store.add(toDisposable(() => seen.push('b')));
    store.dispose();
    store.dispose();
    store.add(toDisposable(() => seen.push('late')));
    assert.deepEqual(seen, ['b', 'a', 'late']);
  });

  it('ends all async members even if one fails, then tells the fault', async () => {
    const seen: string[] = [];
    const store = new AsyncDisposableStore();
    store.add({ dispose: async () => void seen.push('a') });
    store.add({ dispose: () => Promise.reject(new Error('stuck')) });
    await assert.rejects(store.dispose(), /stuck/);
    await assert.rejects(store.dispose(), /stuck/);
    assert.deepEqual(seen, ['a']);
  });
});
