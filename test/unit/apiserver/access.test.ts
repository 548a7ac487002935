// Tests of who may do what: certificates, tokens, rules.
import assert from 'node:assert/strict';
import { createPrivateKey, createSign, createVerify, X509Certificate } from 'node:crypto';
import { parse } from 'yaml';
import {
  createAuthority,
  createCertificates,
  issueCertificate,
  readSubject,
} from '../../../server/apiserver/certificates.ts';
import { createAuthorizer, ensureAllowed, isRuleMatch } from '../../../server/apiserver/authorization.ts';
import { createTokenIssuer } from '../../../server/apiserver/tokens.ts';
import { parseRequestInfo } from '../../../server/apiserver/request-info.ts';
import { renderKubeconfig } from '../../../server/apiserver/kubeconfig.ts';
import type { ApiObject, Reader, UserInfo } from '../../../server/apiserver/types.ts';
import { createManualClock } from '../../../server/common/clock.ts';
import { status } from './fixtures.ts';

const nowMs = Date.UTC(2026, 0, 1);

describe('certificates', () => {
  it('chain to their authority and say whom they are for', async () => {
    const { ca, serving, issueClient } = await createCertificates({
      hosts: ['127.0.0.1', '::1', 'garden.local'],
      now: () => nowMs,
    });
    const authority = new X509Certificate(ca.certificate);
    const server = new X509Certificate(serving.certificate);
    assert.equal(authority.ca, true);
    assert.equal(server.ca, false);
    assert.ok(server.checkIssued(authority) && server.verify(authority.publicKey));
    assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
    assert.ok(server.checkIP('::1'));
    assert.equal(server.checkHost('garden.local'), 'garden.local');
    const client = await issueClient({ name: 'ünï, CN=x', groups: ['a', 'b'] }, 1_000);
    const certificate = new X509Certificate(client.certificate);
    assert.deepEqual(readSubject(certificate), { commonName: 'ünï, CN=x', organizations: ['a', 'b'] });
    assert.equal(Date.parse(certificate.validTo), nowMs + 1_000);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(client.key)));
  });

  it('of an RSA authority have a PKCS#1 key and sign, past 2050 too', async () => {
    const farMs = Date.UTC(2051, 0, 1);
    const ca = await createAuthority({ commonName: 'ca-client', algorithm: 'rsa', nowMs, validForMs: farMs - nowMs });
    assert.match(ca.key, /^-----BEGIN RSA PRIVATE KEY-----/);
    const leaf = await issueCertificate(ca, { subject: { commonName: 'x' }, usages: ['clientAuth'], nowMs });
    const authority = new X509Certificate(ca.certificate);
    assert.ok(new X509Certificate(leaf.certificate).verify(authority.publicKey));
    assert.equal(Date.parse(authority.validTo), farMs);
    const signature = createSign('sha256').update('x').sign(ca.key);
    assert.ok(createVerify('sha256').update('x').verify(authority.publicKey, signature));
  });
});

describe('kubeconfig', () => {
  it('has one context with all inside', () => {
    const text = renderKubeconfig({
      server: 'https://127.0.0.1:1',
      caCertificate: 'CA',
      context: 'garden',
      user: 'me',
      namespace: 'garden-local',
      credentials: { token: 't' },
    });
    assert.deepEqual(parse(text), {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'garden', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'Q0E=' } }],
      contexts: [{ name: 'garden', context: { cluster: 'garden', user: 'me', namespace: 'garden-local' } }],
      'current-context': 'garden',
      users: [{ name: 'me', user: { token: 't' } }],
    });
  });
});

const objects = (list: ApiObject[]): Reader => ({
  get: ({ plural }, name, namespace) =>
    list.find(
      ({ kind, metadata }) =>
        `${kind.toLowerCase()}s` === plural && metadata.name === name && metadata.namespace === namespace,
    ),
  list: ({ plural }, namespace) =>
    list.filter(
      ({ kind, metadata }) => `${kind.toLowerCase()}s` === plural && (!namespace || metadata.namespace === namespace),
    ),
});
const object = (kind: string, name: string, namespace: string | undefined, rest: object): ApiObject =>
  ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, namespace, ...('labels' in rest ? { labels: rest.labels } : {}) },
    ...rest,
  }) as unknown as ApiObject;

describe('tokens', () => {
  const account = object('ServiceAccount', 'robot', 'x', {});
  account.metadata.uid = 'uid-1';
  const claims = { namespace: 'x', name: 'robot', uid: 'uid-1', expirationSeconds: 600 };

  it('are taken until they expire, while their account lives', async () => {
    const clock = createManualClock();
    const list = [account];
    const issuer = createTokenIssuer({ reader: objects(list), now: () => clock.now() });
    const { token, expirationTimestamp } = issuer.issue(claims);
    assert.equal(Date.parse(expirationTimestamp) - clock.now(), 600_000);
    assert.deepEqual(issuer.authenticate(token), {
      name: 'system:serviceaccount:x:robot',
      uid: 'uid-1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:x', 'system:authenticated'],
    });
    await clock.advance(601_000);
    assert.equal(issuer.authenticate(token), undefined);
    const fresh = issuer.issue(claims).token;
    list.pop();
    assert.equal(issuer.authenticate(fresh), undefined);
  });

  it('are refused when they are not ours', () => {
    const issuer = createTokenIssuer({ reader: objects([account]), now: () => nowMs });
    const other = createTokenIssuer({ reader: objects([account]), now: () => nowMs });
    const [header, payload, signature] = issuer.issue(claims).token.split('.');
    const forged = Buffer.from(JSON.stringify({ sub: 'admin' })).toString('base64url');
    const audience = issuer.issue({ ...claims, audiences: ['elsewhere'] }).token;
    const wrong = [
      '',
      'x',
      'a.b.c',
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.`,
      'x'.repeat(9_000),
      audience,
    ];
    for (const token of [...wrong, other.issue(claims).token])
      assert.equal(issuer.authenticate(token), undefined, token);
  });
});

describe('authorizer', () => {
  const roles = [
    object('ClusterRole', 'reader', undefined, {
      labels: { 'aggregate-to-view': 'true' },
      rules: [{ verbs: ['get', 'list'], apiGroups: ['core.gardener.cloud'], resources: ['shoots'] }],
    }),
    object('ClusterRole', 'view', undefined, {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'aggregate-to-view': 'true' } }] },
    }),
    object('Role', 'one-secret', 'x', {
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'] }],
    }),
    object('ClusterRoleBinding', 'b1', undefined, {
      subjects: [{ kind: 'Group', name: 'readers' }],
      roleRef: { kind: 'ClusterRole', name: 'view' },
    }),
    object('RoleBinding', 'b2', 'x', {
      subjects: [
        { kind: 'User', name: 'joe' },
        { kind: 'ServiceAccount', name: 'robot' },
      ],
      roleRef: { kind: 'Role', name: 'one-secret' },
    }),
    object('RoleBinding', 'b3', 'x', {
      subjects: [{ kind: 'User', name: 'ann' }],
      roleRef: { kind: 'ClusterRole', name: 'reader' },
    }),
  ];
  const authorizer = createAuthorizer(objects(roles));
  const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] });
  const may = (who: UserInfo, method: string, url: string): boolean => {
    try {
      ensureAllowed(authorizer, who, parseRequestInfo(method, url));
      return true;
    } catch {
      return false;
    }
  };
  const shoots = (namespace: string) => `/apis/core.gardener.cloud/v1beta1/namespaces/${namespace}/shoots`;

  it('grants by user, group, service account, cluster role and aggregation, where the binding is', () => {
    assert.ok(may(user('sue', 'readers'), 'GET', shoots('any')));
    assert.ok(may(user('ann'), 'GET', shoots('x')));
    assert.ok(!may(user('ann'), 'GET', shoots('y')));
    assert.ok(!may(user('ann'), 'DELETE', `${shoots('x')}/a`));
    assert.ok(may(user('joe'), 'GET', '/api/v1/namespaces/x/secrets/mine'));
    assert.ok(!may(user('joe'), 'GET', '/api/v1/namespaces/x/secrets/other'));
    assert.ok(!may(user('joe'), 'GET', '/api/v1/namespaces/x/secrets'));
    assert.ok(may(user('system:serviceaccount:x:robot'), 'GET', '/api/v1/namespaces/x/secrets/mine'));
    assert.ok(!may(user('system:serviceaccount:y:robot'), 'GET', '/api/v1/namespaces/x/secrets/mine'));
    assert.ok(may(user('root', 'system:masters'), 'DELETE', '/api/v1/nodes/a'));
  });

  it('lets everybody see health, and users see discovery', () => {
    const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
    assert.ok(may(anonymous, 'GET', '/healthz'));
    assert.ok(!may(anonymous, 'GET', '/apis'));
    assert.ok(may(user('joe'), 'GET', '/apis/core.gardener.cloud'));
    assert.ok(!may(user('joe'), 'GET', '/metrics'));
  });

  it("refuses in Kubernetes' words", () => {
    const refusal = (method: string, url: string) => () =>
      ensureAllowed(authorizer, user('joe'), parseRequestInfo(method, url));
    assert.throws(
      refusal('GET', shoots('y')),
      status(
        403,
        'shoots.core.gardener.cloud is forbidden: User "joe" cannot list resource "shoots" in API group "core.gardener.cloud" in the namespace "y"',
      ),
    );
    assert.throws(
      refusal('PATCH', `${shoots('y')}/a/status`),
      status(
        403,
        'shoots.core.gardener.cloud "a" is forbidden: User "joe" cannot patch resource "shoots/status" in API group "core.gardener.cloud" in the namespace "y"',
      ),
    );
    assert.throws(
      refusal('GET', '/api/v1/nodes'),
      status(403, 'nodes is forbidden: User "joe" cannot list resource "nodes" in API group "" at the cluster scope'),
    );
    assert.throws(refusal('GET', '/api/v1/namespaces/y'), status(403, 'in the namespace "y"'));
    assert.throws(refusal('GET', '/metrics'), status(403, 'forbidden: User "joe" cannot get path "/metrics"'));
  });

  it('knows subresources and path prefixes', () => {
    const attributes = {
      isResource: true,
      verb: 'get',
      group: '',
      resource: 'pods',
      name: 'a',
      namespace: 'x',
    } as const;
    const rule = (...resources: string[]) => ({ verbs: ['*'], apiGroups: ['*'], resources });
    assert.ok(isRuleMatch(rule('pods/log'), { ...attributes, subresource: 'log' }));
    assert.ok(isRuleMatch(rule('*/log'), { ...attributes, subresource: 'log' }));
    assert.ok(!isRuleMatch(rule('pods'), { ...attributes, subresource: 'log' }));
    const paths = { verbs: ['get'], nonResourceURLs: ['/logs/*'] };
    assert.ok(isRuleMatch(paths, { isResource: false, verb: 'get', path: '/logs/x' }));
    assert.ok(!isRuleMatch(paths, { isResource: false, verb: 'post', path: '/logs/x' }));
  });
});
