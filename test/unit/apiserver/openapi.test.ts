// Tests of OpenAPI documents: what kubectl reads from them.
import assert from 'node:assert/strict';
import { createKubernetesKinds } from '../../../server/apiserver/kubernetes/index.ts';
import { createOpenApi } from '../../../server/apiserver/openapi.ts';
import { clusterDocument, clusterSchemas, deploymentSchema, podSchema } from './schemas.ts';

interface Operation {
  'x-kubernetes-group-version-kind': object;
  parameters?: { name: string }[];
  requestBody?: { content: Record<string, object> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

const kinds = createKubernetesKinds({ schemas: clusterDocument });
const openApi = createOpenApi({ kinds, schemas: clusterSchemas, gitVersion: 'v1.34.0' });
const read = (path: string) => JSON.parse(openApi.v3(path) ?? '{}') as Document;

describe('OpenAPI v3', () => {
  it('lists a document for each group and version, by a hash that depends on what is in it', () => {
    const { paths } = openApi.v3Index();
    const url = paths['apis/apps/v1']?.serverRelativeURL ?? '';
    assert.match(url, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}$/);
    for (const path of ['api', 'api/v1', 'apis', 'apis/apps']) assert.ok(paths[path], path);
    const other = createOpenApi({ kinds, schemas: clusterSchemas, gitVersion: 'v1.35.0' }).v3Index();
    assert.notEqual(other.paths['apis/apps/v1']?.serverRelativeURL, url);
  });

  it('says which writes check fields, so that kubectl leaves validation to the server', () => {
    const operation = read('apis/apps/v1').paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
    assert.deepEqual(operation?.['x-kubernetes-group-version-kind'], {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
    });
    assert.ok(operation?.parameters?.some(({ name }) => name === 'fieldValidation'));
    assert.ok(operation?.requestBody?.content['application/strategic-merge-patch+json']);
  });

  it('holds every schema that its kinds refer to, and no more', () => {
    const { schemas } = read('apis/apps/v1').components;
    const text = JSON.stringify(schemas);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) assert.ok(schemas[name ?? ''], name);
    assert.ok(schemas[deploymentSchema] && schemas[`${deploymentSchema}List`]);
    assert.equal(schemas[podSchema], undefined);
    assert.ok(!text.includes('x-kubernetes-resource'));
  });

  it('has nothing of what is not served', () => assert.equal(openApi.v3('apis/nope/v1'), undefined));
});

describe('OpenAPI v2', () => {
  it('is JSON with definitions', () => {
    const { contentType, body } = openApi.v2('application/json');
    const document = JSON.parse(String(body)) as {
      swagger: string;
      definitions: Record<string, { properties: { spec: object } }>;
    };
    assert.equal(contentType, 'application/json');
    assert.equal(document.swagger, '2.0');
    assert.deepEqual(document.definitions[podSchema]?.properties.spec, {
      $ref: '#/definitions/io.k8s.api.core.v1.PodSpec',
      default: {},
    });
  });

  it('names the API, without schemas, to clients that read protobuf alone', () => {
    const { contentType, body } = openApi.v2('application/com.github.proto-openapi.spec.v2@v1.0+protobuf');
    assert.equal(contentType, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    const expected = '\n\x032.0\x12\x15\n\nKubernetes\x12\x07v1.34.0';
    assert.equal(Buffer.from(body as Uint8Array).toString('latin1'), expected);
  });

  it('is refused in other forms', () => assert.throws(() => openApi.v2('text/html'), { code: 406 }));
});
