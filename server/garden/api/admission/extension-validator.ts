// Types of extensions that an object names have to be registered in the landscape.
// Models plugin/pkg/global/extensionvalidation/admission.go
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { countedList, refuse } from '../faults.ts';
import { list } from '../lookups.ts';

export interface RequiredExtension {
  /** Of the extension, such as Network. */
  kind: string;
  type: string;
  /** What the type is of, in the message: `networking type`. */
  what: string;
  path: string;
}

/** Throws 403 with one line for each extension that no ControllerRegistration provides; `more` are faults of the caller's. */
export function ensureRegistered(
  request: AdmissionRequest,
  introduction: string,
  required: readonly RequiredExtension[],
  clusterType: 'shoot' | 'seed',
  more: readonly string[] = [],
): void {
  const offered = list(request.reader, 'controllerRegistrations').flatMap(({ spec }) => spec.resources ?? []);
  const isRegistered = ({ kind, type }: RequiredExtension) =>
    offered.some(
      (resource) =>
        resource.kind === kind &&
        resource.type === type &&
        resource.primary !== false &&
        (!resource.clusterCompatibility?.length || resource.clusterCompatibility.includes(clusterType)),
    );
  const faults = required
    .filter((extension) => !isRegistered(extension))
    .map(({ what, path, type }) => `${introduction} ${what}: ${path} ("${type}")`);
  if (faults.length || more.length) throw refuse(request, countedList([...faults, ...more]));
}

/** Types of kind Extension that work without nodes. */
export const workerlessExtensions = (request: Pick<AdmissionRequest, 'reader'>): Set<string> =>
  new Set(
    list(request.reader, 'controllerRegistrations')
      .flatMap(({ spec }) => spec.resources ?? [])
      .filter((resource) => resource.kind === 'Extension' && resource.workerlessSupported === true)
      .map(({ type }) => type),
  );
