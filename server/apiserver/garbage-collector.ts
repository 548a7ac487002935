// Garbage collection: what an owner leaves behind is deleted or let go. Models kubernetes/pkg/controller/garbagecollector
import type { Disposable } from '../common/lifecycle.ts';
import { DisposableStore, toDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { messageOf } from '../common/errors.ts';
import { StatusError } from './errors.ts';
import { deepCopy } from './objects.ts';
import type { RestContext, WriteRequest } from './rest/context.ts';
import { deleteObject, isDeletionDue } from './rest/delete.ts';
import type { PropagationPolicy } from './rest/delete.ts';
import type { StoreEvent } from './store.ts';
import type { ApiObject, Kind, OwnerReference } from './types.ts';

interface Entry {
  key: string;
  object: ApiObject;
}

const request: WriteRequest = {
  user: { name: 'system:serviceaccount:kube-system:generic-garbage-collector', groups: ['system:masters'] },
  isDryRun: false,
  fieldManager: 'kube-controller-manager',
  warn: () => {},
};

/** Runs a moment after the writes that give it work, never inside them. */
export function createGarbageCollector(context: RestContext, logger: Logger | undefined): Disposable {
  const { store, registry, clock } = context;
  const byUid = new Map<string, Entry>();
  const dependents = new Map<string, Set<string>>();
  const due = new Set<string>();
  const ends = new DisposableStore();
  let timer: Disposable | undefined;

  const schedule = (uid: string) => {
    due.add(uid);
    timer ??= clock.after(0, run);
  };
  const link = (object: ApiObject, isLinked: boolean) => {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const set = dependents.get(uid) ?? new Set();
      if (isLinked) set.add(object.metadata.uid);
      else set.delete(object.metadata.uid);
      if (set.size) dependents.set(uid, set);
      else dependents.delete(uid);
    }
  };
  const note = ({ type, key, object, old }: StoreEvent) => {
    const { uid, ownerReferences, deletionTimestamp, finalizers } = object.metadata;
    if (old) link(old, false);
    if (type === 'DELETED') {
      byUid.delete(uid);
      for (const dependent of dependents.get(uid) ?? []) schedule(dependent);
      for (const owner of ownerReferences ?? []) if (byUid.has(owner.uid)) schedule(owner.uid);
      return;
    }
    byUid.set(uid, { key, object });
    link(object, true);
    if (ownerReferences?.length) schedule(uid);
    if (deletionTimestamp && finalizers?.some((name) => name === 'orphan' || name === 'foregroundDeletion'))
      schedule(uid);
  };

  function run() {
    timer = undefined;
    const uids = [...due];
    due.clear();
    for (const uid of uids) {
      const entry = byUid.get(uid);
      const kind = entry && registry.storedKind(entry.key);
      if (!kind) continue;
      try {
        collect(kind, entry.object);
      } catch (error) {
        // Refused by admission, or gone meanwhile: a later write of the object gives another chance.
        const level = error instanceof StatusError ? 'debug' : 'error';
        logger?.[level]({ uid, err: error }, `garbage collection: ${messageOf(error)}`);
      }
    }
  }

  const ownerOf = (
    dependent: ApiObject,
    { uid, kind: ownerKind, apiVersion }: OwnerReference,
  ): ApiObject | undefined => {
    const owner = byUid.get(uid)?.object;
    // Owners lie in the same namespace, or in none.
    const isNear = !owner?.metadata.namespace || owner.metadata.namespace === dependent.metadata.namespace;
    return owner && isNear && registry.findByKind(apiVersion, ownerKind) ? owner : undefined;
  };
  // Owners of kinds that are not served here cannot be judged.
  const isJudgeable = ({ apiVersion, kind }: OwnerReference) => registry.findByKind(apiVersion, kind) !== undefined;

  function collect(kind: Kind, object: ApiObject) {
    const { finalizers = [], deletionTimestamp, ownerReferences = [] } = object.metadata;
    if (deletionTimestamp && finalizers.includes('orphan')) return orphan(kind, object);
    if (deletionTimestamp && finalizers.includes('foregroundDeletion')) return collectBeneath(kind, object);
    if (deletionTimestamp || !ownerReferences.length || !ownerReferences.every(isJudgeable)) return;
    const owners = ownerReferences.map((reference) => ownerOf(object, reference));
    const isHeld = owners.some((owner) => owner && !isInForeground(owner));
    if (!isHeld) remove(kind, object, owners.some(Boolean) ? 'Foreground' : undefined);
  }

  const isInForeground = ({ metadata }: ApiObject) =>
    !!metadata.deletionTimestamp && !!metadata.finalizers?.includes('foregroundDeletion');

  function dependentsOf({ metadata }: ApiObject): Entry[] {
    return [...(dependents.get(metadata.uid) ?? [])].flatMap((uid) => byUid.get(uid) ?? []);
  }

  function orphan(kind: Kind, owner: ApiObject) {
    for (const { key, object } of dependentsOf(owner)) {
      const dependentKind = registry.storedKind(key);
      if (!dependentKind) continue;
      const copy = deepCopy(object);
      copy.metadata.ownerReferences = copy.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid);
      if (!copy.metadata.ownerReferences?.length) delete copy.metadata.ownerReferences;
      store.replace(dependentKind, copy);
    }
    dropFinalizer(kind, owner, 'orphan');
  }

  function collectBeneath(kind: Kind, owner: ApiObject) {
    const beneath = dependentsOf(owner);
    for (const { object } of beneath) schedule(object.metadata.uid);
    const isBlocked = beneath.some(({ object }) =>
      object.metadata.ownerReferences?.some(
        ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion,
      ),
    );
    if (!isBlocked) dropFinalizer(kind, owner, 'foregroundDeletion');
  }

  function dropFinalizer(kind: Kind, object: ApiObject, finalizer: string) {
    const copy = deepCopy(object);
    copy.metadata.finalizers = copy.metadata.finalizers?.filter((name) => name !== finalizer);
    if (!copy.metadata.finalizers?.length) delete copy.metadata.finalizers;
    if (isDeletionDue(kind, copy)) store.remove(kind, object.metadata.name, object.metadata.namespace);
    else store.replace(kind, copy);
  }

  function remove(kind: Kind, object: ApiObject, propagationPolicy: PropagationPolicy | undefined) {
    const { name, namespace, uid } = object.metadata;
    deleteObject(
      context,
      request,
      { kind, name, namespace },
      { propagationPolicy, preconditions: { uid }, isDryRun: false },
    );
  }

  ends.add(store.subscribe(undefined, note));
  ends.add(toDisposable(() => timer?.dispose()));
  return ends;
}
