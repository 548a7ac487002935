// The task graphs and task times as data: manifests/garden/flows.json and durations.json, checked when they are read.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

const scenarioName = z.enum(['create', 'createWorkerless', 'hibernate', 'wakeUp', 'delete', 'deleteWorkerless']);

const task = z.object({
  name: z.string().min(1),
  deps: z.array(z.string()),
  activeIn: z.array(scenarioName).min(1),
  nameInHibernate: z.string().optional(),
});

const flowDocument = z
  .object({
    flows: z.record(
      z.string(),
      z.object({ activeCount: z.partialRecord(scenarioName, z.number().int()), tasks: z.array(task) }),
    ),
  })
  .refine(
    ({ flows }) =>
      Object.values(flows).every(({ tasks }) => {
        const names = new Set(tasks.map(({ name }) => name));
        return tasks.every(({ deps }) => deps.every((dep) => names.has(dep)));
      }),
    { message: 'a task waits for one that is not in its flow' },
  );

const durationDocument = z.object({
  defaultMs: z.number().nonnegative(),
  rules: z.array(
    z.object({ pattern: z.string(), scenarios: z.array(z.string()).optional(), durationMs: z.number().nonnegative() }),
  ),
});

export type ScenarioName = z.infer<typeof scenarioName>;
export type FlowDocument = z.infer<typeof flowDocument>;
export type TaskDocument = z.infer<typeof task>;

export interface FlowData {
  document: FlowDocument;
  /** Virtual time that a task takes in a scenario, in ms. */
  durationMs(taskName: string, scenario: string): number;
}

/** Task graphs and times from parsed JSON. Throws a ZodError when they are not what they should be. */
export function parseFlowData(flows: unknown, durations: unknown): FlowData {
  const document = flowDocument.parse(flows);
  const { defaultMs, rules } = durationDocument.parse(durations);
  const compiled = rules.map((rule) => ({ ...rule, pattern: new RegExp(rule.pattern) }));
  return {
    document,
    durationMs: (name, scenario) =>
      compiled.find(({ pattern, scenarios }) => pattern.test(name) && (scenarios?.includes(scenario) ?? true))
        ?.durationMs ?? defaultMs,
  };
}

/** Reads both files from `directory` (manifests/garden). */
export function loadFlowData(directory: string): FlowData {
  const read = (name: string): unknown => JSON.parse(readFileSync(path.join(directory, name), 'utf8'));
  return parseFlowData(read('flows.json'), read('durations.json'));
}
