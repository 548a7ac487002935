// When something last happened in a project. Models pkg/controllermanager/controller/project/activity/
import { createController, createSource, resources, type Controller, type KubeObject } from '../../kube/index.ts';
import { toTime, type Project, type Shoot } from '../types.ts';
import { patchStatus, type ControllerContext } from './context.ts';

const recentMs = 60 * 60_000;
const referenceLabels = ['reference.gardener.cloud/secretbinding', 'reference.gardener.cloud/credentialsbinding'];

const isReferenced = (object?: KubeObject) =>
  referenceLabels.some((label) => object?.metadata.labels?.[label] !== undefined);

export function createProjectActivityController({ client, informers, clock, logger }: ControllerContext): Controller {
  const projects = informers.of<Project>(resources.projects);
  const startedMs = clock.now();
  // What was there at the start has been counted already.
  const isNew = (object: KubeObject) => {
    const createdMs = Date.parse(object.metadata.creationTimestamp ?? '');
    return createdMs > startedMs - 1000 && clock.now() - createdMs <= recentMs;
  };
  const projectsOf = ({ metadata: { namespace } }: KubeObject) =>
    projects.list().flatMap((project) => (project.spec.namespace === namespace ? [project.metadata.name] : []));
  const isSpecChanged = (object: KubeObject, old: KubeObject | undefined) =>
    old ? old.metadata.generation !== object.metadata.generation : isNew(object);
  const isCredentialChanged = (object: KubeObject, old: KubeObject | undefined) =>
    (isReferenced(object) || isReferenced(old)) && (old !== undefined || isNew(object));

  return createController({
    name: 'project-activity',
    clock,
    logger,
    sources: [
      createSource(informers.of<Shoot>(resources.shoots), (shoot, old) =>
        isSpecChanged(shoot, old) ? projectsOf(shoot) : [],
      ),
      ...[resources.quotas, resources.secrets].map((resource) =>
        createSource(informers.of<KubeObject>(resource), (object, old) =>
          isCredentialChanged(object, old) ? projectsOf(object) : [],
        ),
      ),
    ],
    async reconcile(name) {
      const project = projects.get(name);
      const lastActivityTimestamp = toTime(clock.now());
      if (!project || project.status?.lastActivityTimestamp === lastActivityTimestamp) return;
      await patchStatus(client, resources.projects, project, { lastActivityTimestamp });
    },
  });
}
