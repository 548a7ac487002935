// The namespace controller: gives each namespace its default service account and CA bundle, and empties it before it goes.
// Models pkg/controller/namespace/deletion, pkg/controller/serviceaccount and pkg/controller/certificates/rootcacertpublisher.
import type { Clock, Disposable } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import { DisposableStore, toDisposable } from '../../common/lifecycle.ts';
import { StatusError } from '../errors.ts';
import { createObject } from '../rest/create.ts';
import { deleteObject } from '../rest/delete.ts';
import { updateObject } from '../rest/update.ts';
import { deepCopy } from '../objects.ts';
import { createRegistry } from '../registry.ts';
import { createSchemas, type SchemaDocument } from '../schema.ts';
import type { Store } from '../store.ts';
import type { AdmissionRequest, ApiObject, Kind } from '../types.ts';
import type { Namespace } from './strategies/cluster.ts';

export interface NamespaceControllerOptions {
  store: Store;
  kinds: readonly Kind[];
  schemas: SchemaDocument;
  clock: Clock;
  /** PEM, for the ConfigMap kube-root-ca.crt. */
  caCertificate: string;
  admit?(request: AdmissionRequest): void;
  logger?: Logger;
}

const retryMs = 1000;
const namespaces = { group: '', plural: 'namespaces' };
const rootCa = 'kube-root-ca.crt';
const rootCaDescription =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

const userOf = (controller: string) => ({
  name: `system:serviceaccount:kube-system:${controller}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
});

const writeAs = (controller: string) => ({
  user: userOf(controller),
  isDryRun: false,
  fieldManager: 'kube-controller-manager',
  warn: () => undefined,
});

/** Works until it is disposed. Writes happen in turns of their own, never inside a watcher. */
export function createNamespaceController(options: NamespaceControllerOptions): Disposable {
  const { store, kinds, clock, caCertificate, admit, logger } = options;
  const registry = createRegistry(kinds);
  const context = { registry, store, schemas: createSchemas(options.schemas), clock, admit };
  const disposables = new DisposableStore();
  const pending = new Map<string, Disposable>();
  const namespaceKind = registry.find('', 'v1', 'namespaces');
  const contentKinds = kinds.filter((kind) => kind.isNamespaced && !kind.conversion && kind.verbs.includes('delete'));

  const ensure = (controller: string, plural: string, object: Partial<ApiObject>, namespace: string) => {
    const kind = registry.find('', 'v1', plural);
    const name = object.metadata?.name ?? '';
    if (!kind || store.get(kind, name, namespace)) return;
    createObject(
      context,
      writeAs(controller),
      kind,
      { apiVersion: 'v1', kind: kind.kind, ...object } as ApiObject,
      namespace,
    );
  };
  const provide = (namespace: string) => {
    const annotations = { 'kubernetes.io/description': rootCaDescription };
    const meta = (name: string, rest = {}) => ({ metadata: { name, namespace, ...rest } }) as Partial<ApiObject>;
    ensure('service-account-controller', 'serviceaccounts', meta('default'), namespace);
    const bundle = { ...meta(rootCa, { annotations }), data: { 'ca.crt': caCertificate } };
    ensure('root-ca-cert-publisher', 'configmaps', bundle, namespace);
  };

  /** Whether nothing is left. */
  const empty = (namespace: string): boolean => {
    let isEmpty = true;
    for (const kind of contentKinds)
      for (const object of store.list(kind, namespace)) {
        if (object.metadata.deletionTimestamp) {
          isEmpty = false;
          continue;
        }
        try {
          const address = { kind, namespace, name: object.metadata.name };
          const { isGone } = deleteObject(context, writeAs('namespace-controller'), address, { isDryRun: false });
          isEmpty &&= isGone;
        } catch (error) {
          // What is refused now may be allowed later; what is gone already is no fault.
          if (!(error instanceof StatusError)) throw error;
          isEmpty &&= error.code === 404;
        }
      }
    return isEmpty;
  };
  const finalize = (kind: Kind, name: string) => {
    const subresource = kind.subresources.find((view) => view.name === 'finalize');
    const address = { kind, namespace: undefined, name };
    const change = (old: ApiObject): ApiObject => {
      const next = deepCopy(old) as Namespace;
      next.spec.finalizers = next.spec.finalizers?.filter((finalizer) => finalizer !== 'kubernetes');
      return next;
    };
    updateObject(context, writeAs('namespace-controller'), address, change, { subresource, isPut: true });
  };

  const reconcile = (name: string) => {
    const namespace = store.get(namespaces, name) as Namespace | undefined;
    if (!namespace || !namespaceKind) return;
    if (!namespace.metadata.deletionTimestamp) return provide(name);
    if (!namespace.spec?.finalizers?.includes('kubernetes')) return;
    if (empty(name)) finalize(namespaceKind, name);
    else schedule(name, retryMs);
  };
  /** Nothing that one namespace holds may end the process. */
  const tryToReconcile = (name: string) => {
    try {
      reconcile(name);
    } catch (error) {
      logger?.warn({ err: error, namespace: name }, 'a namespace could not be reconciled and will be tried again');
      schedule(name, retryMs);
    }
  };
  const schedule = (name: string, delayMs = 0) => {
    if (pending.has(name) || disposables.isDisposed) return;
    const timer = clock.after(delayMs, () => {
      pending.delete(name);
      tryToReconcile(name);
    });
    pending.set(name, timer);
  };
  disposables.add(toDisposable(() => pending.forEach((timer) => timer.dispose())));
  for (const { metadata } of store.list(namespaces)) schedule(metadata.name);
  disposables.add(store.subscribe(namespaces, ({ object }) => schedule(object.metadata.name)));
  for (const plural of ['serviceaccounts', 'configmaps'])
    disposables.add(
      store.subscribe({ group: '', plural }, ({ type, object }) => {
        const { name, namespace } = object.metadata;
        if (type === 'DELETED' && namespace && (name === 'default' || name === rootCa)) schedule(namespace);
      }),
    );
  return disposables;
}
