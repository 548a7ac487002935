// A Kubernetes API server in this process: kinds as data in, HTTPS out.
import { AsyncDisposableStore } from '../common/lifecycle.ts';
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import { createAuthorizer } from './authorization.ts';
import { createCertificates } from './certificates.ts';
import type { Certificates } from './certificates.ts';
import { createDiscovery } from './discovery.ts';
import { createExpiry } from './expiry.ts';
import { createGarbageCollector } from './garbage-collector.ts';
import type { ServerContext } from './handlers/request.ts';
import { withReviews } from './handlers/reviews.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { createOpenApi } from './openapi.ts';
import { createRegistry } from './registry.ts';
import { createSchemas } from './schema.ts';
import type { SchemaDocument } from './schema.ts';
import { startServer } from './server.ts';
import { createStore } from './store.ts';
import type { Store, StoreLimits } from './store.ts';
import { createTokenIssuer } from './tokens.ts';
import type { AdmissionRequest, Kind, UserInfo } from './types.ts';
import { createWatchHub } from './watch.ts';

export { createAuthority, createCertificates, issueCertificate } from './certificates.ts';
export type { Certificates, KeyPair } from './certificates.ts';
export { renderKubeconfig } from './kubeconfig.ts';
export type { SchemaDocument } from './schema.ts';
export type { Store, StoreEvent, StoreLimits } from './store.ts';

export interface ApiServerOptions {
  kinds: readonly Kind[];
  schemas: SchemaDocument;
  /** What `/version` says: `v1.34.1`. */
  gitVersion: string;
  clock: Clock;
  logger?: Logger;
  host: string;
  /** 0: any. */
  port: number;
  /** Made when absent. */
  certificates?: Certificates;
  /** Further names and addresses in the serving certificate. */
  hosts?: readonly string[];
  /** Bearer tokens beside those of service accounts. */
  authenticateToken?(token: string): UserInfo | undefined;
  /** Admission over all kinds, after an object's defaults and before all else of its strategy; throws a StatusError. */
  admit?(request: AdmissionRequest): void;
  limits?: Partial<StoreLimits>;
}

export interface ApiServer {
  readonly url: string;
  readonly store: Store;
  readonly certificates: Certificates;
  /** A kubeconfig with a client certificate for `user`; YAML. `server` is for clients that reach it by another address than `url`. */
  openKubeconfig(
    user: Pick<UserInfo, 'name' | 'groups'>,
    options: { context: string; namespace?: string; server?: string },
  ): Promise<string>;
  dispose(): Promise<void>;
}

/** Listens when it resolves. Throws when it cannot listen, or when a kind is stored as one that is not there. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, logger, host, gitVersion } = options;
  const now = () => clock.now();
  const kinds = withReviews(options.kinds);
  const registry = createRegistry(kinds);
  const schemas = createSchemas(options.schemas);
  const store = createStore({ registry, now, limits: options.limits });
  const tokens = createTokenIssuer({ reader: store, now });
  const context: ServerContext = {
    registry,
    store,
    schemas,
    clock,
    admit: options.admit,
    discovery: createDiscovery(kinds),
    openApi: createOpenApi({ kinds, schemas, gitVersion }),
    authorizer: createAuthorizer(store),
    tokens,
    gitVersion,
  };
  const hosts = [...new Set([host, 'localhost', '127.0.0.1', ...(options.hosts ?? [])])];
  const certificates = options.certificates ?? (await createCertificates({ hosts, now }));
  const ends = new AsyncDisposableStore();
  ends.add(createGarbageCollector(context, logger));
  ends.add(createExpiry(context));
  const server = ends.add(
    await startServer({
      context,
      hub: createWatchHub(context),
      certificates,
      authenticateToken: (token) => options.authenticateToken?.(token) ?? tokens.authenticate(token),
      host,
      port: options.port,
      logger,
    }),
  );
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${server.port}`;
  return {
    url,
    store,
    certificates,
    async openKubeconfig(user, { context: name, namespace, server: address = url }) {
      const credentials = await certificates.issueClient(user);
      const caCertificate = certificates.ca.certificate;
      return renderKubeconfig({
        server: address,
        caCertificate,
        context: name,
        user: user.name,
        namespace,
        credentials,
      });
    },
    dispose: () => ends.dispose(),
  };
}
