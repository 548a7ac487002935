// Projects, Shoots and ShootStates are deleted only after somebody said so by an annotation; some need a second person.
// Models plugin/pkg/global/deletionconfirmation/admission.go
import type { AdmissionRequest, ApiObject, Reader } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import { findProject, isSelected } from '../lookups.ts';
import { isTrue, removeAnnotation, setAnnotation } from '../meta.ts';
import type { Project } from '../types.ts';

const confirmation = 'confirmation.gardener.cloud/deletion';
const confirmedBy = 'deletion.gardener.cloud/confirmed-by';

const isConfirmed = (object: ApiObject | undefined) => isTrue(object?.metadata.annotations?.[confirmation]);

/** Keeps the name of whoever confirmed the deletion of a Shoot, which nobody can set by hand. */
export function keepConfirmer({ object, old, operation, subresource, user }: AdmissionRequest): void {
  if (!object || subresource) return;
  const before = old?.metadata.annotations?.[confirmedBy];
  if (!isConfirmed(object)) {
    if (object.metadata.annotations?.[confirmedBy] !== undefined) removeAnnotation(object, confirmedBy);
  } else if (operation === 'CREATE' || !isConfirmed(old)) setAnnotation(object, confirmedBy, user.name);
  else if (before !== undefined) setAnnotation(object, confirmedBy, before);
}

function needsSecondPerson(object: ApiObject, plural: string, userName: string, reader: Reader): boolean {
  const project = object.kind === 'Project' ? (object as Project) : findProject(reader, object.metadata.namespace);
  const rule = project?.spec.dualApprovalForDeletion?.find(({ resource }) => resource === plural);
  if (!rule || !isSelected(rule.selector, object.metadata.labels)) return false;
  return userName.startsWith('system:serviceaccount:') ? (rule.includeServiceAccounts ?? true) : true;
}

/** Throws 403 when a deletion is not confirmed, or was confirmed by the user who now asks for it where two are needed. */
export function ensureDeletionConfirmed(request: AdmissionRequest): void {
  const { operation, old, kind, user, reader } = request;
  if (operation !== 'DELETE' || !old) return;
  if (!isConfirmed(old)) throw refuse(request, `must have a "${confirmation}" annotation to delete`);
  if (!needsSecondPerson(old, kind.plural, user.name, reader)) return;
  if (old.metadata.annotations?.[confirmedBy] !== user.name) return;
  const reason = 'another subject must perform the deletion';
  throw refuse(
    request,
    `you are not allowed to both confirm the deletion and send the actual DELETE request - ${reason}`,
  );
}
