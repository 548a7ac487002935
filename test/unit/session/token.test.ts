// Tests of the token that the gateway shows to an agent.
import assert from 'node:assert/strict';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { createManualClock } from '../../../server/common/clock.ts';
import { createTokenKey, createTokenSigner } from '../../../server/session/index.ts';

describe('agent token', () => {
  const clock = createManualClock();

  it('is for one pod and user, for half a minute, and verified by the public keys that the pod is given', async () => {
    const { podKeys, sign } = await createTokenSigner([createTokenKey()], clock);
    assert.doesNotMatch(podKeys.publicKeys, /"d"/, 'no private key leaves the gateway');
    const token = await sign({ podUid: 'uid-1', userId: '7', keyId: podKeys.keyId });
    const keys = createLocalJWKSet(JSON.parse(podKeys.publicKeys) as JSONWebKeySet);
    const verify = (audience: string, lateMs = 0) =>
      jwtVerify(token, keys, { issuer: 'playground-gateway', audience, currentDate: new Date(clock.now() + lateMs) });
    const { payload, protectedHeader } = await verify('agent:uid-1');
    assert.equal(protectedHeader.alg, 'EdDSA');
    assert.deepEqual([payload.sub, payload.aud], ['7', 'agent:uid-1']);
    await assert.rejects(verify('agent:uid-2'), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
    await assert.rejects(verify('agent:uid-1', 31_000), { code: 'ERR_JWT_EXPIRED' });
  });

  it('is signed with the key that the pod was made for, as long as that is there', async () => {
    const [oldSeed, newSeed] = [createTokenKey(), createTokenKey()];
    const before = await createTokenSigner([oldSeed], clock);
    const after = await createTokenSigner([newSeed, oldSeed], clock);
    assert.notEqual(after.podKeys.keyId, before.podKeys.keyId, 'new pods get the first key');
    const forOldPod = await after.sign({ podUid: 'u', userId: '7', keyId: before.podKeys.keyId });
    const oldKeys = createLocalJWKSet(JSON.parse(before.podKeys.publicKeys) as JSONWebKeySet);
    await jwtVerify(forOldPod, oldKeys, { currentDate: new Date(clock.now()) });
    const { sign } = await createTokenSigner([newSeed], clock);
    await assert.rejects(sign({ podUid: 'u', userId: '7', keyId: before.podKeys.keyId }), /not among TOKEN_KEYS/);
  });
});
