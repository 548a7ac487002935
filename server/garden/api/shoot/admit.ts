// What the garden's admission refuses of a valid Shoot, in the order of its plugins.
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { ensureDeletionConfirmed } from '../admission/deletion-confirmation.ts';
import { ensureMayHostItself } from '../admission/custom-verbs.ts';
import { refuse } from '../faults.ts';
import { inOrder } from '../strategies.ts';
import type { Shoot } from '../types.ts';
import { ensureAuditPolicy } from './admit-audit-policy.ts';
import { ensureFitsCloudProfile } from './admit-cloud-profile.ts';
import { ensureExtensions } from './admit-extensions.ts';
import { ensureManagedSeedKept } from './admit-managed-seed.ts';
import { ensureQuota } from './admit-quota.ts';
import { ensureReferences } from './admit-references.ts';
import { ensureTolerations } from './admit-tolerations.ts';
import { gardenerFinalizer } from './constants.ts';
import { ensureDomain } from './dns.ts';
import { warnAboutShoot } from './warnings.ts';

/** Models plugin/pkg/global/finalizerremoval: the gardenlet's finalizer goes only after a deletion that succeeded. */
function ensureFinalizerKept(request: AdmissionRequest<Shoot>): void {
  const { object: shoot, old } = request;
  if (!shoot || !old?.metadata.finalizers?.includes(gardenerFinalizer)) return;
  if (shoot.metadata.finalizers?.includes(gardenerFinalizer)) return;
  const { technicalID, lastOperation } = shoot.status;
  if (!technicalID || !lastOperation) return;
  const { type, state, progress } = lastOperation;
  if (type === 'Delete' && state === 'Succeeded' && progress === 100) return;
  throw refuse(
    request,
    `finalizer "${gardenerFinalizer}" cannot be removed because shoot deletion has not completed successfully yet`,
  );
}

/** Throws 403, 422 or 500. */
export const admitShoot = inOrder<Shoot>(
  warnAboutShoot,
  ensureReferences,
  ensureExtensions,
  ensureTolerations,
  ensureDomain,
  ensureManagedSeedKept,
  ensureQuota,
  ensureFitsCloudProfile,
  (request) => ensureDeletionConfirmed(request as AdmissionRequest),
  ensureFinalizerKept,
  ensureMayHostItself,
  ensureAuditPolicy,
);
