// The extensions that a Shoot needs have to be registered.
// Models plugin/pkg/global/extensionvalidation/admission.go
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { ensureRegistered, workerlessExtensions, type RequiredExtension } from '../admission/extension-validator.ts';
import type { Shoot, ShootSpec } from '../types.ts';

function* requiredBy(spec: ShootSpec): Generator<RequiredExtension> {
  const { provider, networking, dns, extensions = [] } = spec;
  const workers = provider.workers ?? [];
  if (workers.length) {
    for (const kind of ['ControlPlane', 'Infrastructure', 'Worker']) {
      yield { kind, type: provider.type, what: 'provider type', path: 'spec.provider.type' };
    }
    if (networking?.type !== undefined) {
      yield { kind: 'Network', type: networking.type, what: 'networking type', path: 'spec.networking.type' };
    }
  }
  for (const [index, { type, primary }] of (dns?.providers ?? []).entries()) {
    if (!type || type === 'unmanaged' || !primary) continue;
    yield { kind: 'DNSRecord', type, what: 'extension type', path: `spec.dns.providers[${index}].type` };
  }
  for (const [index, { type }] of extensions.entries()) {
    yield { kind: 'Extension', type, what: 'extension type', path: `spec.extensions[${index}].type` };
  }
  for (const [index, { cri, machine }] of workers.entries()) {
    const path = `spec.provider.workers[${index}]`;
    for (const [position, { type }] of (cri?.containerRuntimes ?? []).entries()) {
      const at = `${path}.cri.containerRuntimes[${position}].type`;
      yield { kind: 'ContainerRuntime', type, what: 'container runtime type', path: at };
    }
    if (!machine.image) continue;
    const { name: type } = machine.image;
    yield { kind: 'OperatingSystemConfig', type, what: 'operating system type', path: `${path}.machine.image.name` };
  }
}

export function ensureExtensions(request: AdmissionRequest<Shoot>): void {
  const { object: shoot, old } = request;
  if (!shoot || (old && isDeepEqual(old.spec, shoot.spec))) return;
  const required = [...requiredBy(shoot.spec)];
  const isWorkerless = !shoot.spec.provider.workers?.length;
  const supported = isWorkerless ? workerlessExtensions(request) : undefined;
  const unsupported = required
    .filter(({ kind, type }) => supported && kind === 'Extension' && !supported.has(type))
    .map(({ path, type }) => `given Shoot is workerless and uses non-supported extension type: ${path} ("${type}")`);
  ensureRegistered(request as AdmissionRequest, 'given Shoot uses non-registered', required, 'shoot', unsupported);
}
