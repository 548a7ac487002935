// What gardener-admission-controller's webhooks refuse. Models pkg/admissioncontroller/webhook/admission/{namespacedeletion,kubeconfigsecret}
import { parse } from 'yaml';
import { StatusError } from '../apiserver/errors.ts';
import type { AdmissionRequest } from '../apiserver/types.ts';
import { messageOf } from '../common/errors.ts';

const roleLabel = 'gardener.cloud/role';
const shoots = { group: 'core.gardener.cloud', plural: 'shoots' };
const projects = { group: 'core.gardener.cloud', plural: 'projects' };

const deny = (code: number, reason: string, webhook: string, message: string): never => {
  throw new StatusError(code, reason, `admission webhook "${webhook}" denied the request: ${message}`);
};

function refuseNamespaceDeletion({ name, reader, old }: AdmissionRequest): void {
  if (old?.metadata.labels?.[roleLabel] !== 'project' || old.metadata.deletionTimestamp !== undefined) return;
  const project = reader
    .list(projects)
    .find(({ spec }) => (spec as { namespace?: string } | undefined)?.namespace === name);
  if (!project) return;
  const refuse = (why: string) =>
    deny(
      403,
      'Forbidden',
      'validate-namespace-deletion.gardener.cloud',
      `Namespace "${name}" is forbidden: ${why}`,
    );
  const refusal = `deletion of namespace "${name}" is not permitted`;
  if (project.metadata.deletionTimestamp === undefined)
    refuse(`direct ${refusal} (you must delete the corresponding project "${project.metadata.name}")`);
  if (reader.list(shoots, name).length) refuse(`${refusal} (it still contains Shoots)`);
}

interface Kubeconfig {
  users?: { name?: string; user?: Record<string, unknown> }[];
}

// The fields that make a client run programs, read files of whoever uses the kubeconfig, or act as somebody else.
const refusedFields: Record<string, string> = {
  'client-certificate': 'client certificate files are not supported',
  'client-key': 'client key files are not supported',
  tokenFile: 'token files are not supported',
  as: 'impersonation is not supported',
  'as-uid': 'impersonation is not supported',
  'as-groups': 'impersonation is not supported',
  'as-user-extra': 'impersonation is not supported',
  'auth-provider': 'auth provider configurations are not supported',
  exec: 'exec configurations are not supported',
};
const validFields = '[client-certificate-data client-key-data token username password]';

/** Why a kubeconfig must not be stored; undefined when it may. */
export function refusedKubeconfig(text: string): string | undefined {
  let config: Kubeconfig | null;
  try {
    config = parse(text) as Kubeconfig | null;
  } catch (fault) {
    return `yaml: ${messageOf(fault).split('\n')[0]}`;
  }
  const users = Array.isArray(config?.users) ? config.users : [];
  for (const { name, user } of users)
    for (const [field, sentence] of Object.entries(refusedFields)) {
      if (user?.[field] === undefined) continue;
      const whose = field.startsWith('as') ? '' : ` (user ${JSON.stringify(name ?? '')})`;
      return `${sentence}${whose}, these are the valid fields: ${validFields}`;
    }
  return undefined;
}

function refuseKubeconfig({ name, object }: AdmissionRequest): void {
  const { kubeconfig } = (object?.data ?? {}) as Record<string, string>;
  if (kubeconfig === undefined) return;
  const why = refusedKubeconfig(Buffer.from(kubeconfig, 'base64').toString('utf8'));
  if (why === undefined) return;
  deny(
    422,
    'Invalid',
    'validate-kubeconfig-secrets.gardener.cloud',
    `Secret "${name}" is invalid: data.kubeconfig: Invalid value: "${kubeconfig}": secret contains invalid kubeconfig: ${why}`,
  );
}

/** Throws StatusError for what the webhooks deny. */
export function admitByWebhooks(request: AdmissionRequest): void {
  const { kind, operation, subresource } = request;
  if (kind.group !== '' || subresource !== '') return;
  if (kind.plural === 'namespaces' && operation === 'DELETE') refuseNamespaceDeletion(request);
  if (kind.plural === 'secrets' && operation !== 'DELETE') refuseKubeconfig(request);
}
