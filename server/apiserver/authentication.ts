// Who asks: by client certificate, by bearer token, or as whom an allowed user impersonates.
import type { Request } from './listener.ts';
import type { TLSSocket } from 'node:tls';
import { createForbidden, createUnauthorized, StatusError } from './errors.ts';
import type { UserInfo } from './types.ts';

/** Asks the authorizer about one impersonated attribute. */
export type IsImpersonationAllowed = (
  user: UserInfo,
  attribute: { group: string; resource: string; subresource: string; name: string; namespace?: string },
) => boolean;

export interface AuthenticationOptions {
  /** Whose token it is. */
  authenticateToken(token: string): UserInfo | undefined;
  isImpersonationAllowed: IsImpersonationAllowed;
}

const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
const authenticatedGroup = 'system:authenticated';

const withGroup = (user: UserInfo): UserInfo =>
  user.groups.includes(authenticatedGroup) ? user : { ...user, groups: [...user.groups, authenticatedGroup] };

function fromCertificate(socket: TLSSocket): UserInfo | undefined {
  const certificate = socket.getPeerCertificate();
  const subject = certificate?.subject as { CN?: string | string[]; O?: string | string[] } | undefined;
  if (!subject) return undefined;
  if (!socket.authorized) throw createUnauthorized();
  const name = [subject.CN ?? ''].flat()[0];
  if (!name) throw createUnauthorized();
  // What Kubernetes says of a certificate that it was shown.
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] };
  return { name, groups: [subject.O ?? []].flat(), extra };
}

function fromToken(
  header: string | undefined,
  authenticateToken: AuthenticationOptions['authenticateToken'],
): UserInfo | undefined {
  if (header === undefined) return undefined;
  const token = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  const user = token ? authenticateToken(token) : undefined;
  if (!user) throw createUnauthorized();
  return user;
}

const headerValues = (request: Request, name: string): string[] => {
  const values: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) values.push(request.rawHeaders[i + 1] ?? '');
  }
  return values;
};

const decodeKey = (key: string): string => {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
};

function extraOf(request: Request): Record<string, string[]> {
  const prefix = 'impersonate-extra-';
  const names = Object.keys(request.headers).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [decodeKey(name.slice(prefix.length)), headerValues(request, name)]));
}

const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/;

function groupsOf(name: string, groups: readonly string[]): string[] {
  const [, namespace] = serviceAccount.exec(name) ?? [];
  const known =
    namespace && !groups.length ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : groups;
  const last = name === anonymous.name ? 'system:unauthenticated' : authenticatedGroup;
  return known.includes(last) ? [...known] : [...known, last];
}

// Models k8s.io/apiserver/pkg/endpoints/filters/impersonation.go
function impersonate(request: Request, user: UserInfo, isAllowed: IsImpersonationAllowed): UserInfo {
  const name = request.headers['impersonate-user'];
  const groups = headerValues(request, 'impersonate-group');
  const extra = extraOf(request);
  const uid = request.headers['impersonate-uid'];
  if (typeof name !== 'string' || !name) {
    if (!groups.length && !Object.keys(extra).length && uid === undefined) return user;
    throw new StatusError(
      500,
      'InternalError',
      `Internal error occurred: requested [${groups.map((group) => `{Group  ${group}    }`).join(' ')}] without impersonating a user`,
    );
  }
  const ensure = (group: string, resource: string, wanted: string, subresource = '', namespace?: string) => {
    if (isAllowed(user, { group, resource, subresource, name: wanted, namespace })) return;
    const where = namespace ? ` in the namespace "${namespace}"` : ' at the cluster scope';
    throw createForbidden(
      { group, plural: subresource ? `${resource}/${subresource}` : resource },
      wanted,
      `User "${user.name}" cannot impersonate resource "${subresource ? `${resource}/${subresource}` : resource}" in API group "${group}"${where}`,
    );
  };
  const account = serviceAccount.exec(name);
  if (account) ensure('', 'serviceaccounts', account[2] ?? '', '', account[1]);
  else ensure('', 'users', name);
  for (const group of groups) ensure('', 'groups', group);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) ensure('authentication.k8s.io', 'userextras', value, key);
  }
  if (typeof uid === 'string') ensure('authentication.k8s.io', 'uids', uid);
  return { name, uid: typeof uid === 'string' ? uid : undefined, groups: groupsOf(name, groups), extra };
}

/** Throws 401 for credentials that are wrong, 403 for an impersonation that is not allowed. */
export type Authenticate = (request: Request) => UserInfo;

export function createAuthenticator(options: AuthenticationOptions): Authenticate {
  // A connection keeps its certificate; reading it anew for each request would cost more than most requests.
  const certified = new WeakMap<TLSSocket, { user: UserInfo | undefined }>();
  const certifiedUser = (socket: TLSSocket): UserInfo | undefined => {
    let entry = certified.get(socket);
    if (!entry) certified.set(socket, (entry = { user: fromCertificate(socket) }));
    return entry.user;
  };
  return (request) => {
    const found =
      certifiedUser(request.socket as TLSSocket) ?? fromToken(request.headers.authorization, options.authenticateToken);
    return impersonate(request, found ? withGroup(found) : anonymous, options.isImpersonationAllowed);
  };
}
