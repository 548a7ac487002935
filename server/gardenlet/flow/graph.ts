// A flow: the tasks that are active in one scenario, what each waits for, and the rules of progress and description.
import type { FlowDocument, ScenarioName, TaskDocument } from './document.ts';

/** What a run of gardenlet is for: the scenarios of flows.json and what follows from them. */
export type Scenario = ScenarioName | 'reconcile' | 'reconcileWorkerless' | 'hibernateWorkerless';

// A reconciliation of a cluster that runs has the tasks of its creation; they only take less time.
const sameTasks: Partial<Record<Scenario, ScenarioName>> = {
  reconcile: 'create',
  reconcileWorkerless: 'createWorkerless',
};

export const reconciliation = 'Shoot cluster reconciliation';
export const deletion = 'Shoot cluster deletion';

export interface FlowTask {
  /** As it is called in this scenario. */
  name: string;
  /** Its name in the data, by which actions and times are found. */
  id: string;
  /** Ids of the active tasks that must be done before. */
  deps: readonly string[];
}

export interface Flow {
  name: string;
  tasks: readonly FlowTask[];
}

export interface FlowState {
  done: ReadonlySet<string>;
  running: ReadonlySet<string>;
}

// Of the tasks that only hibernation has, those that a cluster without machines does not need.
const needsMachines = /autoscaler|machine-controller-manager|ingress domain/;

function isActive(task: TaskDocument, scenario: Scenario): boolean {
  if (scenario !== 'hibernateWorkerless')
    return task.activeIn.includes(sameTasks[scenario] ?? (scenario as ScenarioName));
  if (!task.activeIn.includes('hibernate')) return false;
  return task.activeIn.includes('createWorkerless') || (task.activeIn.length === 1 && !needsMachines.test(task.name));
}

/**
 * The flow of `scenario`. A task that is skipped hands on what it waits for, as in gardener's pkg/utils/flow, where skipped tasks
 * keep their place in the graph. Throws when the graph has a circle or no task for the scenario.
 */
export function createFlow(document: FlowDocument, scenario: Scenario): Flow {
  const name = scenario.startsWith('delete') ? deletion : reconciliation;
  const all = new Map((document.flows[name]?.tasks ?? []).map((task) => [task.name, task]));
  const isHibernation = scenario.startsWith('hibernate');
  const resolved = new Map<string, readonly string[]>();
  const resolve = (id: string, path: readonly string[]): readonly string[] => {
    const known = resolved.get(id);
    if (known) return known;
    if (path.includes(id)) throw new Error(`flow "${name}" has a circle: ${[...path, id].join(' → ')}`);
    const deps = new Set<string>();
    for (const dep of all.get(id)?.deps ?? []) {
      const before = resolve(dep, [...path, id]);
      if (isActive(all.get(dep)!, scenario)) deps.add(dep);
      else for (const one of before) deps.add(one);
    }
    const result = [...deps];
    resolved.set(id, result);
    return result;
  };
  const tasks = [...all.values()]
    .filter((task) => isActive(task, scenario))
    .map((task) => ({
      id: task.name,
      name: (isHibernation && task.nameInHibernate) || task.name,
      deps: resolve(task.name, []),
    }));
  if (!tasks.length) throw new Error(`flow "${name}" has no task for scenario ${scenario}`);
  return { name, tasks };
}

/** The tasks that can start now, in the order of the data. */
export const startable = (flow: Flow, { done, running }: FlowState): FlowTask[] =>
  flow.tasks.filter(({ id, deps }) => !done.has(id) && !running.has(id) && deps.every((dep) => done.has(dep)));

export const progressOf = (flow: Flow, { done }: FlowState): number =>
  Math.floor((100 * done.size) / flow.tasks.length);

/** The description of lastOperation. Models gardener's pkg/utils/flow (statistics) and pkg/gardenlet/operation (progress reporter). */
export function describeFlow(flow: Flow, state: FlowState): string {
  const progress = progressOf(flow, state);
  if (progress === 0) return `Starting ${flow.name}`;
  if (progress === 100) return `${flow.name} finished`;
  return flow.tasks
    .filter(({ id }) => state.running.has(id))
    .map((task) => task.name)
    .sort()
    .join(', ');
}

export interface TimelineEntry {
  atMs: number;
  progress: number;
  description: string;
}

/** How a run would look if no action took longer than its task: every change of progress, for resuming and for tests. */
export function timelineOf(flow: Flow, durationMs: (id: string) => number): TimelineEntry[] {
  const done = new Set<string>();
  const running = new Set<string>();
  const ends = new Map<string, number>();
  const entries: TimelineEntry[] = [];
  for (let atMs = 0; ;) {
    for (const task of startable(flow, { done, running })) {
      running.add(task.id);
      ends.set(task.id, atMs + durationMs(task.id));
    }
    const state = { done, running };
    entries.push({ atMs, progress: progressOf(flow, state), description: describeFlow(flow, state) });
    if (!running.size) return entries;
    const nextMs = Math.min(...[...running].map((id) => ends.get(id)!));
    for (const id of [...running]) {
      if (ends.get(id)! > nextMs) continue;
      running.delete(id);
      done.add(id);
    }
    atMs = nextMs;
  }
}
