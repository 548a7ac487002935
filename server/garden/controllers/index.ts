// All controllers of the garden: the controller-manager's and the scheduler, each an API client of its own name.
import { createKubeClient, type Controller, type KubeClient } from '../../kube/index.ts';
import type { Clock } from '../../common/clock.ts';
import { DisposableStore, type Disposable } from '../../common/lifecycle.ts';
import type { Logger } from '../../common/log.ts';
import { createBindingControllers } from './bindings.ts';
import { createClusterRoleAggregation } from './cluster-roles.ts';
import { createInformers, withFieldManager, type ControllerContext } from './context.ts';
import { createControllerFinalizers } from './controller-finalizers.ts';
import { createControllerInstallationController } from './controller-installations.ts';
import { createEventRecorder } from './events.ts';
import { createHibernationController } from './hibernation.ts';
import { createInUseControllers } from './in-use.ts';
import { createMaintenanceController } from './maintenance.ts';
import { createProjectActivityController } from './project-activity.ts';
import { createProjectController } from './project.ts';
import { createScheduler } from './scheduler.ts';
import { createSeedChecks } from './seed-checks.ts';
import { createSeedSecretsController } from './seed-secrets.ts';
import { createShootReferenceController } from './shoot-references.ts';
import { createShootStatusLabelController } from './shoot-status-label.ts';

export interface ControllersOptions {
  /** Kubeconfigs as YAML, of users that may do what the two components do. */
  controllerManager: string;
  scheduler: string;
  clock: Clock;
  logger: Logger;
}

export interface Controllers extends Disposable {
  /** Resolves when all that they watch has been listed. */
  readonly synced: Promise<void>;
}

/** Runs until disposed. */
export function createControllers({ controllerManager, scheduler, clock, logger }: ControllersOptions): Controllers {
  const disposables = new DisposableStore();
  const connect = (kubeconfig: string, name: string): KubeClient =>
    withFieldManager(disposables.add(createKubeClient({ kubeconfig, clock })), name);
  const client = connect(controllerManager, 'gardener-controller-manager');
  const schedulerClient = connect(scheduler, 'gardener-scheduler');
  const informers = disposables.add(createInformers(client, { clock, logger }));
  const contextOf = (own: KubeClient): ControllerContext => ({
    client: own,
    informers,
    clock,
    logger,
    recordEvent: createEventRecorder(own, clock, logger),
  });
  const context = contextOf(client);
  const controllers: Controller[] = [
    createProjectController(context),
    createProjectActivityController(context),
    ...createBindingControllers(context),
    ...createInUseControllers(context),
    ...createControllerFinalizers(context),
    createControllerInstallationController(context),
    createShootStatusLabelController(context),
    createShootReferenceController(context),
    createMaintenanceController(context),
    createHibernationController(context),
    createSeedSecretsController(context),
    createClusterRoleAggregation(context),
    ...createSeedChecks(context),
    createScheduler(contextOf(schedulerClient)),
  ];
  for (const controller of controllers) disposables.add(controller);
  return { synced: informers.synced(), dispose: () => disposables.dispose() };
}
