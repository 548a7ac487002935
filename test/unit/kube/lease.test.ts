// What to do with a lease: taken when free or unchanged for its duration as seen from here, whatever times stand in it.
import assert from 'node:assert/strict';
import {
  decideLease,
  leaseSeconds,
  nextLeaseSpec,
  observeLease,
  retryMs,
  type Lease,
} from '../../../server/kube/lease.ts';

const leaseOf = (holderIdentity: string, resourceVersion = '1', spec: Lease['spec'] = {}): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'leader', namespace: 'n', resourceVersion },
  spec: { holderIdentity, leaseDurationSeconds: 10, ...spec },
});

describe('lease', () => {
  it('is taken when there is none, or nobody holds it', () => {
    assert.deepEqual(decideLease(undefined, 'me', 0), { kind: 'acquire' });
    assert.deepEqual(decideLease({ lease: leaseOf(''), sinceMs: 0 }, 'me', 0), { kind: 'acquire' });
    const bare = { ...leaseOf(''), spec: undefined };
    assert.deepEqual(decideLease({ lease: bare, sinceMs: 0 }, 'me', 0), { kind: 'acquire' });
  });

  it('is renewed by its holder', () =>
    assert.deepEqual(decideLease({ lease: leaseOf('me'), sinceMs: 0 }, 'me', 99_000), { kind: 'renew' }));

  it('is waited for while it changes, and looked at when it runs out', () => {
    const observed = { lease: leaseOf('other'), sinceMs: 1_000 };
    assert.deepEqual(decideLease(observed, 'me', 1_000), { kind: 'wait', forMs: retryMs });
    assert.deepEqual(decideLease(observed, 'me', 10_400), { kind: 'wait', forMs: 600 });
    assert.deepEqual(decideLease(observed, 'me', 11_000), { kind: 'acquire' });
  });

  it('is judged by what was seen here: times of other machines count for nothing', () => {
    for (const renewTime of ['1999-01-01T00:00:00.000000Z', '2999-01-01T00:00:00.000000Z']) {
      const lease = leaseOf('other', '1', { renewTime });
      assert.equal(decideLease({ lease, sinceMs: 0 }, 'me', 9_999).kind, 'wait');
      assert.equal(decideLease({ lease, sinceMs: 0 }, 'me', 10_000).kind, 'acquire');
    }
  });

  it('is another observation when it was written, the same one when it was only read again', () => {
    const first = observeLease(undefined, leaseOf('other', '1'), 100);
    assert.deepEqual(first, { lease: leaseOf('other', '1'), sinceMs: 100 });
    assert.equal(observeLease(first, leaseOf('other', '1'), 900), first);
    assert.equal(observeLease(first, leaseOf('other', '2'), 900)?.sinceMs, 900);
    assert.equal(observeLease(first, undefined, 900), undefined);
    assert.equal(observeLease(undefined, undefined, 900), undefined);
  });

  it('keeps when it was acquired, counts its holders, and has none after its release', () => {
    const at = Date.UTC(2026, 0, 1);
    const acquired = nextLeaseSpec(undefined, 'acquire', 'me', at);
    assert.deepEqual(acquired, {
      holderIdentity: 'me',
      leaseDurationSeconds: leaseSeconds,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
    const renewed = nextLeaseSpec({ ...leaseOf('me'), spec: acquired }, 'renew', 'me', at + 2_000);
    assert.deepEqual(renewed, { ...acquired, renewTime: '2026-01-01T00:00:02.000000Z' });
    const taken = nextLeaseSpec({ ...leaseOf('me'), spec: renewed }, 'acquire', 'you', at + 20_000);
    assert.equal(taken.leaseTransitions, 1);
    assert.equal(nextLeaseSpec({ ...leaseOf('you'), spec: taken }, 'release', 'you', at).holderIdentity, '');
  });
});
