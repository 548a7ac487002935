// Warnings about fields that are on their way out; kubectl prints them beside the answer.
// Models pkg/api/core/shoot/warnings.go
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import type { Shoot } from '../types.ts';
import { isAtLeast } from '../versions.ts';

const migrationGuide =
  'https://github.com/gardener/gardener/blob/master/docs/usage/shoot-operations/secretbinding-to-credentialsbinding-migration.md';

const usesIpvs = (shoot: Shoot | undefined) => shoot?.spec.kubernetes.kubeProxy?.mode === 'IPVS';

export function warningsOf({ spec }: Shoot, old: Shoot | undefined): string[] {
  const { version } = spec.kubernetes;
  const ipvs = 'The IPVS mode is deprecated starting with Kubernetes 1.35. Please switch to iptables or nftables mode.';
  const isIpvs = spec.kubernetes.kubeProxy?.mode === 'IPVS';
  const warnings: string[] = [];
  if (spec.cloudProfileName && isAtLeast(version, '1.33')) {
    warnings.push(
      'you are setting the spec.cloudProfileName field. The field is deprecated and will be forcefully set empty starting with Kubernetes 1.34. Use the new spec.cloudProfile.name field instead.',
    );
  }
  if (spec.addons) {
    warnings.push(
      'you are setting the spec.addons field. The field is deprecated and will be forbidden starting with Kubernetes 1.35.',
    );
  }
  if (isIpvs && isAtLeast(version, '1.35')) warnings.push(`you are using IPVS mode for kube-proxy. ${ipvs}`);
  else if (isIpvs && old && !usesIpvs(old)) warnings.push(`you have switched to IPVS mode for kube-proxy. ${ipvs}`);
  if (spec.secretBindingName !== undefined) {
    warnings.push(
      `spec.secretBindingName is deprecated and will be disallowed starting with Kubernetes 1.34. For migration instructions, see: ${migrationGuide}`,
    );
  }
  return warnings;
}

export function warnAboutShoot({ object: shoot, old, subresource, warn }: AdmissionRequest<Shoot>): void {
  if (!shoot || subresource) return;
  for (const warning of warningsOf(shoot, old)) warn(warning);
}
