// Tests of who a request comes from.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { clientAddressOf, requestIdOf } from '../../../server/gateway/client.ts';

const from = (headers: Record<string, string>) =>
  ({ headers, socket: { remoteAddress: '10.0.0.9' } }) as unknown as IncomingMessage;

describe('client of a request', () => {
  it('is the peer, as long as no proxy is believed', () => {
    assert.equal(clientAddressOf(from({ 'x-forwarded-for': '192.0.2.1' }), 0), '10.0.0.9');
  });

  it('is found behind as many proxies as are believed, and no further', () => {
    const request = from({ 'x-forwarded-for': 'made up, 192.0.2.1, 10.0.0.8' });
    assert.equal(clientAddressOf(request, 1), '10.0.0.8');
    assert.equal(clientAddressOf(request, 2), '192.0.2.1');
    assert.equal(clientAddressOf(from({ 'x-forwarded-for': '192.0.2.1' }), 5), '192.0.2.1');
    assert.equal(clientAddressOf(from({ 'x-forwarded-for': ' , ' }), 1), '10.0.0.9');
    assert.equal(clientAddressOf(from({}), 1), '10.0.0.9');
  });

  it('has the id that a proxy of ours gave, if it looks like one', () => {
    const given = from({ 'x-request-id': 'from-a-proxy' });
    assert.equal(requestIdOf(given, 1), 'from-a-proxy');
    assert.match(requestIdOf(given, 0), /^[0-9a-f-]{36}$/);
    assert.match(requestIdOf(from({ 'x-request-id': 'a b"c' }), 1), /^[0-9a-f-]{36}$/);
  });
});
