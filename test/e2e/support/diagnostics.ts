// What one wants to see of the cluster when a test has failed: pods, events, logs of the gateway.
import type { Stage } from './stage.ts';

/** Prints it; never throws. */
export async function printDiagnostics({ kubectl }: Stage, namespaces: readonly string[]): Promise<void> {
  const show = async (args: string) => {
    const text = await kubectl(args, { timeoutMs: 20_000 }).catch((fault: Error) => fault.message);
    console.log(`--- kubectl ${args}\n${text.slice(-12_000)}`);
  };
  for (const namespace of namespaces) {
    await show(`-n ${namespace} get pods,services,leases -o wide`);
    await show(`-n ${namespace} get events --sort-by=.metadata.creationTimestamp`);
    const pods = await kubectl(`-n ${namespace} get pods -o name`).catch(() => '');
    for (const pod of pods.split('\n').filter(Boolean).slice(0, 6))
      await show(`-n ${namespace} logs ${pod} --all-containers --tail=60`);
  }
}

/** For what must succeed before tests can run: mocha tells nobody else of its fault. */
export async function orDiagnose<T>(stage: Stage, namespaces: readonly string[], act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (fault) {
    await printDiagnostics(stage, namespaces);
    throw fault;
  }
}
