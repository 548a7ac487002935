// What a first session looks like: commands and what a garden answered, with the pace of a recording.

export interface RecordedLine {
  kind: 'command' | 'output';
  text: string;
  /** ms after the line before it. */
  afterMs: number;
}

const command = (text: string, afterMs: number): RecordedLine => ({ kind: 'command', text, afterMs });
const output = (text: string, afterMs = 0): RecordedLine => ({ kind: 'output', text, afterMs });

/** Recorded in the lite garden; the watch is shortened to one line in ten, and runs four times as fast. */
export const recording: readonly RecordedLine[] = [
  command('kubectl get seeds', 600),
  output('NAME    STATUS   LAST OPERATION               PROVIDER   REGION   AGE   VERSION    K8S VERSION', 250),
  output('local   Ready    Reconcile Succeeded (100%)   local      local    14s   v1.150.0   v1.36.1'),
  command('kubectl apply -f shoot.yaml', 1200),
  output('shoot.core.gardener.cloud/local created', 300),
  command('kubectl get shoots --watch', 1000),
  output('NAME    CLOUDPROFILE   PROVIDER   REGION   K8S VERSION   HIBERNATION   LAST OPERATION   STATUS    AGE', 250),
  output(
    'local   local          local      local    1.36.0        Awake         Create Processing (12%)   healthy   1s',
    250,
  ),
  output(
    'local   local          local      local    1.36.0        Awake         Create Processing (26%)   healthy   11s',
    2500,
  ),
  output(
    'local   local          local      local    1.36.0        Awake         Create Processing (49%)   healthy   14s',
    700,
  ),
  output(
    'local   local          local      local    1.36.0        Awake         Create Processing (71%)   healthy   16s',
    450,
  ),
  output(
    'local   local          local      local    1.36.0        Awake         Create Processing (87%)   healthy   25s',
    2200,
  ),
  output(
    'local   local          local      local    1.36.0        Awake         Create Succeeded (100%)   healthy   32s',
    1800,
  ),
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
