// ControllerDeployments in two versions: v1 names the chart in `helm`, v1beta1 hides it in `type` and `providerConfig`.
// Models pkg/apis/core/{v1,v1beta1}/conversions.go
import { invalid, required, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, ApiObject, Kind, Strategy } from '../../../apiserver/types.ts';
import { dnsSubdomainFaults, nameErrors, removeAnnotation, setAnnotation } from '../meta.ts';

const typeAnnotation = 'migration.controllerdeployment.gardener.cloud/type';
const configAnnotation = 'migration.controllerdeployment.gardener.cloud/providerConfig';

interface HelmV1 {
  rawChart?: string;
  values?: unknown;
  ociRepository?: unknown;
}
interface HelmV1beta1 {
  chart?: string;
  values?: unknown;
  ociRepository?: unknown;
}

const withoutUndefined = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;

/** v1 → v1beta1. A type other than helm is kept in annotations of v1. */
function toBeta(object: ApiObject): ApiObject {
  const { helm, metadata, ...rest } = object as ApiObject & { helm?: HelmV1 };
  const beta: ApiObject = { ...rest, metadata: structuredClone(metadata) };
  if (helm) {
    const { rawChart: chart, values, ociRepository } = helm;
    return { ...beta, type: 'helm', providerConfig: withoutUndefined<HelmV1beta1>({ chart, values, ociRepository }) };
  }
  const config = metadata.annotations?.[configAnnotation];
  const type = metadata.annotations?.[typeAnnotation];
  removeAnnotation(beta, typeAnnotation);
  removeAnnotation(beta, configAnnotation);
  return { ...beta, type: type ?? '', ...(config !== undefined && { providerConfig: JSON.parse(config) as unknown }) };
}

/** v1beta1 → v1. */
function toStored(object: ApiObject): ApiObject {
  const { type, providerConfig, metadata, ...rest } = object as ApiObject & {
    type?: string;
    providerConfig?: HelmV1beta1;
  };
  const stored: ApiObject = { ...rest, metadata: structuredClone(metadata) };
  if (type === 'helm') {
    const { chart: rawChart, values, ociRepository } = providerConfig ?? {};
    return { ...stored, helm: withoutUndefined<HelmV1>({ rawChart, values, ociRepository }) };
  }
  if (type) setAnnotation(stored, typeAnnotation, type);
  if (providerConfig !== undefined) setAnnotation(stored, configAnnotation, JSON.stringify(providerConfig));
  return stored;
}

export const controllerDeploymentConversion: NonNullable<Kind['conversion']> = {
  storageVersion: 'v1',
  fromStorage: toBeta,
  toStorage: toStored,
};

const content = ({ metadata: _metadata, ...rest }: ApiObject) => rest;

function validate({ object, old }: AdmissionRequest): FieldError[] {
  if (!object) return [];
  const { helm, type } = object as ApiObject & { helm?: HelmV1; type?: string };
  const custom = type ?? object.metadata.annotations?.[typeAnnotation];
  const errors = nameErrors('metadata.name', object.metadata.name, dnsSubdomainFaults);
  if (!helm && !custom) errors.push(required('type', 'must provide a type'));
  if (helm && !helm.rawChart && !helm.ociRepository) {
    errors.push(required('helm', 'must provide either rawChart or ociRepository'));
  }
  const oldType = (old as { type?: string } | undefined)?.type;
  if (oldType && type !== undefined && type !== oldType) errors.push(invalid('type', type, 'field is immutable'));
  return errors;
}

export const controllerDeploymentStrategy: Strategy = {
  nameRule: 'pathSegment',
  prepare({ object, old, operation }) {
    if (!object) return;
    if (operation === 'CREATE') object.metadata.generation = 1;
    else if (old && !isDeepEqual(content(object), content(old))) {
      object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
  },
  validate,
  isGenerationRaised: () => false,
};
