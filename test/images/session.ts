// A session pod as two containers of an engine: they share their network and the directory of the kubeconfig, as in pod.yaml.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAgentKey } from '../support/agent-key.ts';
import { eventually } from '../support/eventually.ts';
import { TerminalClient } from '../support/terminal-client.ts';
import { isAnswering, type Container, type Engine, type ImageName } from './engine.ts';

const podUid = 'uid-of-the-pod';
const agentPort = 8022;

export interface Session {
  readonly terminal: Container;
  attach(id: string): Promise<TerminalClient>;
  dispose(): Promise<void>;
}

const envOf = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

/** Resolves when the agent says that the garden answers. */
export async function startSession(engine: Engine): Promise<Session> {
  const gardenDir = await mkdtemp(path.join(tmpdir(), 'playground-images-'));
  // The user of the containers is another one than ours.
  await chmod(gardenDir, 0o777);
  const key = createAgentKey(podUid);
  const started: Container[] = [];
  const clients: TerminalClient[] = [];
  const start = (name: ImageName, options: readonly string[], env: Record<string, string>) => {
    const common = ['--volume', `${gardenDir}:/run/garden:z`, '--tmpfs', '/tmp:mode=1777'];
    const container = engine.start(name, [...common, ...options, ...envOf(env)]);
    started.push(container);
    return container;
  };
  const dispose = async () => {
    for (const client of clients) client.socket.terminate();
    for (const container of started.reverse()) container.dispose();
    await rm(gardenDir, { recursive: true, force: true });
  };
  const kubeconfig = '/run/garden/kubeconfig';
  const home = '/home/visitor';
  try {
    const terminal = start('terminal', ['--volume', home, '--publish', `127.0.0.1::${agentPort}`], {
      ...{ POD_UID: podUid, POD_IP: '0.0.0.0', AGENT_PUBLIC_KEYS: JSON.stringify(key.publicKeys) },
      ...{ HOME: home, KUBECONFIG: kubeconfig },
    });
    const sharedNetwork = ['--network', `container:${terminal.id}`];
    start('garden-lite', sharedNetwork, { POD_IP: '127.0.0.1', GARDEN_KUBECONFIG: kubeconfig });
    const authority = `127.0.0.1:${terminal.portOf(agentPort)}`;
    await eventually('the agent and the garden are ready', () => isAnswering(`http://${authority}/readyz`), 30_000);
    return { terminal, dispose, attach };

    async function attach(id: string) {
      const url = `ws://${authority}/terminals/${id}`;
      const client = await TerminalClient.attach({ url, token: await key.token() }, { columns: 120, rows: 40 });
      clients.push(client);
      return client;
    }
  } catch (fault) {
    const said = started.map((container) => container.logs()).join('');
    await dispose();
    throw new Error(`${String(fault)}\n${said}`);
  }
}
