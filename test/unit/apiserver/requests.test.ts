// Tests of how a request is read: its path, its selectors, what it accepts, its body.
import assert from 'node:assert/strict';
import { parseRequestInfo, type ResourceRequest } from '../../../server/apiserver/request-info.ts';
import { createMatcher } from '../../../server/apiserver/selectors.ts';
import { negotiate, negotiateWatch, wantsAggregatedDiscovery } from '../../../server/apiserver/negotiation.ts';
import { scanJson } from '../../../server/apiserver/json-scan.ts';
import { parseBody, summarize } from '../../../server/apiserver/body.ts';
import { serialize } from '../../../server/apiserver/representation.ts';
import { checkName, checkQualifiedName, generateName } from '../../../server/apiserver/names.ts';
import { configMap, configMaps, pod, pods, status } from './fixtures.ts';

describe('request info', () => {
  const cases: [method: string, url: string, expected: Partial<ResourceRequest>][] = [
    ['GET', '/api/v1/pods', { verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: undefined }],
    ['GET', '/api/v1/namespaces/x/pods/a', { verb: 'get', namespace: 'x', name: 'a' }],
    ['GET', '/api/v1/namespaces/x/pods?watch=true', { verb: 'watch', namespace: 'x', name: '' }],
    ['GET', '/api/v1/namespaces/x/pods?watch=false', { verb: 'list' }],
    ['GET', '/api/v1/watch/namespaces/x/pods/a', { verb: 'watch', namespace: 'x', resource: 'pods', name: 'a' }],
    ['GET', '/api/v1/namespaces/x', { verb: 'get', resource: 'namespaces', name: 'x', namespace: undefined }],
    ['PUT', '/api/v1/namespaces/x/finalize', { verb: 'update', resource: 'namespaces', subresource: 'finalize' }],
    ['PATCH', '/apis/g.io/v1/namespaces/x/shoots/a/status', { verb: 'patch', group: 'g.io', subresource: 'status' }],
    ['POST', '/apis/g.io/v1/shoots', { verb: 'create', resource: 'shoots' }],
    ['DELETE', '/apis/g.io/v1/namespaces/x/shoots', { verb: 'deletecollection' }],
    ['DELETE', '/apis/g.io/v1/seeds/a%2Db', { verb: 'delete', name: 'a-b' }],
    ['GET', '/api/v1/namespaces/x/pods/a/log/deep/er', { subresource: 'log', rest: 'deep/er' }],
  ];
  for (const [method, url, expected] of cases) {
    it(`reads ${method} ${url}`, () => {
      const info = parseRequestInfo(method, url) as unknown as Record<string, unknown>;
      for (const [field, value] of Object.entries(expected)) assert.equal(info[field], value, field);
    });
  }

  it('knows what is no resource', () => {
    for (const url of ['/', '/version', '/api', '/api/v1', '/apis/g.io', '/apis/g.io/v1', '/healthz', '/openapi/v3']) {
      assert.equal(parseRequestInfo('GET', url).isResource, false, url);
    }
  });

  it('refuses what is no path', () => {
    assert.throws(() => parseRequestInfo('GET', '/api/v1/pods/%zz'), status(400, 'invalid URL escape'));
    assert.throws(() => parseRequestInfo('GET', 'api/v1'), status(400));
  });
});

describe('selectors', () => {
  const object = configMap('a', { metadata: { labels: { tier: 'front', 'x.y/z': '2', empty: '' } } });
  const isMatch = (labels: string, fields = '') => createMatcher(configMaps, labels, fields)?.(object) ?? true;

  it('matches labels by every operator', () => {
    const matching = ['', 'tier=front', 'tier==front', 'tier!=back', 'tier in (front, back)', 'nope notin (x)', 'tier'];
    for (const selector of [...matching, '!nope', 'x.y/z>1', 'x.y/z<3', 'empty=', 'tier=front,x.y/z=2']) {
      assert.equal(isMatch(selector), true, selector);
    }
    for (const selector of ['tier=back', '!tier', 'tier notin (front)', 'nope', 'nope>1', 'tier=front,nope']) {
      assert.equal(isMatch(selector), false, selector);
    }
  });

  it('matches fields, those of the kind too', () => {
    assert.equal(isMatch('', 'metadata.name=a'), true);
    assert.equal(isMatch('', 'metadata.name!=a'), false);
    assert.equal(isMatch('', 'metadata.namespace==default,metadata.name=a'), true);
    const isOnNode = createMatcher(pods(), '', 'spec.nodeName=n\\,1');
    assert.equal(isOnNode?.(pod('a', { nodeName: 'n,1' })), true);
  });

  it('is nothing at all when both are empty', () => {
    assert.equal(createMatcher(configMaps, '', ''), undefined);
  });

  const refused: [labels: string, fields: string, words: string][] = [
    ['a b c', '', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in (b', '', "found '', expected: ',' or ')'"],
    ['team in blue', '', "unable to parse requirement: found 'blue' expected: '('"],
    ['a=d d', '', "found 'd', expected: ',' or 'end of string'"],
    ['$a=d', '', 'Invalid value: "$a": name part must consist of'],
    ['a/b/c=d', '', 'Invalid value: "a/b/c": a qualified name must consist of'],
    ['a=d%', '', 'values[0][a]: Invalid value: "d%": a valid label must be'],
    ['', 'abc', "invalid selector: 'abc'; can't understand 'abc'"],
    ['', 'a.b=c', '"a.b" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ['', 'constructor=c', '"constructor" is not a known field selector'],
  ];
  for (const [labels, fields, words] of refused) {
    it(`refuses ${labels || fields} in Kubernetes' words`, () => {
      assert.throws(() => createMatcher(configMaps, labels, fields), status(400, words));
    });
  }

  it('names the fields of a kind that has some', () => {
    assert.throws(() => createMatcher(pods(), '', 'spec.foo=c'), status(400, 'field label not supported: spec.foo'));
  });
});

describe('negotiation', () => {
  it('takes the first form that is served', () => {
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    assert.deepEqual(negotiate(undefined), { representation: 'object', format: 'json' });
    assert.deepEqual(negotiate(`application/vnd.kubernetes.protobuf,application/json`).format, 'json');
    assert.equal(negotiate(`${table},application/json`).representation, 'table');
    assert.equal(
      negotiate('application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json').representation,
      'object',
    );
    assert.equal(
      negotiate('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io').representation,
      'metadata',
    );
    assert.equal(negotiate('application/json;q=0.1, application/yaml;q=0.9').format, 'yaml');
  });

  it('refuses what it cannot make', () => {
    assert.throws(() => negotiate('text/html'), status(406, '406: Not Acceptable'));
    assert.throws(() => negotiate('application/json;as=Table;v=v9;g=meta.k8s.io'), status(406, 'only the following'));
    assert.throws(() => negotiateWatch('application/yaml'), status(406, 'stream=watch'));
  });

  it('gives aggregated discovery to those who ask for it first', () => {
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    assert.equal(wantsAggregatedDiscovery(`${aggregated},application/json`), true);
    assert.equal(wantsAggregatedDiscovery(`application/json,${aggregated}`), false);
    assert.equal(wantsAggregatedDiscovery(undefined), false);
  });
});

describe('JSON as Go reads it', () => {
  const faults: [text: string, fault: string][] = [
    ['', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['"abc', 'unexpected end of JSON input'],
    ['{a}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['nope', "invalid character 'o' in literal null (expecting 'u')"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00zz"', "invalid character 'z' in \\u hexadecimal character escape"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
  ];
  for (const [text, fault] of faults) {
    it(`says of ${JSON.stringify(text)}: ${fault}`, () => assert.equal(scanJson(text).fault, fault));
  }

  it('has no fault with what JSON.parse takes', () => {
    for (const text of ['{"a":[1,-2.5e+3,true,false,null,"\\u00e9\\n"]}', ' [ ] ', '0', '"x"']) {
      assert.equal(scanJson(text).fault, undefined, text);
    }
  });

  it('finds fields that are there twice', () => {
    const text = '{"a":{"b":1,"c":[{"d":1,"d":2}],"b":2},"a":1}';
    assert.deepEqual(scanJson(text).duplicates, ['a.c[0].d', 'a.b', 'a']);
  });
});

describe('bodies', () => {
  it('are refused when they are too deep or name what must not be named', async () => {
    const deep = '['.repeat(5_000) + ']'.repeat(5_000);
    await assert.rejects(parseBody('application/json', Buffer.from(deep)), status(400, 'exceeded max depth'));
    await assert.rejects(parseBody('application/json', Buffer.from('{"__proto__":{}}')), status(400, '__proto__'));
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e']
      .map((name, i) => `${name}: &${name} [${`*${'abcd'[i]},`.repeat(9)}]`)
      .join('\n')}`;
    await assert.rejects(parseBody('application/yaml', Buffer.from(bomb)), /alias/i);
  });

  it('are shown in messages as text or hexadecimal', () => {
    assert.equal(summarize(Buffer.from('')), '<empty>');
    assert.equal(summarize(Buffer.from('{"a":')), '{"a":');
    assert.equal(summarize(Buffer.from('[]')), '5b5d');
    assert.equal(summarize(Buffer.from(`{${'x'.repeat(40)}`)), `{${'x'.repeat(29)} ...`);
  });

  it('are written as YAML that reads back the same, with keys sorted', () => {
    const text = serialize({ kind: 'X', a: ['2026-01-01T00:00:00Z', 'yes', '1'], b: { z: null, c: 1 } }, 'yaml');
    assert.equal(text, 'a:\n- "2026-01-01T00:00:00Z"\n- "yes"\n- "1"\nb:\n  c: 1\n  z: null\nkind: X\n');
  });
});

describe('names', () => {
  it('are checked by their rule', () => {
    assert.deepEqual(checkName('a.b', 'dnsSubdomain'), []);
    assert.match(checkName('a.b', 'dnsLabel')[0] ?? '', /^a lowercase RFC 1123 label/);
    assert.match(checkName('1a', 'dns1035Label')[0] ?? '', /^a DNS-1035 label/);
    assert.deepEqual(checkName('system:masters', 'pathSegment'), []);
    assert.deepEqual(checkName('a/b', 'pathSegment'), ["may not contain '/'"]);
    assert.deepEqual(checkName('..', 'pathSegment'), ["may not be '..'"]);
    assert.match(checkName('a'.repeat(64), 'dnsLabel')[0] ?? '', /no more than 63/);
  });

  it('may have a prefix in labels', () => {
    assert.deepEqual(checkQualifiedName('example.com/Name_1'), []);
    assert.deepEqual(checkQualifiedName('/x'), ['prefix part must be non-empty']);
    assert.match(checkQualifiedName('A/x')[0] ?? '', /^prefix part a lowercase RFC 1123 subdomain/);
  });

  it('stay within 63 characters when they are generated', () => {
    assert.equal(generateName('x'.repeat(80)).length, 63);
  });
});
