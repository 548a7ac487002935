// Events: core/v1 and events.k8s.io/v1 as two views on one storage. Models pkg/apis/core and pkg/apis/events.
import { invalid } from '../../errors.ts';
import type { ApiObject, Kind, Strategy } from '../../types.ts';
import { text } from '../objects.ts';
import type { BehaviourTable } from './behaviour.ts';

const hourMs = 60 * 60 * 1000;

// Name in core/v1 (which is stored) → name in events.k8s.io/v1.
const renamed: Readonly<Record<string, string>> = {
  involvedObject: 'regarding',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
};
const renamedBack = Object.fromEntries(Object.entries(renamed).map(([core, other]) => [other, core]));

const rename = (object: ApiObject, names: Readonly<Record<string, string>>, apiVersion: string): ApiObject => ({
  ...(Object.fromEntries(Object.entries(object).map(([name, value]) => [names[name] ?? name, value])) as ApiObject),
  apiVersion,
});

const eventStrategy: Strategy = {
  isCreatedOnUpdate: true,
  timeToLiveMs: hourMs,
  validate({ object, namespace = '' }) {
    const involved = text(object, 'involvedObject.namespace') || text(object, 'regarding.namespace');
    const isOfCluster = !involved && namespace === 'default';
    if (!involved || isOfCluster || involved === namespace) return [];
    return [invalid('involvedObject.namespace', involved, 'does not match event.namespace')];
  },
};

const involvedFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
const conversion: Kind['conversion'] = {
  storageVersion: 'v1',
  storageGroup: '',
  storagePlural: 'events',
  fromStorage: (object) => rename(object, renamed, 'events.k8s.io/v1'),
  toStorage: (object) => rename(object, renamedBack, 'v1'),
};

export const eventBehaviours: BehaviourTable = {
  events: {
    strategy: eventStrategy,
    selectableFields: [
      ...involvedFields.map((field) => `involvedObject.${field}`),
      'reason',
      'type',
      'reportingComponent',
      'source',
    ],
  },
  'events.k8s.io/events': {
    strategy: eventStrategy,
    selectableFields: [...involvedFields.map((field) => `regarding.${field}`), 'reason', 'type', 'reportingController'],
    conversion,
  },
};
