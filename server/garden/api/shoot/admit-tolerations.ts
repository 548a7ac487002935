// A project may only tolerate taints that it was allowed to.
// Models plugin/pkg/shoot/tolerationrestriction/admission.go
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import { getProject, messageOf } from '../lookups.ts';
import type { Shoot, Toleration } from '../types.ts';

const idOf = ({ key, value }: Toleration) => (value === undefined ? key : `${key}=${value}`);

export function ensureTolerations(request: AdmissionRequest<Shoot>): void {
  const { object: shoot, old, reader } = request;
  if (!shoot) return;
  const known = new Set((old?.spec.tolerations ?? []).map(idOf));
  const tolerations = (shoot.spec.tolerations ?? []).filter((toleration) => !known.has(idOf(toleration)));
  let allowed: Set<string>;
  try {
    allowed = new Set((getProject(reader, shoot.metadata.namespace).spec.tolerations?.whitelist ?? []).map(idOf));
  } catch (error) {
    throw refuse(request, `Internal error occurred: could not find referenced project: ${messageOf(error)}`);
  }
  const faults = tolerations.flatMap((toleration, index) =>
    allowed.has(toleration.key) || allowed.has(idOf(toleration))
      ? []
      : [
          `spec.tolerations[${index}]: Forbidden: only the following tolerations are allowed: [${[...allowed].join(' ')}]`,
        ],
  );
  if (!faults.length) return;
  throw refuse(request, `error while validating tolerations against allowlist: [${faults.join(' ')}]`);
}
