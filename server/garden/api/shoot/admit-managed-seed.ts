// A Shoot that is a seed itself stays, and stays fit to be one.
// Models plugin/pkg/shoot/managedseed/admission.go
import { createInvalid, invalid, type FieldError } from '../../../apiserver/errors.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import { list } from '../lookups.ts';
import type { Shoot } from '../types.ts';

export function ensureManagedSeedKept(request: AdmissionRequest<Shoot>): void {
  const { object: shoot, old, kind, name, namespace, operation, reader, subresource } = request;
  if (operation === 'CREATE' || subresource || namespace !== 'garden') return;
  const managed = list(reader, 'managedSeeds', namespace).find(
    ({ spec }) => (spec as { shoot?: { name: string } }).shoot?.name === name,
  );
  if (!managed) return;
  if (operation === 'DELETE') {
    throw refuse(request, `cannot delete shoot ${namespace}/${name} since it is still referenced by a managed seed`);
  }
  if (!shoot || !old) return;
  const { addons, kubernetes, networking } = shoot.spec;
  const errors: FieldError[] = [];
  if (addons?.nginxIngress?.enabled) {
    const detail = 'shoot ingress addon is not supported for managed seeds - use the managed seed ingress controller';
    errors.push(invalid('spec.addons.nginxIngress.enabled', true, detail));
  }
  if (!kubernetes.verticalPodAutoscaler?.enabled) {
    errors.push(
      invalid('spec.kubernetes.verticalPodAutoscaler.enabled', false, 'shoot VPA has to be enabled for managed seeds'),
    );
  }
  if (old.spec.networking?.nodes !== networking?.nodes) {
    errors.push(invalid('spec.networking.nodes', networking?.nodes ?? null, 'field is immutable for managed seeds'));
  }
  if (errors.length) throw createInvalid(kind, name, errors);
}
