// What gardener-admission-controller's webhooks refuse of kinds that are Kubernetes' own.
// Models pkg/admissioncontroller/webhook/admission/{kubeconfigsecret,namespacedeletion,internaldomainsecret}
import { parse } from 'yaml';
import * as z from 'zod';
import { createConflict, createForbidden, createInvalid, invalid, StatusError } from '../../../apiserver/errors.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { findProject, list } from '../lookups.ts';
import type { Secret } from '../types.ts';

/** The answer of a webhook: its own status, with the webhook's name before the message. */
function deny(webhook: string, { code, reason, message, details }: StatusError): StatusError {
  return new StatusError(code, reason, `admission webhook "${webhook}" denied the request: ${message}`, details);
}

const acceptedFields = ['client-certificate-data', 'client-key-data', 'token', 'username', 'password'];

const userSchema = z
  .object({
    'client-certificate': z.string().nullish(),
    'client-key': z.string().nullish(),
    tokenFile: z.string().nullish(),
    as: z.string().nullish(),
    'as-groups': z.array(z.string()).nullish(),
    'auth-provider': z.object({ config: z.record(z.string(), z.unknown()).nullish() }).nullish(),
    exec: z.unknown().optional(),
  })
  .nullish();
const kubeconfigSchema = z
  .object({ users: z.array(z.object({ name: z.string().default(''), user: userSchema })).nullish() })
  .nullish();

type User = NonNullable<z.infer<typeof userSchema>>;

/** A field of the user that would run programs, read files or change identity where the kubeconfig is used. */
function unacceptedField(user: User): string | undefined {
  if (user['client-certificate']) return 'client certificate files are';
  if (user['client-key']) return 'client key files are';
  if (user.tokenFile) return 'token files are';
  if (user.as || user['as-groups']?.length) return 'impersonation is';
  if (Object.keys(user['auth-provider']?.config ?? {}).length) return 'auth provider configurations are';
  return user.exec ? 'exec configurations are' : undefined;
}

/** Why a kubeconfig must not be stored; undefined when it may. Throws 400 for what is none. */
export function faultOfKubeconfig(text: string): string | undefined {
  let data: unknown;
  try {
    data = parse(text);
  } catch (error) {
    throw new StatusError(400, 'BadRequest', `couldn't get version/kind; json parse error: ${String(error)}`);
  }
  const parsed = kubeconfigSchema.safeParse(data);
  if (!parsed.success) throw new StatusError(400, 'BadRequest', z.prettifyError(parsed.error));
  for (const { name, user } of parsed.data?.users ?? []) {
    const what = user && unacceptedField(user);
    if (!what) continue;
    const whose = what.startsWith('impersonation') ? '' : ` (user "${name}")`;
    return `${what} not supported${whose}, these are the valid fields: [${acceptedFields.join(' ')}]`;
  }
  return undefined;
}

function ensureKubeconfig({ kind, name, object }: AdmissionRequest): void {
  const kubeconfig = (object as Secret).data?.['kubeconfig'];
  if (kubeconfig === undefined) return;
  const webhook = 'validate-kubeconfig-secrets.gardener.cloud';
  let fault: string | undefined;
  try {
    fault = faultOfKubeconfig(Buffer.from(kubeconfig, 'base64').toString());
  } catch (error) {
    throw error instanceof StatusError ? deny(webhook, error) : error;
  }
  if (!fault) return;
  const detail = `secret contains invalid kubeconfig: ${fault}`;
  throw deny(webhook, createInvalid(kind, name, [invalid('data.kubeconfig', kubeconfig, detail)]));
}

const roleLabel = 'gardener.cloud/role';

function ensureOneInternalDomain({ kind, name, namespace, object, reader }: AdmissionRequest): void {
  if (object?.metadata.labels?.[roleLabel] !== 'internal-domain') return;
  const others = list(reader, 'secrets', namespace).filter(
    ({ metadata }) => metadata.name !== name && metadata.labels?.[roleLabel] === 'internal-domain',
  );
  if (!others.length) return;
  const message =
    "cannot create internal domain secret because there can be only one secret with the 'internal-domain' secret role per namespace";
  throw deny('validate-internal-domain.gardener.cloud', createConflict(kind, name, message));
}

/** The namespace of a project goes with the project, and not before its Shoots. */
function ensureNamespaceUnused({ name, old, reader }: AdmissionRequest): void {
  const project = findProject(reader, name);
  if (!project || old?.metadata.deletionTimestamp) return;
  const refuse = (why: string) =>
    deny('validate-namespace-deletion.gardener.cloud', createForbidden({ group: '', plural: 'Namespace' }, name, why));
  if (!project.metadata.deletionTimestamp) {
    throw refuse(
      `direct deletion of namespace "${name}" is not permitted (you must delete the corresponding project "${project.metadata.name}")`,
    );
  }
  if (!list(reader, 'shoots', name).length) return;
  throw refuse(`deletion of namespace "${name}" is not permitted (it still contains Shoots)`);
}

/** Give it to the API server as `admit`. Throws a StatusError for what the webhooks deny. */
export function admitInGarden(request: AdmissionRequest): void {
  const { kind, operation, subresource } = request;
  if (kind.group !== '' || subresource) return;
  if (kind.plural === 'namespaces' && operation === 'DELETE') ensureNamespaceUnused(request);
  if (kind.plural !== 'secrets' || operation === 'DELETE') return;
  ensureKubeconfig(request);
  ensureOneInternalDomain(request);
}
