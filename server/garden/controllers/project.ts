// The project controller: a namespace and roles for each project, its phase, and its end. Models pkg/controllermanager/controller/project/project/reconciler.go
import { isDeepStrictEqual } from 'node:util';
import { createController, createSource, isAlreadyExists, isNotFound, resources } from '../../kube/index.ts';
import type { Controller, KubeClient, KubeObject } from '../../kube/index.ts';
import { messageOf } from '../../common/errors.ts';
import { gardenerFinalizer, hasFinalizer, isDeleting, type Project, type Shoot } from '../types.ts';
import {
  addFinalizer,
  ignoreNotFound,
  ownKeys,
  patchStatus,
  removeFinalizer,
  type ControllerContext,
} from './context.ts';
import {
  desiredRoles,
  extensionRoleLabels,
  extensionRolesOf,
  generatedNamespace,
  projectOwnerReference,
  type DesiredRole,
} from './project-rbac.ts';

const controllerName = 'project-controller';
export const projectAnnotation = 'namespace.gardener.cloud/project';
const createdByAnnotation = 'namespace.gardener.cloud/created-by-project-controller';
const keepAnnotation = 'namespace.gardener.cloud/keep-after-project-deletion';
const projectNameLabel = 'project.gardener.cloud/name';
const roleLabel = 'gardener.cloud/role';
const recheckMs = 60_000;

const labelsOf = (project: Project) => ({ [roleLabel]: 'project', [projectNameLabel]: project.metadata.name });

const hasProjectLabels = (namespace: KubeObject, project: Project) =>
  Object.entries(labelsOf(project)).every(([key, value]) => namespace.metadata.labels?.[key] === value);

/** The project's namespace, made or adopted. Throws when it belongs to another project or lacks the labels. */
async function ensureNamespace(client: KubeClient, project: Project): Promise<string> {
  const name = project.spec.namespace ?? generatedNamespace(project);
  const annotations = { [projectAnnotation]: project.metadata.uid ?? '' };
  const owner = projectOwnerReference(project);
  let namespace: KubeObject;
  try {
    namespace = await client.get(resources.namespaces, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(resources.namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: labelsOf(project),
        annotations: { ...annotations, [createdByAnnotation]: 'true' },
        ownerReferences: [owner],
      },
    });
    return name;
  }
  if (!hasProjectLabels(namespace, project))
    throw new Error(
      `namespace cannot be used as it needs the project labels map[string]string{${Object.entries(labelsOf(project))
        .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
        .join(', ')}}`,
    );
  const { metadata } = namespace;
  const usedBy = metadata.annotations?.[projectAnnotation];
  if (usedBy !== undefined && usedBy !== project.metadata.uid)
    throw new Error('namespace is already in-use by another project');
  const isAdopted = usedBy !== undefined && metadata.ownerReferences?.some(({ uid }) => uid === owner.uid);
  if (isAdopted) return name;
  await client.patch(resources.namespaces, name, undefined, 'merge', {
    metadata: {
      resourceVersion: metadata.resourceVersion,
      annotations: {
        ...annotations,
        ...(metadata.annotations?.[createdByAnnotation] ? {} : { [keepAnnotation]: 'true' }),
      },
      ownerReferences: [...(metadata.ownerReferences ?? []), owner],
    },
  });
  return name;
}

const contentOf = ({
  apiVersion: _apiVersion,
  kind: _kind,
  metadata,
  ...content
}: KubeObject & Record<string, unknown>) => ({
  content,
  labels: metadata.labels ?? {},
  owner: metadata.ownerReferences?.[0]?.uid,
});

async function ensureRole(client: KubeClient, { resource, object }: DesiredRole): Promise<void> {
  const { name, namespace, labels, ownerReferences } = object.metadata;
  try {
    await client.create<KubeObject>(resource, object);
    return;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const stored = await client.get<KubeObject & Record<string, unknown>>(resource, name, namespace);
  const wanted = { ...object } as KubeObject & Record<string, unknown>;
  // The rules of an aggregated role are another controller's.
  if ('aggregationRule' in wanted) wanted.rules = stored.rules;
  if (isDeepStrictEqual(contentOf(wanted), contentOf(stored))) return;
  const metadata = { ...stored.metadata, labels, ownerReferences };
  await client.update<KubeObject>(resource, { ...wanted, metadata });
}

async function deleteStaleExtensionRoles(client: KubeClient, project: Project, namespace: string): Promise<void> {
  const labelSelector = Object.entries(extensionRoleLabels(project))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const wanted = new Set(
    extensionRolesOf(project).map((role) => `gardener.cloud:extension:project:${project.metadata.name}:${role}`),
  );
  for (const resource of [resources.roleBindings, resources.clusterRoles]) {
    const { items } = await client.list(resource, { namespace, labelSelector });
    for (const { metadata } of items)
      if (!wanted.has(metadata.name)) await ignoreNotFound(client.delete(resource, metadata.name, metadata.namespace));
  }
}

/** Whether the namespace is gone or no longer the project's; false while it is being deleted. */
async function releaseNamespace(client: KubeClient, project: Project, name: string): Promise<boolean> {
  let namespace: KubeObject;
  try {
    namespace = await client.get(resources.namespaces, name);
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
  if (isDeleting(namespace)) return false;
  if (!hasProjectLabels(namespace, project)) return true;
  const { annotations = {}, ownerReferences = [], resourceVersion } = namespace.metadata;
  if (annotations[keepAnnotation] === 'true') {
    await client.patch(resources.namespaces, name, undefined, 'merge', {
      metadata: {
        resourceVersion,
        annotations: { [projectAnnotation]: null, [keepAnnotation]: null, [createdByAnnotation]: null },
        labels: { [projectNameLabel]: null, [roleLabel]: null },
        ownerReferences: ownerReferences.filter(({ uid }) => uid !== project.metadata.uid),
      },
    });
    return true;
  }
  await ignoreNotFound(client.delete(resources.namespaces, name));
  return false;
}

export function createProjectController(context: ControllerContext): Controller {
  const { client, informers, clock, logger, recordEvent } = context;
  const projects = informers.of<Project>(resources.projects);
  const namespaces = informers.of<KubeObject>(resources.namespaces);
  const shoots = informers.of<Shoot>(resources.shoots);

  const setPhase = async (project: Project, phase: string) => {
    const { generation } = project.metadata;
    if (project.status?.phase === phase && project.status.observedGeneration === generation) return;
    await patchStatus(client, resources.projects, project, { phase, observedGeneration: generation });
  };

  async function reconcile(project: Project): Promise<void> {
    const { phase, observedGeneration } = project.status ?? {};
    const isSettled = phase === 'Ready' && observedGeneration === project.metadata.generation;
    if (isSettled && hasFinalizer(project, gardenerFinalizer) && namespaces.get(project.spec.namespace ?? '')) return;
    let current = await addFinalizer(client, resources.projects, project, gardenerFinalizer);
    if (!current) return;
    if (!phase) await setPhase(current, 'Pending');
    const event = { action: 'Reconcile' } as const;
    try {
      const namespace = await ensureNamespace(client, current);
      const note = `Successfully reconciled namespace "${namespace}" for project`;
      recordEvent(current, controllerName, { ...event, type: 'Normal', reason: 'NamespaceReconcileSuccessful', note });
      if (!current.spec.namespace) {
        const { name } = current.metadata;
        current = await client.patch<Project>(resources.projects, name, undefined, 'merge', { spec: { namespace } });
      }
      for (const role of desiredRoles(current, namespace)) await ensureRole(client, role);
      await deleteStaleExtensionRoles(client, current, namespace);
    } catch (error) {
      const note = messageOf(error);
      recordEvent(current, controllerName, { ...event, type: 'Warning', reason: 'NamespaceReconcileFailed', note });
      await setPhase(current, 'Failed');
      throw error;
    }
    await setPhase(current, 'Ready');
  }

  async function remove(project: Project): Promise<{ requeueAfterMs: number } | void> {
    if (!hasFinalizer(project, gardenerFinalizer)) return;
    const { namespace } = project.spec;
    if (namespace !== undefined) {
      const { items } = await client.list<Shoot>(resources.shoots, { namespace });
      if (items.length) {
        recordEvent(project, controllerName, {
          type: 'Warning',
          reason: 'NamespaceNotEmpty',
          action: 'Delete',
          note: `Cannot release namespace "${namespace}" because it still contains Shoots`,
        });
        return setPhase(project, 'Terminating');
      }
      if (!(await releaseNamespace(client, project, namespace))) {
        recordEvent(project, controllerName, {
          type: 'Normal',
          reason: 'NamespaceMarkedForDeletion',
          action: 'Delete',
          note: `Successfully marked project namespace "${namespace}" for deletion`,
        });
        await setPhase(project, 'Terminating');
        return { requeueAfterMs: recheckMs };
      }
    }
    await removeFinalizer(client, resources.projects, project, gardenerFinalizer);
  }

  const projectOfNamespace = (namespace?: string) =>
    projects.list().flatMap((project) => (project.spec.namespace === namespace ? [project.metadata.name] : []));
  return createController({
    name: controllerName,
    clock,
    logger,
    sources: [
      ownKeys(projects),
      createSource(namespaces, ({ metadata: { labels } }) => {
        const name = labels?.[projectNameLabel];
        return name ? [name] : [];
      }),
      // The last shoot's end lets a project end.
      createSource(shoots, ({ metadata }) =>
        shoots.get(metadata.name, metadata.namespace) ? [] : projectOfNamespace(metadata.namespace),
      ),
    ],
    async reconcile(key) {
      const project = projects.get(key);
      if (!project) return;
      return isDeleting(project) ? remove(project) : reconcile(project);
    },
  });
}
