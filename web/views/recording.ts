// What a first session looks like: commands and what a garden answered, with the pace of the recording.

export interface RecordedLine {
  kind: 'command' | 'output';
  text: string;
  /** ms after the line before it. */
  afterMs: number;
}

const command = (text: string, afterMs: number): RecordedLine => ({ kind: 'command', text, afterMs });
const output = (text: string, afterMs = 0): RecordedLine => ({ kind: 'output', text, afterMs });

export const recording: readonly RecordedLine[] = [
  command('kubectl get seeds', 600),
  output('NAME    STATUS   LAST OPERATION               PROVIDER   REGION   AGE   VERSION    K8S VERSION', 250),
  output('local   Ready    Reconcile Succeeded (100%)   local      local    3m    v1.150.0   v1.36.1'),
  command('kubectl apply -f shoot.yaml', 1200),
  output('shoot.core.gardener.cloud/my-shoot created', 300),
  command('kubectl get shoots --watch', 1000),
  output('NAME       PROVIDER   REGION   K8S VERSION   HIBERNATION   LAST OPERATION            STATUS    AGE', 250),
  output('my-shoot   local      local    1.36.0        Awake         Create Processing (8%)    healthy   2s', 300),
  output('my-shoot   local      local    1.36.0        Awake         Create Processing (41%)   healthy   9s', 1100),
  output('my-shoot   local      local    1.36.0        Awake         Create Processing (87%)   healthy   24s', 1100),
  output('my-shoot   local      local    1.36.0        Awake         Create Succeeded (100%)   healthy   31s', 1100),
];

/** How many lines are shown `elapsedMs` into the recording. */
export function linesShown(lines: readonly RecordedLine[], elapsedMs: number): number {
  let dueMs = 0;
  for (const [index, line] of lines.entries()) {
    dueMs += line.afterMs;
    if (dueMs > elapsedMs) return index;
  }
  return lines.length;
}
