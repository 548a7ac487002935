// Runs a flow on a clock: every task takes its time, and as much longer as its action needs.
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../common/clock.ts';
import { describeFlow, progressOf, startable, type Flow, type FlowTask } from './graph.ts';

export type TaskAction = (signal: AbortSignal) => Promise<void>;

/** A task's action failed: the flow has ended after the tasks that ran beside it. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  constructor(
    readonly taskId: string,
    readonly progress: number,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export interface FlowRunOptions {
  clock: Clock;
  /** Virtual time of a task in ms. */
  durationMs(id: string): number;
  /** What is really done in a task, by its id. Has to bear being done again. */
  actions: Readonly<Record<string, TaskAction>>;
  /** Told of every change; called with progress 0 first and 100 last. */
  onProgress(progress: number, description: string): void;
  signal: AbortSignal;
  /** Tasks take no time until this progress is reached: a run that goes on where another one ended. */
  resumeAtProgress?: number;
}

/** A signal for all tasks of a run, which listen on it at the same time; those of `outer` are few. */
function ownSignal(outer: AbortSignal, tasks: number): { signal: AbortSignal; release(): void } {
  const own = new AbortController();
  setMaxListeners(2 * tasks, own.signal);
  const abort = () => own.abort(outer.reason);
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort);
  return { signal: own.signal, release: () => outer.removeEventListener('abort', abort) };
}

/** Resolves when all tasks are done. Throws a TaskError when an action failed, the signal's reason when it was aborted. */
export async function runFlow(flow: Flow, options: FlowRunOptions): Promise<void> {
  const { clock, durationMs, actions, onProgress, resumeAtProgress = 0 } = options;
  const { signal, release } = ownSignal(options.signal, flow.tasks.length);
  const done = new Set<string>();
  const running = new Map<string, Promise<FlowTask>>();
  const runningIds = new Set<string>();
  const state = { done, running: runningIds };
  let failed: { task: FlowTask; cause: unknown } | undefined;

  const work = async (task: FlowTask): Promise<FlowTask> => {
    const isPast = progressOf(flow, state) < resumeAtProgress;
    try {
      await Promise.all([isPast ? undefined : clock.sleep(durationMs(task.id), signal), actions[task.id]?.(signal)]);
    } catch (cause) {
      failed ??= { task, cause };
    }
    return task;
  };

  for (;;) {
    if (!failed)
      for (const task of startable(flow, state)) {
        runningIds.add(task.id);
        running.set(task.id, work(task));
      }
    if (!running.size) break;
    if (!failed && progressOf(flow, state) >= resumeAtProgress)
      onProgress(progressOf(flow, state), describeFlow(flow, state));
    const finished = await Promise.race(running.values());
    running.delete(finished.id);
    runningIds.delete(finished.id);
    if (failed?.task !== finished) done.add(finished.id);
    if (signal.aborted) break;
  }
  release();
  signal.throwIfAborted();
  if (failed) throw new TaskError(failed.task.id, progressOf(flow, state), failed.cause);
  onProgress(100, describeFlow(flow, state));
}
