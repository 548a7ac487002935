// Small pieces that strategies are made of.
import { isDeepEqual } from '../../apiserver/objects.ts';
import type { AdmissionRequest, ApiObject } from '../../apiserver/types.ts';

/** Rules run one after the other on the same request. */
export const inOrder =
  <T extends ApiObject>(...rules: ((request: AdmissionRequest<T>) => void)[]) =>
  (request: AdmissionRequest<T>): void => {
    for (const rule of rules) rule(request);
  };

/** For kinds whose metadata.generation Gardener counts: 1, then one more for every change of the spec. */
export function countGeneration({ object, old, operation, subresource }: AdmissionRequest): void {
  if (!object) return;
  if (operation === 'CREATE') object.metadata.generation = 1;
  else if (old && subresource !== 'status' && !isDeepEqual(object.spec, old.spec)) {
    object.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

/** For the other kinds: they have none. */
export function dropGeneration({ object }: AdmissionRequest): void {
  if (object) delete object.metadata.generation;
}
