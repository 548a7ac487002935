// One operation on a shoot from start to end: start status, flow, end status, events.
import { messageOf } from '../../common/errors.ts';
import { isNotFound, keyOf, resources } from '../../kube/index.ts';
import type { GardenletContext } from '../context.ts';
import { addFinalizer, removeFinalizer } from '../finalizer.ts';
import { createFlow } from '../flow/graph.ts';
import { runFlow, TaskError } from '../flow/run.ts';
import { createStatusWriter, type StatusWriter } from '../status-writer.ts';
import { isHibernationWanted, toTime, type OperationType, type Project, type Seed, type Shoot } from '../types.ts';
import { deleteActions, reconcileActions, type Operation } from './actions.ts';
import { operationAnnotation, type Decision } from './decide.ts';
import { beginRollout, beginRotation, finishRotation, operationsOf, rotationPatch } from './rotation.ts';
import { errorPatch, isRetryPeriodOver, operation, startPatch, successPatch } from './status.ts';

type Run = Extract<Decision, { action: 'run' }>;

const tasksAnnotation = 'shoot.gardener.cloud/tasks';
const words: Record<string, { starting: string; done: string; subject: string }> = {
  Create: { starting: 'Reconciling', done: 'Reconciled', subject: 'Reconcile' },
  Reconcile: { starting: 'Reconciling', done: 'Reconciled', subject: 'Reconcile' },
  Delete: { starting: 'Deleting', done: 'Deleted', subject: 'Delete' },
};

/** An error that has been written into the status already: the run is over, to be tried again. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
}

const operationContext = ({ clock, gardener, seedName }: GardenletContext, type: OperationType) => ({
  type,
  nowMs: clock.now(),
  gardener,
  seedName,
});

async function start(
  context: GardenletContext,
  shoot: Shoot,
  project: Project,
  writer: StatusWriter<Shoot>,
  { type, resumeAtProgress }: Run,
): Promise<Shoot> {
  const now = toTime(context.clock.now());
  const operations = type === 'Delete' ? [] : operationsOf(shoot.metadata.annotations?.[operationAnnotation]);
  const rotation = beginRotation(shoot, operations, now);
  const started = await writer.write(
    startPatch(shoot, project.metadata.name, operationContext(context, type), {
      resumeAtProgress,
      rotation: rotation && rotationPatch(shoot.status?.credentials?.rotation, rotation),
      rollout: beginRollout(shoot, operations, now),
    }),
  );
  if (operations.length)
    await context.client.patch(resources.shoots, shoot.metadata.name, shoot.metadata.namespace, 'merge', {
      metadata: { annotations: { [operationAnnotation]: null } },
    });
  return started;
}

async function runTasks(run: Operation, { type, scenario, resumeAtProgress }: Run, signal: AbortSignal): Promise<void> {
  const { context, writer } = run;
  await runFlow(createFlow(context.flows.document, scenario), {
    clock: context.clock,
    durationMs: (id) => context.flows.durationMs(id, scenario) / context.speed,
    actions: type === 'Delete' ? deleteActions(run) : reconcileActions(run),
    resumeAtProgress,
    signal,
    onProgress: (progress, description) =>
      writer.report({
        lastOperation: operation(type, 'Processing', progress, description, context.clock.now()),
      }),
  });
}

async function succeed(run: Operation, { type }: Run): Promise<void> {
  const { context, writer } = run;
  const { name, namespace } = run.shoot.metadata;
  // Conditions may have changed while the flow ran.
  const shoot = await context.client.get<Shoot>(resources.shoots, name, namespace);
  const old = shoot.status?.credentials?.rotation;
  const rotation = type === 'Delete' ? undefined : finishRotation(old, toTime(context.clock.now()));
  const patch = successPatch(shoot, operationContext(context, type), {
    rotation: rotation && rotationPatch(old, rotation),
    isAwake: !isHibernationWanted(run.shoot),
  });
  // What this run was for, not what has been asked for meanwhile.
  if (type !== 'Delete') patch.hibernated = isHibernationWanted(run.shoot);
  await writer.write(patch);
  if (type !== 'Delete' && shoot.metadata.annotations?.[tasksAnnotation] !== undefined)
    await context.client.patch(resources.shoots, name, namespace, 'merge', {
      metadata: { annotations: { [tasksAnnotation]: null } },
    });
}

async function fail(run: Operation, { type }: Run, fault: unknown): Promise<never> {
  const { context, shoot, writer } = run;
  const nowMs = context.clock.now();
  const isFinal = isRetryPeriodOver(shoot, nowMs, context.retryPeriodMs);
  const { taskId, progress } = fault instanceof TaskError ? fault : { taskId: undefined, progress: 0 };
  const message = messageOf(fault).replace(/([^.])$/, '$1.');
  await writer.write(errorPatch(shoot, operationContext(context, type), { message, taskId, progress, isFinal }));
  const { subject } = words[type]!;
  context.recorder.record(shoot, 'Warning', `${subject}Error`, subject, message);
  throw new OperationError(message, { cause: fault });
}

const createWriter = (context: GardenletContext, shoot: Shoot): StatusWriter<Shoot> =>
  createStatusWriter<Shoot>(context.client, resources.shoots, shoot.metadata, (fault) => {
    if (!isNotFound(fault))
      context.logger.warn({ shoot: keyOf(shoot), fault: messageOf(fault) }, 'progress not written');
  });

/** Runs the operation. Throws an OperationError when it failed and the status says so, the signal's reason when it was broken off. */
export async function operate(
  context: GardenletContext,
  found: { shoot: Shoot; project: Project; seed: Seed },
  decision: Run,
  signal: AbortSignal,
): Promise<void> {
  const { type } = decision;
  const { starting, done, subject } = words[type]!;
  const writer = createWriter(context, found.shoot);
  if (type !== 'Delete') await addFinalizer(context.client, resources.shoots, found.shoot);
  context.recorder.record(found.shoot, 'Normal', starting, subject, `${starting} Shoot cluster`);
  const shoot = await start(context, found.shoot, found.project, writer, decision);
  const run: Operation = { context, ...found, shoot, writer };
  try {
    await runTasks(run, decision, signal);
    await succeed(run, decision);
  } catch (fault) {
    signal.throwIfAborted();
    return fail(run, decision, fault);
  }
  context.recorder.record(shoot, 'Normal', done, subject, `${done} Shoot cluster`);
  if (type === 'Delete') await removeFinalizer(context.client, resources.shoots, shoot);
}

/** Lets a shoot go of which nothing has been made, or nothing is left. Admission wants to see that its deletion succeeded. */
export async function release(context: GardenletContext, shoot: Shoot): Promise<void> {
  const last = shoot.status?.lastOperation;
  if (last?.type !== 'Delete' || last.state !== 'Succeeded')
    await createWriter(context, shoot).write(
      successPatch(shoot, operationContext(context, 'Delete'), { isAwake: false }),
    );
  await removeFinalizer(context.client, resources.shoots, shoot);
}

export { createWriter as createShootWriter };
