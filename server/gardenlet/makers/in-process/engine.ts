// Runs the controllers of a cluster: each again when something that it watches has changed, or when its time has come.
import type { Clock } from '../../../common/clock.ts';
import { messageOf } from '../../../common/errors.ts';
import { DisposableStore, type Disposable } from '../../../common/lifecycle.ts';
import type { Logger } from '../../../common/log.ts';
import type { GroupResource } from '../../../apiserver/types.ts';
import type { World } from './world.ts';

export interface ClusterController {
  name: string;
  watches: readonly GroupResource[];
  /** Brings the cluster one step nearer to what is wanted. Returns in how many ms it wants to look again though nothing changes. */
  sync(world: World): number | undefined;
}

// Writes of one request, and of the controllers themselves, come together.
const settleMs = 15;
const retryMs = 1_000;

export interface Engine extends Disposable {
  /** Lets a controller look again soon. */
  wake(controller: ClusterController): void;
}

/** Starts at once; a controller's fault is logged and tried again, and stops nobody else. */
export function createEngine(options: {
  world: World;
  controllers: readonly ClusterController[];
  clock: Clock;
  logger: Logger;
}): Engine {
  const { world, controllers, clock, logger } = options;
  const disposables = new DisposableStore();
  const dirty = new Set<ClusterController>(controllers);
  const wakeUps = new Map<ClusterController, Disposable>();
  let pending: Disposable | undefined;

  const mark = (controller: ClusterController) => {
    dirty.add(controller);
    pending ??= clock.after(settleMs, run);
  };

  function wakeUpIn(controller: ClusterController, delayMs: number | undefined): void {
    wakeUps.get(controller)?.dispose();
    wakeUps.delete(controller);
    if (delayMs === undefined || disposables.isDisposed) return;
    wakeUps.set(
      controller,
      clock.after(delayMs, () => mark(controller)),
    );
  }

  function run(): void {
    pending = undefined;
    const now = controllers.filter((controller) => dirty.has(controller));
    dirty.clear();
    for (const controller of now) {
      try {
        wakeUpIn(controller, controller.sync(world));
      } catch (fault) {
        logger.warn({ controller: controller.name, fault: messageOf(fault) }, 'controller failed; trying again');
        wakeUpIn(controller, retryMs);
      }
    }
  }

  for (const controller of controllers)
    for (const resource of controller.watches) disposables.add(world.store.subscribe(resource, () => mark(controller)));
  pending = clock.after(settleMs, run);
  return {
    wake: mark,
    dispose() {
      disposables.dispose();
      pending?.dispose();
      for (const timer of wakeUps.values()) timer.dispose();
    },
  };
}
